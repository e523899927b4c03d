"""A candle's shape in units of the average true range, so that symbols and times compare."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def geometry(  # noqa: PLR0917 - columns come by position
    open_: Array, high: Array, low: Array, close: Array, atr: Array, first_row: int
) -> Array:
    """Return body (unsigned), upper wick, lower wick and range as multiples of the bar's ATR."""
    result = np.full((4, close.size - first_row), np.nan)
    for row in range(first_row, close.size):
        unit = atr[row]
        if unit > 0.0:
            place = row - first_row
            result[0, place] = abs(close[row] - open_[row]) / unit
            result[1, place] = (high[row] - max(open_[row], close[row])) / unit
            result[2, place] = (min(open_[row], close[row]) - low[row]) / unit
            result[3, place] = (high[row] - low[row]) / unit
    return result

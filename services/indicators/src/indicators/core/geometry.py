"""A candle's shape in units of the average true range, so that symbols and times compare."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def geometry(open_: Array, high: Array, low: Array, close: Array, atr: Array) -> Array:
    """Return body (unsigned), upper wick, lower wick and range as multiples of the bar's ATR."""
    result = np.full((4, close.size), np.nan)
    for row in range(close.size):
        unit = atr[row]
        if unit > 0.0:
            result[0, row] = abs(close[row] - open_[row]) / unit
            result[1, row] = (high[row] - max(open_[row], close[row])) / unit
            result[2, row] = (min(open_[row], close[row]) - low[row]) / unit
            result[3, row] = (high[row] - low[row]) / unit
    return result

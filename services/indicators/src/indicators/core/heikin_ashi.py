"""Heikin Ashi candles: averaged candles that show a trend as a run of one colour."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def heikin_ashi(open_: Array, high: Array, low: Array, close: Array) -> Array:
    """Return open, high, low, close and the streak: how many candles in a row share the colour.

    The streak is positive for rising candles, negative for falling ones, 0 without a colour.
    """
    result = np.empty((5, close.size))
    streak = 0.0
    for row in range(close.size):
        average = (open_[row] + high[row] + low[row] + close[row]) / 4.0
        if row:
            opening = (result[0, row - 1] + result[3, row - 1]) / 2.0
        else:
            opening = (open_[0] + close[0]) / 2.0
        colour = np.sign(average - opening)
        streak = streak + colour if streak * colour > 0.0 else colour
        result[0, row] = opening
        result[1, row] = max(high[row], opening, average)
        result[2, row] = min(low[row], opening, average)
        result[3, row] = average
        result[4, row] = streak
    return result

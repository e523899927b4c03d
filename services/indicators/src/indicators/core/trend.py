"""Which way and how strongly price trends: Supertrend, ADX and the directional indices."""

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.smoothing import rma


@compiled
def supertrend(  # noqa: PLR0917 - columns come by position
    high: Array, low: Array, close: Array, true_range: Array, length: int, factor: float
) -> Array:
    """Return the active band and the direction: +1 price is above it, −1 below.

    The lower band only rises and the upper only falls, unless the previous close was beyond it;
    the first direction is down. Null until the average true range is positive: without one the
    bands have no width and price is on neither side.
    """
    result = np.full((2, close.size), np.nan)
    reach = rma(true_range, length)[0]
    direction = 0.0
    upper = np.nan
    lower = np.nan
    for row in range(close.size):
        if not reach[row] > 0.0:
            continue
        middle = (high[row] + low[row]) / 2.0
        above = middle + factor * reach[row]
        below = middle - factor * reach[row]
        if direction == 0.0:
            direction, upper, lower = -1.0, above, below
        else:
            if above < upper or close[row - 1] > upper:
                upper = above
            if below > lower or close[row - 1] < lower:
                lower = below
            if direction < 0.0 and close[row] > upper:
                direction = 1.0
            elif direction > 0.0 and close[row] < lower:
                direction = -1.0
        result[0, row] = lower if direction > 0.0 else upper
        result[1, row] = direction
    return result


@compiled
def directional_movement(
    high: Array, low: Array, true_range: Array, length: int, smoothing: int
) -> Array:
    """Return ADX, +DI and −DI; null before any range, and ADX is 0 while neither side moves.

    As TradingView does it, the averages start at the second bar: the first has no movement.
    """
    rows = high.size
    rises = np.full(rows, np.nan)
    falls = np.full(rows, np.nan)
    ranges = np.full(rows, np.nan)
    for row in range(1, rows):
        rise = high[row] - high[row - 1]
        fall = low[row - 1] - low[row]
        rises[row] = rise if rise > fall and rise > 0.0 else 0.0
        falls[row] = fall if fall > rise and fall > 0.0 else 0.0
        ranges[row] = true_range[row]
    plus = rma(rises, length)[0]
    minus = rma(falls, length)[0]
    average_range = rma(ranges, length)[0]
    result = np.full((3, rows), np.nan)
    strength = np.full(rows, np.nan)
    for row in range(length, rows):
        if average_range[row] > 0.0:
            result[1, row] = 100.0 * plus[row] / average_range[row]
            result[2, row] = 100.0 * minus[row] / average_range[row]
            both = plus[row] + minus[row]
            strength[row] = 100.0 * abs(plus[row] - minus[row]) / both if both > 0.0 else 0.0
    adx = rma(strength, smoothing)[0]
    for row in range(rows):
        result[0, row] = adx[row]
    return result

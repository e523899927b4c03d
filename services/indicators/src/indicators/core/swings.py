"""Swing highs and lows: turning points, known only once their right side has closed."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def swings(high: Array, low: Array, side: int) -> Array:
    """Return swing high and low, then last and prior swing high, last and prior swing low.

    A swing high is higher than the `side` bars before it and not lower than the `side` bars after
    it: of equal highs the earliest counts. Its price stands on the row that confirms it, `side`
    bars later; last and prior are carried forward from there.
    """
    result = np.full((6, high.size), np.nan)
    last_high = prior_high = last_low = prior_low = np.nan
    for row in range(2 * side, high.size):
        turn = row - side
        if _is_peak(high, turn, side, 1.0):
            last_high, prior_high = high[turn], last_high
            result[0, row] = high[turn]
        if _is_peak(low, turn, side, -1.0):
            last_low, prior_low = low[turn], last_low
            result[1, row] = low[turn]
        result[2, row] = last_high
        result[3, row] = prior_high
        result[4, row] = last_low
        result[5, row] = prior_low
    return result


@compiled
def _is_peak(prices: Array, turn: int, side: int, sign: float) -> bool:
    peak = sign * prices[turn]
    for lag in range(1, side + 1):
        if not (peak > sign * prices[turn - lag] and peak >= sign * prices[turn + lag]):
            return False
    return True

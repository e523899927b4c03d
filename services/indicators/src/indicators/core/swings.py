"""Swing highs and lows: turning points, known only once their right side has closed."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def swings(high: Array, low: Array, side: int, first_row: int) -> Array:
    """Return swing high and low, then last and prior swing high, last and prior swing low.

    A swing high is higher than the `side` bars before it and not lower than the `side` bars after
    it: of equal highs the earliest counts. Its price stands on the row that confirms it, `side`
    bars later; last and prior are carried forward from there.
    """
    result = np.full((6, high.size - first_row), np.nan)
    last_high, prior_high = _newest_two(high, side, first_row, 1.0)
    last_low, prior_low = _newest_two(low, side, first_row, -1.0)
    for row in range(first_row, high.size):
        turn = row - side
        place = row - first_row
        if _is_peak(high, turn, side, 1.0):
            last_high, prior_high = high[turn], last_high
            result[0, place] = high[turn]
        if _is_peak(low, turn, side, -1.0):
            last_low, prior_low = low[turn], last_low
            result[1, place] = low[turn]
        result[2, place] = last_high
        result[3, place] = prior_high
        result[4, place] = last_low
        result[5, place] = prior_low
    return result


@compiled
def _newest_two(prices: Array, side: int, first_row: int, sign: float) -> tuple[float, float]:
    # looking back from the first row wanted ends after a few bars; looking forward never does
    last = np.nan
    for turn in range(first_row - 1 - side, side - 1, -1):
        if _is_peak(prices, turn, side, sign):
            if not np.isnan(last):
                return last, prices[turn]
            last = prices[turn]
    return last, np.nan


@compiled
def _is_peak(prices: Array, turn: int, side: int, sign: float) -> bool:
    if turn < side:
        return False
    peak = sign * prices[turn]
    for lag in range(1, side + 1):
        if not (peak > sign * prices[turn - lag] and peak >= sign * prices[turn + lag]):
            return False
    return True

"""How far price moves: true range, average true range, Bollinger bands."""

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.smoothing import rma


@compiled
def true_range(high: Array, low: Array, close: Array) -> Array:
    """Return the range including the gap from the previous close; on the first bar high − low."""
    result = np.empty((1, close.size))
    if close.size:
        result[0, 0] = high[0] - low[0]
    for row in range(1, close.size):
        before = close[row - 1]
        result[0, row] = max(high[row] - low[row], abs(high[row] - before), abs(low[row] - before))
    return result


@compiled
def average_true_range(true_range: Array, close: Array, length: int) -> Array:
    """Return Wilder's average of the true range, in price and in per cent of the close."""
    result = np.empty((2, close.size))
    result[0] = rma(true_range, length)[0]
    result[1] = 100.0 * result[0] / close
    return result


@compiled
def bollinger(close: Array, length: int, deviations: float) -> Array:
    """Return upper, middle, lower and width: bands by the population's standard deviation.

    The width is (upper − lower) / middle, a ratio. Each window is summed as distances from its own
    newest close: flat prices have a width of exactly 0, and a price of 1e-8 loses no digits.
    """
    rows = close.size
    result = np.full((4, rows), np.nan)
    if rows < length:
        return result
    newest = close[length - 1 :]
    distance = np.zeros(newest.size)
    square = np.zeros(newest.size)
    for lag in range(1, length):
        older = close[length - 1 - lag : rows - lag]
        for row in range(newest.size):
            step = older[row] - newest[row]
            distance[row] += step
            square[row] += step * step
    for row in range(newest.size):
        shift = distance[row] / length
        variance = max(square[row] / length - shift * shift, 0.0)
        middle = newest[row] + shift
        reach = deviations * np.sqrt(variance)
        column = row + length - 1
        result[0, column] = middle + reach
        result[1, column] = middle
        result[2, column] = middle - reach
        result[3, column] = 2.0 * reach / middle
    return result

"""How far price moves: true range, average true range, Bollinger bands."""

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.percentile import percentile
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
    result = np.full((2, close.size), np.nan)
    average = rma(true_range, length)[0]
    for row in range(close.size):
        result[0, row] = average[row]
        if close[row] > 0.0:
            result[1, row] = 100.0 * average[row] / close[row]
    return result


@compiled
def bollinger(  # noqa: PLR0917 - columns come by position
    close: Array, length: int, deviations: float, compared: int, least: int, first_row: int
) -> Array:
    """Return upper, middle, lower, width and the width's percentile among `compared` bars before.

    Bands by the population's standard deviation; the width is (upper − lower) / middle, a ratio.
    Each window is summed as distances from its own newest close: flat prices have a width of
    exactly 0, and a price of 1e-8 loses no digits.
    """
    start = max(first_row - compared, length - 1)  # rows before the first one wanted feed the rank
    rows = max(close.size - start, 0)
    widths = np.full(close.size - first_row + compared, np.nan)
    result = np.full((5, close.size - first_row), np.nan)
    distance = np.zeros(rows)
    square = np.zeros(rows)
    newest = close[start:]
    for lag in range(1, length):
        older = close[start - lag : close.size - lag]
        for row in range(rows):
            step = older[row] - newest[row]
            distance[row] += step
            square[row] += step * step
    for row in range(rows):
        shift = distance[row] / length
        middle = newest[row] + shift
        reach = deviations * np.sqrt(max(square[row] / length - shift * shift, 0.0))
        width = 2.0 * reach / middle if middle > 0.0 else np.nan
        widths[widths.size - rows + row] = width
        place = start + row - first_row
        if place >= 0:
            result[0, place] = middle + reach
            result[1, place] = middle
            result[2, place] = middle - reach
            result[3, place] = width
    shares = percentile(widths, compared, least, compared)[0]
    for place in range(shares.size):
        result[4, place] = shares[place]
    return result

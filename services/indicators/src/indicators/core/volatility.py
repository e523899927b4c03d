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
    result[0] = rma(true_range, length)[0]
    for row in range(close.size):
        if close[row] > 0.0:
            result[1, row] = 100.0 * result[0, row] / close[row]
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
    bands = np.full((4, max(close.size - first_row, 0) + compared), np.nan)
    offset = bands.shape[1] - rows
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
        bands[0, offset + row] = middle + reach
        bands[1, offset + row] = middle
        bands[2, offset + row] = middle - reach
        if middle > 0.0:
            bands[3, offset + row] = 2.0 * reach / middle
    result = np.empty((5, close.size - first_row))
    result[:4] = bands[:, compared:]
    result[4] = percentile(bands[3], compared, least, compared)[0]
    return result

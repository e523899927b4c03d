"""Moving averages with TradingView's seeds: the first value is the mean of the first n values.

Leading nulls are skipped (the seed starts at the first value); a null later on spoils what follows.
"""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def sma(values: Array, length: int) -> Array:
    """Return the mean of the last `length` values.

    Each window is summed on its own: no rounding error of a huge value outlives it.
    """
    result = np.full((1, values.size), np.nan)
    if values.size >= length:
        means = result[0, length - 1 :]
        for row in range(means.size):
            total = 0.0
            for place in range(row, row + length):
                total += values[place]
            means[row] = total / length
    return result


@compiled
def ema(values: Array, length: int) -> Array:
    """Return the exponential average with a weight of 2/(n + 1) for the newest value."""
    return smoothed(values, length, 2.0 / (length + 1.0))


@compiled
def emas(values: Array, *lengths: int) -> Array:
    """Return one exponential average per length, as `ema` does.

    Side by side they cost half: each average waits for its own last value only.
    """
    result = np.full((len(lengths), values.size), np.nan)
    first = 0
    while first < values.size and np.isnan(values[first]):
        first += 1
    weights = np.empty(len(lengths))
    for place in range(len(lengths)):
        weights[place] = 2.0 / (lengths[place] + 1.0)
        seed = first + lengths[place] - 1
        if seed < values.size:
            total = 0.0
            for row in range(first, seed + 1):
                total += values[row]
            result[place, seed] = total / lengths[place]
    for row in range(first + 1, values.size):
        for place in range(len(lengths)):
            if row >= first + lengths[place]:
                before = result[place, row - 1]
                result[place, row] = weights[place] * values[row] + (1.0 - weights[place]) * before
    return result


@compiled
def rma(values: Array, length: int) -> Array:
    """Return Wilder's average: a weight of 1/n for the newest value."""
    return smoothed(values, length, 1.0 / length)


@compiled
def smoothed(values: Array, length: int, weight: float) -> Array:
    """Return the recursive average seeded with the mean of the first `length` values."""
    result = np.full((1, values.size), np.nan)
    first = 0
    while first < values.size and np.isnan(values[first]):
        first += 1
    start = first + length - 1
    if start >= values.size:
        return result
    total = 0.0
    for row in range(first, start + 1):
        total += values[row]
    average = total / length
    result[0, start] = average
    for row in range(start + 1, values.size):
        average = weight * values[row] + (1.0 - weight) * average
        result[0, row] = average
    return result

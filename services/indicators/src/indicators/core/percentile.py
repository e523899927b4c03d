"""Where a value stands among the bars before it."""

import numpy as np

from indicators.core.compiled import Array, compiled

_EQUAL = 1e-9
"""Values this close, relative to each other, differ by rounding alone: neither is below."""


@compiled
def percentile(values: Array, length: int, least: int, first_row: int) -> Array:
    """Return the share (0–100) of the `length` previous values that lie below each value.

    Nulls among them do not count; null where fewer than `least` are left. Only rows from
    `first_row` on are computed and returned.
    """
    result = np.full((1, values.size - first_row), np.nan)
    known = 0
    for value in values[max(first_row - length, 0) : first_row]:
        known += not np.isnan(value)
    for row in range(first_row, values.size):
        value = values[row]
        if known >= least and not np.isnan(value):
            limit = value * (1.0 - _EQUAL)
            below = _count_below(values[max(row - length, 0) : row], limit)
            result[0, row - first_row] = 100.0 * below / known
        known += not np.isnan(value)
        if row >= length:
            known -= not np.isnan(values[row - length])
    return result


@compiled
def _count_below(values: Array, limit: float) -> int:
    count = 0
    for row in range(values.size):  # by index: iterating is not vectorised
        count += values[row] < limit
    return count

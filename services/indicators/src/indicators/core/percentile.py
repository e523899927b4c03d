"""Where a value stands among the bars before it."""

import numpy as np

from indicators.core.compiled import Array, compiled


@compiled
def percentile(values: Array, length: int, least: int, first_row: int) -> Array:
    """Return the share (0–100) of the `length` previous values that lie below each value.

    Nulls among them do not count; null where fewer than `least` are left. Only rows from
    `first_row` on are computed and returned.
    """
    rows = values.size - first_row
    result = np.full((1, rows), np.nan)
    for row in range(rows):
        here = first_row + row
        value = values[here]
        below = 0
        known = 0
        for other in range(max(here - length, 0), here):
            below += values[other] < value
            known += values[other] == values[other]  # noqa: PLR0124 - false for NaN only
        if known >= least and value == value:  # noqa: PLR0124 - false for NaN only
            result[0, row] = 100.0 * below / known
    return result

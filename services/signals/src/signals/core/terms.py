"""Arithmetic in which a missing value stays missing: terms are left out, weights renormalised."""

from collections.abc import Iterable
from math import isfinite


def clip(value: float, low: float = -1.0, high: float = 1.0) -> float:
    """Hold `value` between `low` and `high`."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def difference(value: float | None, other: float | None) -> float | None:
    """Subtract, unless one of them is missing or the result is not a number."""
    if value is None or other is None:
        return None
    result = value - other
    return result if isfinite(result) else None


def ratio(value: float | None, unit: float | None) -> float | None:
    """Divide by a positive unit; nothing can be measured in a unit of zero."""
    if value is None or unit is None or unit <= 0.0:
        return None
    result = value / unit
    return result if isfinite(result) else None


def clipped_ratio(value: float | None, unit: float | None) -> float | None:
    """Divide by a positive unit and hold the result between −1 and 1."""
    result = ratio(value, unit)
    return None if result is None else clip(result)


def weighted_mean(terms: Iterable[tuple[float, float | None]]) -> float | None:
    """Return the mean of (weight, value) pairs over the values that exist; None when none do."""
    total = weights = 0.0
    for weight, value in terms:
        if value is not None:
            total += weight * value
            weights += weight
    return total / weights if weights > 0.0 else None


def sign(value: float | None) -> int | None:
    """Return −1, 0 or 1; None for a missing value."""
    return None if value is None else (value > 0) - (value < 0)

"""Patterns of one candle. Ratios are of the candle's range, sizes in ATR of the bar before."""

import numpy as np

from indicators.core.compiled import compiled
from indicators.core.patterns.bars import Bar, falling_into, strength

_DOJI_BODY = 0.05
_MARUBOZU_BODY = 0.95
_LEAST_RANGE = 0.5
"""A candle smaller than this, in ATR, says nothing about indecision or refusal."""


@compiled
def hammer(bar: Bar) -> float:
    """Grade a hammer (mirrored: a shooting star): lower prices were tried and refused.

    After a fall; range ≥ 0.5 ATR, body > 0.05 (else it is a doji), lower wick ≥ 0.6 and ≥ 2 bodies,
    upper wick ≤ 0.15. Clearest at a wick of 0.9, largest at 2 ATR.
    """
    context = falling_into(bar, bar)
    if context != 1.0:
        return context
    return _pin(bar, bar.lower, bar.upper)


@compiled
def inverted_hammer(bar: Bar) -> float:
    """Grade an inverted hammer (mirrored: a hanging man): the first answer to a fall.

    After a fall; the hammer's shape upside down, with the same thresholds.
    """
    context = falling_into(bar, bar)
    if context != 1.0:
        return context
    return _pin(bar, bar.upper, bar.lower)


@compiled
def dragonfly(bar: Bar) -> float:
    """Grade a dragonfly doji (mirrored: a gravestone doji): all that was lost was won back.

    After a fall; range ≥ 0.5 ATR, body ≤ 0.05, upper wick ≤ 0.1. Clearest without an upper wick,
    largest at 2 ATR.
    """
    context = falling_into(bar, bar)
    if context != 1.0:
        return context
    if not _is_doji(bar) or bar.upper > 0.1 * bar.range:
        return 0.0
    return strength(1.0 - bar.upper / bar.range / 0.1, _grade_size(bar))


@compiled
def doji(bar: Bar) -> float:
    """Grade a doji of any kind, in any trend: range ≥ 0.5 ATR, body ≤ 0.05.

    Clearest without a body, largest at 2 ATR.
    """
    if np.isnan(bar.unit):
        return np.nan
    if not _is_doji(bar):
        return 0.0
    return strength(1.0 - bar.size / bar.range / _DOJI_BODY, _grade_size(bar))


@compiled
def spinning_top(bar: Bar) -> float:
    """Grade a spinning top, in any trend: range ≥ 0.5 ATR, body > 0.05 and ≤ 0.3, wicks ≥ 0.25.

    Clearest with equal wicks, largest at 2 ATR.
    """
    if np.isnan(bar.unit):
        return np.nan
    whole = bar.range
    small = _DOJI_BODY * whole < bar.size <= 0.3 * whole
    wick = min(bar.upper, bar.lower)
    if not small or whole < _LEAST_RANGE * bar.unit or wick < 0.25 * whole:
        return 0.0
    return strength(wick / max(bar.upper, bar.lower), _grade_size(bar))


@compiled
def marubozu(bar: Bar) -> float:
    """Grade a rising (mirrored: falling) marubozu, in any trend and of any size: body ≥ 0.95.

    Clearest without wicks, largest at 2 ATR.
    """
    if np.isnan(bar.unit):
        return np.nan
    if bar.body <= 0.0 or bar.size / bar.range < _MARUBOZU_BODY:
        return 0.0
    return strength(
        (bar.size / bar.range - _MARUBOZU_BODY) / (1.0 - _MARUBOZU_BODY), _grade_size(bar)
    )


@compiled
def _pin(bar: Bar, long_wick: float, short_wick: float) -> float:
    whole = bar.range
    body = bar.size
    if (
        whole < _LEAST_RANGE * bar.unit
        or body <= _DOJI_BODY * whole
        or long_wick < 0.6 * whole
        or long_wick < 2.0 * body
        or short_wick > 0.15 * whole
    ):
        return 0.0
    return strength((long_wick / whole - 0.6) / 0.3, _grade_size(bar))


@compiled
def _is_doji(bar: Bar) -> bool:
    whole = bar.range
    return whole > 0.0 and whole >= _LEAST_RANGE * bar.unit and bar.size <= _DOJI_BODY * whole


@compiled
def _grade_size(bar: Bar) -> float:
    return (bar.range / bar.unit - _LEAST_RANGE) / 1.5

"""Patterns of three candles. Sizes are in ATR of the bar before the pattern."""

from indicators.core.compiled import compiled
from indicators.core.patterns.bars import NEAR, Bar, falling_into, strength


@compiled
def star(first: Bar, second: Bar, third: Bar) -> float:
    """Grade a morning star (mirrored: an evening star): a fall, a pause, and most of it won back.

    After a fall; a falling body ≥ 0.6 ATR, a second body of at most 0.3 of the first that stays
    below the first's middle, then a rising body of at least half the first that closes above the
    first's middle. Clearest when the whole first body is won back, largest at a first body of
    2 ATR.
    """
    context = falling_into(first, third)
    if context != 1.0:
        return context
    unit = first.unit
    middle = (first.open + first.close) / 2.0
    if (
        first.body >= 0.0
        or first.size < 0.6 * unit
        or second.size > 0.3 * first.size
        or max(second.open, second.close) > middle
        or third.body <= 0.0
        or third.size < 0.5 * first.size
        or third.close <= middle
    ):
        return 0.0
    return strength(2.0 * (third.close - middle) / first.size, (first.size / unit - 0.6) / 1.4)


@compiled
def soldiers(first: Bar, second: Bar, third: Bar) -> float:
    """Grade three white soldiers (mirrored: three black crows): three firm closes in a row.

    After a fall; three rising bodies ≥ 0.4 ATR, each closing above the one before, each opening
    inside the body before it (0.05 ATR of tolerance), upper wicks ≤ 0.3 of their range. Clearest
    without upper wicks, largest when the smallest body is 1.2 ATR.
    """
    context = falling_into(first, third)
    if context != 1.0:
        return context
    unit = first.unit
    if not (
        _is_firm(first, unit)
        and _is_firm(second, unit)
        and _is_firm(third, unit)
        and _goes_on(first, second, unit)
        and _goes_on(second, third, unit)
    ):
        return 0.0
    smallest = min(first.size, second.size, third.size)
    wick = max(first.upper / first.range, second.upper / second.range, third.upper / third.range)
    return strength(1.0 - wick / 0.3, (smallest / unit - 0.4) / 0.8)


@compiled
def _is_firm(bar: Bar, unit: float) -> bool:
    return bar.body > 0.0 and bar.size >= 0.4 * unit and bar.upper <= 0.3 * bar.range


@compiled
def _goes_on(before: Bar, bar: Bar, unit: float) -> bool:
    return (
        bar.close > before.close
        and bar.open >= before.open - NEAR * unit
        and bar.open <= before.close + NEAR * unit
    )

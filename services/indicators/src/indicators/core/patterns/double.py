"""Patterns of two candles. Sizes are in ATR of the bar before the pattern."""

from indicators.core.compiled import compiled
from indicators.core.patterns.bars import NEAR, Bar, falling_into, strength


@compiled
def engulfing(first: Bar, second: Bar) -> float:
    """Grade a bullish (mirrored: bearish) engulfing: the second body swallows the first.

    After a fall; a falling body ≥ 0.1 ATR, then a rising one ≥ 0.5 ATR and larger than the first,
    which opens at most 0.05 ATR above the first's close and closes above its open. Clearest at
    three times the first body, largest at 2 ATR.
    """
    context = falling_into(first, second)
    if context != 1.0:
        return context
    unit = first.unit
    if (
        first.body >= 0.0
        or first.size < 0.1 * unit
        or second.body <= 0.0
        or second.size < 0.5 * unit
        or second.size <= first.size
        or second.open > first.close + NEAR * unit
        or second.close <= first.open
    ):
        return 0.0
    return strength((second.size / first.size - 1.0) / 2.0, (second.size / unit - 0.5) / 1.5)


@compiled
def harami(first: Bar, second: Bar) -> float:
    """Grade a bullish (mirrored: bearish) harami: a fall stalls inside its last large body.

    After a fall; a falling body ≥ 0.7 ATR, then a rising one of at most half its size that stays
    inside it (0.05 ATR of tolerance at its lower end). Clearest when the second body is tiny,
    largest at a first body of 2 ATR.
    """
    context = falling_into(first, second)
    if context != 1.0:
        return context
    unit = first.unit
    if (
        first.body >= 0.0
        or first.size < 0.7 * unit
        or second.body <= 0.0
        or second.size > 0.5 * first.size
        or second.open < first.close - NEAR * unit
        or second.close > first.open
    ):
        return 0.0
    return strength(1.0 - 2.0 * second.size / first.size, (first.size / unit - 0.7) / 1.3)


@compiled
def piercing(first: Bar, second: Bar) -> float:
    """Grade a piercing line (mirrored: a dark cloud cover): more than half of a fall is won back.

    After a fall; a falling body ≥ 0.6 ATR, then a rising one that opens at most 0.05 ATR above the
    first's close and closes above the first body's middle, but not above its open (that would
    engulf it). Clearest when the whole body is won back, largest at a first body of 2 ATR.
    """
    context = falling_into(first, second)
    if context != 1.0:
        return context
    unit = first.unit
    won_back = second.close - first.close
    if (
        first.body >= 0.0
        or first.size < 0.6 * unit
        or second.body <= 0.0
        or second.open > first.close + NEAR * unit
        or won_back <= 0.5 * first.size
        or second.close > first.open
    ):
        return 0.0
    return strength(2.0 * won_back / first.size - 1.0, (first.size / unit - 0.6) / 1.4)


@compiled
def tweezer(first: Bar, second: Bar) -> float:
    """Grade a tweezer bottom (mirrored: a tweezer top): the same low holds twice.

    After a fall; a falling, then a rising candle, each with a range ≥ 0.6 ATR, lows within
    0.05 ATR of each other. Clearest at equal lows, largest when the smaller range is 2 ATR.
    """
    context = falling_into(first, second)
    if context != 1.0:
        return context
    unit = first.unit
    smaller = min(first.range, second.range)
    apart = abs(second.low - first.low)
    if first.body >= 0.0 or second.body <= 0.0 or smaller < 0.6 * unit or apart > NEAR * unit:
        return 0.0
    shape = 1.0 - apart / (NEAR * unit) if apart > 0.0 else 1.0
    return strength(shape, (smaller / unit - 0.6) / 1.4)

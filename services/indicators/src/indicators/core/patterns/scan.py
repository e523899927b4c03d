"""All patterns over the last rows, in one pass: a new one is a function, a line here, a name."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.patterns.bars import read_bars
from indicators.core.patterns.double import engulfing, harami, piercing, tweezer
from indicators.core.patterns.single import (
    doji,
    dragonfly,
    hammer,
    inverted_hammer,
    marubozu,
    spinning_top,
)
from indicators.core.patterns.triple import soldiers, star


class PatternKind(StrEnum):
    """Which way a pattern points, and so which signs its strength may have."""

    BULLISH = "bullish"
    """Strength 0 … 1."""
    BEARISH = "bearish"
    """Strength −1 … 0."""
    SIGNED = "signed"
    """Strength −1 … 1: one name for a bullish and a bearish form."""
    NEUTRAL = "neutral"
    """Strength 0 … 1, but no direction: it never moves a score."""


@dataclass(frozen=True)
class Pattern:
    """A candlestick pattern as it is offered to other stages."""

    name: str
    kind: PatternKind
    bars: int
    """Candles the pattern is made of."""
    reversal: bool
    """True when it needs a trend to reverse."""

    @property
    def column(self) -> str:
        """The name of its column in an indicator frame."""
        return f"pattern_{self.name}"


PATTERNS: Final = (
    Pattern("hammer", PatternKind.BULLISH, bars=1, reversal=True),
    Pattern("inverted_hammer", PatternKind.BULLISH, bars=1, reversal=True),
    Pattern("hanging_man", PatternKind.BEARISH, bars=1, reversal=True),
    Pattern("shooting_star", PatternKind.BEARISH, bars=1, reversal=True),
    Pattern("dragonfly_doji", PatternKind.BULLISH, bars=1, reversal=True),
    Pattern("gravestone_doji", PatternKind.BEARISH, bars=1, reversal=True),
    Pattern("doji", PatternKind.NEUTRAL, bars=1, reversal=False),
    Pattern("spinning_top", PatternKind.NEUTRAL, bars=1, reversal=False),
    Pattern("marubozu", PatternKind.SIGNED, bars=1, reversal=False),
    Pattern("engulfing", PatternKind.SIGNED, bars=2, reversal=True),
    Pattern("harami", PatternKind.SIGNED, bars=2, reversal=True),
    Pattern("piercing", PatternKind.BULLISH, bars=2, reversal=True),
    Pattern("dark_cloud", PatternKind.BEARISH, bars=2, reversal=True),
    Pattern("tweezer_bottom", PatternKind.BULLISH, bars=2, reversal=True),
    Pattern("tweezer_top", PatternKind.BEARISH, bars=2, reversal=True),
    Pattern("morning_star", PatternKind.BULLISH, bars=3, reversal=True),
    Pattern("evening_star", PatternKind.BEARISH, bars=3, reversal=True),
    Pattern("three_white_soldiers", PatternKind.BULLISH, bars=3, reversal=True),
    Pattern("three_black_crows", PatternKind.BEARISH, bars=3, reversal=True),
)
"""Every pattern, in the order `scan_patterns` computes them."""

_COUNT: Final = len(PATTERNS)


@compiled
def scan_patterns(  # noqa: PLR0917 - columns come by position
    open_: Array,
    high: Array,
    low: Array,
    close: Array,
    atr: Array,
    ema_21: Array,
    first_row: int,
) -> Array:
    """Return one row of signed strengths per pattern, for the candles from `first_row` on."""
    up = read_bars(open_, high, low, close, atr, ema_21, first_row, 1.0)
    down = read_bars(open_, high, low, close, atr, ema_21, first_row, -1.0)
    rows = close.size - first_row
    found = np.empty((_COUNT, rows))
    for row in range(rows):  # 0 − x, because −x of nothing would be a negative zero
        rise1, rise2, rise3 = up[row], up[row + 1], up[row + 2]
        fall1, fall2, fall3 = down[row], down[row + 1], down[row + 2]
        found[0, row] = hammer(rise3)
        found[1, row] = inverted_hammer(rise3)
        found[2, row] = 0.0 - inverted_hammer(fall3)  # hanging man
        found[3, row] = 0.0 - hammer(fall3)  # shooting star
        found[4, row] = dragonfly(rise3)
        found[5, row] = 0.0 - dragonfly(fall3)  # gravestone doji
        found[6, row] = doji(rise3)
        found[7, row] = spinning_top(rise3)
        found[8, row] = marubozu(rise3) - marubozu(fall3)
        found[9, row] = engulfing(rise2, rise3) - engulfing(fall2, fall3)
        found[10, row] = harami(rise2, rise3) - harami(fall2, fall3)
        found[11, row] = piercing(rise2, rise3)
        found[12, row] = 0.0 - piercing(fall2, fall3)  # dark cloud cover
        found[13, row] = tweezer(rise2, rise3)
        found[14, row] = 0.0 - tweezer(fall2, fall3)  # tweezer top
        found[15, row] = star(rise1, rise2, rise3)
        found[16, row] = 0.0 - star(fall1, fall2, fall3)  # evening star
        found[17, row] = soldiers(rise1, rise2, rise3)
        found[18, row] = 0.0 - soldiers(fall1, fall2, fall3)  # three black crows
    return found

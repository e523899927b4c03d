"""Candles as a pattern reads them, and the trend and the grading that patterns share."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from indicators.core.compiled import Array, compiled

NEAR = 0.05
"""Prices this close, in ATR, count as equal."""

_PRESENT = 0.4
"""Strength of a pattern that only just meets its thresholds."""
_FOR_SHAPE = 0.3
_FOR_SIZE = 0.3
_TREND_BARS = 5
EARLIER_BARS = 2
"""Bars before its last one that the longest pattern needs."""


class Bar(Protocol):
    """A candle as it is, or mirrored so that a bearish pattern reads as a bullish one."""

    open: float
    high: float
    low: float
    close: float
    body: float
    """Close − open: positive for a rising candle."""
    size: float
    """The body without its sign."""
    upper: float
    """The wick above the body."""
    lower: float
    """The wick below the body."""
    range: float
    """High − low."""
    unit: float
    """ATR of the bar before: what is large or small for a pattern that starts here."""
    side: float
    """Close − EMA 21."""
    slope: float
    """Change of EMA 21 over the five bars that end before this one."""


_BAR = np.dtype([(field, np.float64) for field in Bar.__annotations__])


@compiled
def read_bars(  # noqa: PLR0917 - columns come by position
    open_: Array,
    high: Array,
    low: Array,
    close: Array,
    atr: Array,
    ema_21: Array,
    first_row: int,
    sign: float,
) -> Sequence[Bar]:
    """Return the candles from `first_row` on and the two before; mirrored with a `sign` of −1.

    A candle before the first of all has no unit and no slope: nothing is known about it.
    """
    start = first_row - EARLIER_BARS
    bars = np.empty(close.size - start, _BAR)
    for row in range(bars.size):
        here = start + row
        bar = bars[row]
        if here < 0:
            bar.unit = bar.slope = np.nan
            continue
        bar.open = sign * open_[here]
        bar.high = sign * (high[here] if sign > 0.0 else low[here])
        bar.low = sign * (low[here] if sign > 0.0 else high[here])
        bar.close = sign * close[here]
        bar.body = bar.close - bar.open
        bar.size = abs(bar.body)
        bar.upper = bar.high - max(bar.open, bar.close)
        bar.lower = min(bar.open, bar.close) - bar.low
        bar.range = bar.high - bar.low
        bar.side = bar.close - sign * ema_21[here]
        bar.unit = atr[here - 1] if here > 0 else np.nan
        bar.slope = (
            sign * (ema_21[here - 1] - ema_21[here - 1 - _TREND_BARS])
            if here > _TREND_BARS
            else np.nan
        )
    return bars  # type: ignore[return-value]  # a record array: its items are Bars


@compiled
def falling_into(first: Bar, last: Bar) -> float:
    """Say whether a bullish reversal from bar `first` to bar `last` has a fall to reverse.

    1 when the last close is below EMA 21 and EMA 21 fell over the five bars before the first, 0
    when not, NaN when it cannot be known yet.
    """
    if np.isnan(first.unit) or np.isnan(first.slope):
        return np.nan
    return 1.0 if last.side < 0.0 and first.slope < 0.0 else 0.0


@compiled
def strength(shape: float, size: float) -> float:
    """Grade a pattern that is there, 0.4–1: how clear its shape is and how large it is, 0–1 each.

    Both are clipped; a size measured against an ATR of 0 is infinite and counts as 1.
    """
    return _PRESENT + _FOR_SHAPE * min(max(shape, 0.0), 1.0) + _FOR_SIZE * min(max(size, 0.0), 1.0)

"""One contract's closed candles as far back as an open plan may still need them."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from common.domain import Bar, Timeframe

FOLLOWED: Final = (Timeframe.M1, Timeframe.H1)
"""Finest first; longer candles say too little about which price came first."""

KEPT: Final = timedelta(hours=24)
"""Candles that outrun their plan's decision wait here for it."""


def closes_at(bar: Bar) -> datetime:
    """Return when a candle closed."""
    return bar.open_time + bar.timeframe.duration


class Tape:
    """Candles by open time and timeframe."""

    def __init__(self, bars: Iterable[Bar] = ()) -> None:
        self._bars: OrderedDict[tuple[datetime, Timeframe], Bar] = OrderedDict()
        self.newest: datetime | None = None
        """Close of the newest candle."""
        for bar in bars:
            self.add(bar)

    def add(self, bar: Bar) -> None:
        """Keep a candle; one too long to follow a plan by is left out."""
        if bar.timeframe in FOLLOWED:
            self._bars[bar.open_time, bar.timeframe] = bar
            self.newest = max(self.newest or closes_at(bar), closes_at(bar))

    def opening_at(self, instant: datetime) -> Bar | None:
        """Return the finest candle that opens at `instant`."""
        found = (self._bars.get((instant, timeframe)) for timeframe in FOLLOWED)
        return next((bar for bar in found if bar is not None), None)

    def closing_at(self, instant: datetime) -> Bar | None:
        """Return the finest candle that closed at `instant`."""
        found = (
            self._bars.get((instant - timeframe.duration, timeframe)) for timeframe in FOLLOWED
        )
        return next((bar for bar in found if bar is not None), None)

    def around(self, instant: datetime) -> Bar | None:
        """Return the finest candle that opens before `instant` and closes after it."""
        found = (
            self._bars.get((timeframe.floor(instant), timeframe))
            for timeframe in FOLLOWED
            if timeframe.floor(instant) < instant
        )
        return next((bar for bar in found if bar is not None), None)

    def opened_after(self, instant: datetime) -> bool:
        """Say whether a later candle is here already."""
        return any(opened > instant for opened, _ in self._bars)

    def oldest(self) -> datetime | None:
        """Return when the oldest candle opened."""
        return min((opened for opened, _ in self._bars), default=None)

    def prune(self, needed_from: datetime | None) -> None:
        """Forget candles that no open plan needs (`needed_from`: where the slowest one stands)."""
        if self.newest is None:
            return
        limit = self.newest - KEPT
        limit = min(limit, needed_from) if needed_from is not None else limit
        # A day is 1,440 minutes, one prune a minute: only what came first is looked at.
        while self._bars and closes_at(next(iter(self._bars.values()))) <= limit:
            self._bars.popitem(last=False)

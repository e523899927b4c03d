"""One contract's closed candles as far back as an open plan may still need them.

A plan is followed by its own venue's candles. Where its levels were read on another market's
candles, that market's count as well, until the venue goes on with its own; no other's ever do.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from common.domain import Bar, Source, Timeframe

FOLLOWED: Final = (Timeframe.M1, Timeframe.H1)
"""Finest first; longer candles say too little about which price came first."""

KEPT: Final = timedelta(hours=24)
"""Candles that outrun their plan's decision wait here for it, but no longer than this."""

_SLACK: Final = timedelta(hours=1)
"""Kept before the last decision: it may be taken back, and an hour bridges missing minutes."""


def closes_at(bar: Bar) -> datetime:
    """Return when a candle closed."""
    return bar.open_time + bar.timeframe.duration


class Tape:
    """Candles by open time and timeframe; of two markets' the one told first counts."""

    def __init__(self, bars: Iterable[Bar] = ()) -> None:
        self._bars: OrderedDict[tuple[datetime, Timeframe], Bar] = OrderedDict()
        self.newest: datetime | None = None
        """Close of the newest candle."""
        for bar in bars:
            self.add(bar)

    def add(self, bar: Bar) -> None:
        """Keep a candle; one too long to follow a plan by is left out."""
        place = bar.open_time, bar.timeframe
        known = self._bars.get(place, bar)
        # What one market told was looked at then: after a restart the other's decides no otherwise.
        if bar.timeframe in FOLLOWED and known.source is bar.source:
            self._bars[place] = bar
            self.newest = max(self.newest or closes_at(bar), closes_at(bar))

    def copy(self) -> "Tape":
        """Return a tape that goes on from here on its own."""
        return Tape(self._bars.values())

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

    def prune(self, needed_from: datetime | None, decided_at: datetime | None) -> None:
        """Forget candles that no open plan needs (`needed_from`: where the slowest one stands).

        The next plan is of the close that was decided last or of a later one.
        """
        if self.newest is None:
            return
        limit = self.newest - KEPT
        if decided_at is not None:  # in a simulated market, maybe by a clock that was ahead
            limit = max(limit, min(decided_at, self.newest) - _SLACK)
        limit = min(limit, needed_from) if needed_from is not None else limit
        # There is one prune a minute: only what came first is looked at.
        while self._bars and closes_at(next(iter(self._bars.values()))) < limit:
            self._bars.popitem(last=False)


class Tapes:
    """What plans are followed by: one tape for each market whose levels they may have."""

    def __init__(self, bars: Iterable[Bar] = ()) -> None:
        self._home = Tape()
        self._elsewhere: dict[Source, Tape] = {}
        for bar in bars:
            self.add(bar)

    def add(self, bar: Bar) -> None:
        """Keep a candle where it counts: the venue's own does everywhere."""
        if bar.source is Source.VENUE:
            for tape in (self._home, *self._elsewhere.values()):
                tape.add(bar)
        else:
            self._elsewhere.setdefault(bar.source, self._home.copy()).add(bar)

    def of(self, source: Source) -> Tape:
        """Return what a plan is followed by whose levels were read there."""
        return self._elsewhere.get(source, self._home)

    def prune(self, needed_from: datetime | None, decided_at: datetime | None) -> None:
        """Forget candles that neither an open plan nor the next decision needs."""
        for tape in (self._home, *self._elsewhere.values()):
            tape.prune(needed_from, decided_at)

"""Telling what the venue lists: one snapshot a UTC day, and each announced end once."""

from datetime import date

from common.bus import Bus
from common.clock import Clock
from common.domain import Delisting, UniverseSnapshot
from fetcher.core.listings import announced_ends, snapshot_of
from fetcher.core.universe import Universe
from fetcher.handlers.telling import Teller


class ListingTeller:
    """Tells a day's first universe, and ends when they are first seen."""

    def __init__(self, teller: Teller, clock: Clock, *, venue: str) -> None:
        self._teller = teller
        self._clock = clock
        self._venue = venue
        self._day: date | None = None
        self._ends: set[str] = set()

    async def rebuild(self, bus: Bus) -> None:
        """Count what was told before a restart as told."""
        async for fact in bus.latest(UniverseSnapshot, Delisting, venue=self._venue):
            if isinstance(fact, UniverseSnapshot):
                self._day = fact.day
            else:
                self._ends.add(fact.key)

    async def tell(self, universe: Universe) -> None:
        """Tell what is new in the universe that was just read."""
        now = self._clock.now()
        if now.date() != self._day:
            await self._teller.tell(snapshot_of(universe, venue=self._venue, now=now))
            self._day = now.date()
        for end in announced_ends(universe, now=now):
            if end.key not in self._ends:
                await self._teller.tell(end)
                self._ends.add(end.key)

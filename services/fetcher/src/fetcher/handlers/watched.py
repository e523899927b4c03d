"""Which contracts the planner watches: their hourly candles are read between scans too."""

from collections.abc import Mapping
from datetime import datetime

from common.bus import Bus, Start
from common.domain import Symbol, WatchList


class Watched:
    """The planner's newest watch list of one venue."""

    def __init__(self, bus: Bus, *, venue: str) -> None:
        self._bus = bus
        self._venue = venue
        self.since: Mapping[Symbol, datetime] = {}
        """Every contract watched, and since when."""

    async def follow(self) -> None:
        """Follow the lists from the last one on."""
        async for fact in self._bus.follow(WatchList, start=Start.LATEST, venue=self._venue):
            if isinstance(fact, WatchList):
                self.since = fact.since

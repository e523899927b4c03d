"""Contracts to scan at a venue that has never answered: by its last snapshot, or another's list."""

import logging

from common.bus import Bus
from common.clock import Clock
from common.domain import UniverseSnapshot, Venue
from common.errors import VenueUnavailableError
from fetcher.core.borrowing import by_list, by_snapshot
from fetcher.core.universe import Universe, UniverseRules
from fetcher.handlers.market import read_universe
from fetcher.handlers.places import OtherVenue

_log = logging.getLogger(__name__)


class Lender:
    """Asks the other venue for what the venue itself would tell of its contracts."""

    def __init__(
        self, bus: Bus, other: OtherVenue, clock: Clock, rules: UniverseRules, *, venue: Venue
    ) -> None:
        self._bus = bus
        self._other = other
        self._clock = clock
        self._rules = rules
        self._venue = venue

    async def universe(self) -> Universe:
        """Return the venue's contracts as far as they can be told; raise when there is none."""
        now = self._clock.now()
        listed = await read_universe(self._other.reader, self._rules, now)
        last: UniverseSnapshot | None = None
        async for fact in self._bus.latest(UniverseSnapshot, venue=self._venue):
            if isinstance(fact, UniverseSnapshot) and fact.as_of <= now:
                last = fact if fact.simulated == listed.simulated else None
        universe = by_list(listed, self._venue) if last is None else by_snapshot(last, listed)
        place, day = self._other.place.name, f" by the snapshot of {last.day}" if last else ""
        if not universe.members:
            raise VenueUnavailableError(f"{place} lists nothing that is scanned here{day}")
        _log.warning(
            "%d contracts are scanned%s with the steps that %s lists",
            len(universe.members), day, place,
        )  # fmt: skip
        return universe

"""Reading the universe: what is listed, traded and quoted now, judged by the rules."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from common.clock import Clock
from common.domain import CandleSet
from common.errors import ScannerError, VenueUnavailableError
from fetcher.core.universe import Universe, UniverseRules, remembered, select
from fetcher.handlers.listings import ListingTeller
from fetcher.ports import VenueReader

_log = logging.getLogger(__name__)

_REST_SECONDS: Final = 10.0


class MarketDesk:
    """Reads the universe and remembers the last one, with the reason of every exclusion."""

    def __init__(
        self,
        reader: VenueReader,
        clock: Clock,
        rules: UniverseRules,
        *,
        listings: ListingTeller | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._rules = rules
        self._listings = listings
        self._reading = asyncio.Lock()
        self._failed_at = 0.0
        self.universe: Universe | None = None
        """The last universe, None before the first."""
        self._remembered: Universe | None = None
        self.read_at: datetime | None = None
        """When the last universe was read."""
        self.trouble: str | None = None
        """Why the last attempt to read the market failed."""
        self.leaning = False
        """Whether scans go on without what the venue lists now."""

    @property
    def known_last(self) -> Universe | None:
        """The last universe, of an earlier run where the venue has not answered since."""
        return self.universe or self._remembered

    def lean_on(self, universe: Universe) -> None:
        """Remember what is scanned until the venue answers."""
        self._remembered, self.leaning = universe, True

    def borrowed(self) -> str | None:
        """Say in one sentence that another venue tells what is scanned, or None."""
        known = self._remembered.members if self.leaning and self._remembered else ()
        lender = next((one.listed_by for one in known if one.listed_by is not None), None)
        return None if lender is None else f"contracts and their steps are those {lender} lists"

    def restore(self, candle_sets: Sequence[CandleSet]) -> None:
        """Remember the contracts of the last scan, should the venue not answer."""
        newest = max((one.as_of for one in candle_sets), default=None)
        last = [one.instrument for one in candle_sets if one.as_of == newest]
        if last:
            self._remembered = remembered(last)

    async def read(self) -> Universe:
        """Ask the venue and choose the universe anew."""
        async with self._reading:
            return await self._read()

    async def known(self) -> Universe:
        """Return the last universe; ask the venue only when there is none.

        Many wait for the first one: a venue that has just failed is not asked by each of them.
        """
        async with self._reading:
            if self.universe is not None:
                return self.universe
            if self.trouble is not None and time.monotonic() - self._failed_at < _REST_SECONDS:
                raise VenueUnavailableError(self.trouble)
            return await self._read()

    async def _read(self) -> Universe:
        try:
            universe = await read_universe(self._reader, self._rules, self._clock.now())
        except ScannerError as error:
            self.trouble = f"the venue's market cannot be read: {error}"
            self._failed_at = time.monotonic()
            raise
        self._report(universe)
        self.universe, self.read_at = universe, self._clock.now()
        self.trouble, self.leaning = None, False
        if self._listings is not None:
            await self._listings.tell(universe)
        return universe

    def _report(self, universe: Universe) -> None:
        changed = self.universe is None or self.universe.excluded.keys() != universe.excluded.keys()
        level = logging.INFO if changed else logging.DEBUG
        _log.log(
            level,
            "universe: %d contracts; left out: %s",
            len(universe.members),
            _counts(universe),
        )
        for symbol, exclusion in universe.excluded.items():
            _log.debug("%s is not scanned: %s", symbol, exclusion.reason)


async def read_universe(reader: VenueReader, rules: UniverseRules, now: datetime) -> Universe:
    """Ask a venue what it lists, and choose by the rules."""
    listing = await reader.listing()
    turnovers, spreads = await reader.turnovers(), await reader.spreads()
    if listing.contracts and not turnovers:  # all would be left out, as if nobody traded them
        raise VenueUnavailableError("turnovers must name contracts, was none")
    return select(listing, turnovers=turnovers, spreads=spreads, rules=rules, now=now)


def _counts(universe: Universe) -> dict[str, int]:
    rules = Counter(str(exclusion.rule) for exclusion in universe.excluded.values())
    return dict(rules.most_common())

"""Reading the universe: what is listed, traded and quoted now, judged by the rules."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from common.clock import Clock
from common.domain import CandleSet
from common.errors import ScannerError, VenueCoolingError, VenueUnavailableError
from fetcher.core.universe import (
    Universe,
    UniverseRules,
    remembered,
    select,
    unlisted,
    without_turnovers,
)
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
        self._turnovers: Mapping[str, float] = {}
        """Those told last: what is chosen by while none are told."""
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

    def lacking(self) -> str | None:
        """Say what is not known of the contracts scanned, or who tells it instead, or None."""
        if not self.leaning:
            return "; ".join(self.universe.unknown) or None if self.universe else None
        known = self._remembered.members if self._remembered else ()
        lender = next((one.listed_by for one in known if one.listed_by is not None), None)
        return None if lender is None else f"contracts and their steps are those {lender} lists"

    def restore(self, candle_sets: Sequence[CandleSet]) -> None:
        """Remember the contracts of the last scan, should the venue not answer."""
        newest = max((one.as_of for one in candle_sets), default=None)
        last = [one.instrument for one in candle_sets if one.as_of == newest]
        if last:
            self._remembered = remembered(last)
            self._turnovers = _turnovers(self._remembered)

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
            universe = await read_universe(
                self._reader, self._rules, self._clock.now(), known=self._turnovers
            )
        except ScannerError as error:
            self.trouble = f"the venue's market cannot be read: {error}"
            self._failed_at = time.monotonic()
            raise
        self._report(universe)
        self.universe, self.read_at = universe, self._clock.now()
        self._turnovers = _turnovers(universe) or self._turnovers
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


async def read_universe(
    reader: VenueReader,
    rules: UniverseRules,
    now: datetime,
    *,
    known: Mapping[str, float] = MappingProxyType({}),
) -> Universe:
    """Ask a venue what it lists, and choose by the rules.

    Spreads that are not told are unknown. While no turnovers are told, those `known` from before
    choose, and are unknown in what is chosen; without any nothing can be chosen.
    """
    listing = await reader.listing()
    turnovers, no_turnovers = await _if_told("turnovers", reader.turnovers)
    if listing.contracts and no_turnovers is not None and not known:
        raise VenueUnavailableError(no_turnovers)
    spreads, no_spreads = await _if_told("spreads", reader.spreads)
    chosen = select(listing, turnovers=turnovers or known, spreads=spreads, rules=rules, now=now)
    universe = chosen if no_turnovers is None else without_turnovers(chosen)
    lacks = (no_turnovers, no_spreads, unlisted(universe, rules))
    return replace(universe, unknown=tuple(one for one in lacks if one is not None))


async def _if_told(
    what: str, read: Callable[[], Awaitable[Mapping[str, float]]]
) -> tuple[Mapping[str, float], str | None]:
    try:
        told = await read()
    except VenueCoolingError:
        raise
    except ScannerError as error:
        return {}, f"{what} are unknown: {error}"
    return told, None if told else f"{what} must name contracts, was none"


def _turnovers(universe: Universe) -> Mapping[str, float]:
    told = ((one.instrument.symbol, one.instrument.quote_volume_24h) for one in universe.contracts)
    return {symbol: volume for symbol, volume in told if volume is not None}


def _counts(universe: Universe) -> dict[str, int]:
    rules = Counter(str(exclusion.rule) for exclusion in universe.excluded.values())
    return dict(rules.most_common())

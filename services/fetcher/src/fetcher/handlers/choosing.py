"""Which contracts a scan is about: those the venue lists now, or those known when it is silent."""

import logging
from datetime import datetime, timedelta
from typing import Final

from common.domain import Timeframe
from common.errors import ScannerError, VenueUnavailableError
from fetcher.core.freshness import is_fresh
from fetcher.core.universe import Universe
from fetcher.handlers.borrowing import Lender
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.closes import Closes
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.sourcing import Sourcing

_log = logging.getLogger(__name__)

RECENT: Final = timedelta(minutes=10)
"""How old universe and derivatives may be at a close that streams have told."""


class UniverseChoice:
    """Chooses the universe of each scan."""

    def __init__(
        self,
        *,
        exchange_time: ExchangeTime,
        market: MarketDesk,
        windows: CandleWindows,
        sourcing: Sourcing,
        closes: Closes,
        lender: Lender | None,
    ) -> None:
        self._exchange_time = exchange_time
        self._market = market
        self._windows = windows
        self._sourcing = sourcing
        self._closes = closes
        self._lender = lender

    @property
    def last(self) -> Universe | None:
        """The universe chosen last."""
        return self._market.known_last

    async def at(self, close: datetime) -> Universe:
        """Return the universe of a close: a close that streams have told cannot wait for it."""
        read_at, universe = self._market.read_at, self._market.universe
        recent = is_fresh(read_at, close, age=RECENT)
        if universe is not None and recent and self._closes.heard(close):
            return universe
        return await self.now()

    async def now(self) -> Universe:
        """Return what the venue lists now.

        While it does not answer, but its candles can be had elsewhere, the last universe stands;
        where there has been none, what another venue can tell of it.
        """
        try:
            universe = await self._market.read()
            await self._exchange_time.refresh()
        except VenueUnavailableError as error:
            if not self._sourcing.lose_venue(error):
                raise
            known = self._market.known_last or await self._lent(error)
            if not await self._can_be_read(known):
                raise
            _log.warning("the universe known last is scanned: %s", error)
            self._market.lean_on(known)
            return known
        self._sourcing.regain_venue()
        return universe

    async def _lent(self, error: VenueUnavailableError) -> Universe:
        if self._lender is None:
            raise error
        try:
            return await self._lender.universe()
        except ScannerError as none:
            raise VenueUnavailableError(f"{error}; nor can its contracts be told: {none}") from none

    async def _can_be_read(self, universe: Universe) -> bool:
        close = Timeframe.H1.floor(self._exchange_time.now())
        try:
            for largest in universe.members[:1]:
                await self._windows.extend(largest, Timeframe.H1, close)
        except ScannerError as none:
            _log.info("no other place has candles either: %s", none)
            return False
        return bool(universe.members)

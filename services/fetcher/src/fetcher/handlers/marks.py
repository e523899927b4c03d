"""The mark prices of all contracts, every few wall seconds, for whoever listens."""

import asyncio
import logging

from common.bus import Bus
from common.domain import Marks
from common.errors import ScannerError
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.market import MarketDesk

_log = logging.getLogger(__name__)


class MarksTeller:
    """Tells marks while the venue answers; silence means that they are not known."""

    def __init__(
        self,
        derivatives: DerivativesDesk,
        bus: Bus,
        market: MarketDesk,
        *,
        venue: str,
        every_seconds: float,
    ) -> None:
        self._derivatives = derivatives
        self._bus = bus
        self._market = market
        self._venue = venue
        self._every = every_seconds

    async def run(self) -> None:
        """Tell marks for ever."""
        while True:
            try:
                await self.tell()
            except ScannerError as error:
                _log.warning("marks are not known now: %s", error)
            await asyncio.sleep(self._every)

    async def tell(self) -> None:
        """Read and tell the marks of all contracts once."""
        universe = await self._market.known()
        premiums = await self._derivatives.premiums()
        prices = {
            symbol: premium.mark_price
            for symbol, premium in premiums.items()
            if premium.mark_price is not None
        }
        observed = max((premium.observed_at for premium in premiums.values()), default=None)
        if observed is not None and prices:
            await self._bus.publish(
                Marks(
                    venue=self._venue,
                    simulated=universe.simulated,
                    observed_at=observed,
                    prices=prices,
                )
            )

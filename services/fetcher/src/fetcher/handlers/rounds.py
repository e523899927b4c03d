"""Reading every contract's derivatives between scans, one at a time, behind everything else."""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from common.clock import Clock
from common.errors import ScannerError, VenueCoolingError
from fetcher.core.derivatives import Premium
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.pace import Pace
from fetcher.handlers.telling import Teller

_log = logging.getLogger(__name__)

_PREMIUMS_SECONDS: Final = 30.0  # wall time after which a long round reads marks and funding again


class DerivativesRounds:
    """Tells the derivatives of each contract of the universe that nobody has read for a while."""

    def __init__(
        self,
        *,
        desk: DerivativesDesk,
        market: MarketDesk,
        teller: Teller,
        clock: Clock,
        pace: Pace,
        busy: asyncio.Lock,
        every: timedelta,
        look_seconds: float,
    ) -> None:
        self._desk = desk
        self._market = market
        self._teller = teller
        self._clock = clock
        self._pace = pace
        self._busy = busy
        self._look_seconds = look_seconds
        # A contract is due when it would be too old at the next look.
        self._due = every - min(every / 2, timedelta(seconds=look_seconds))
        self._premiums: Mapping[str, Premium] = {}
        self._premiums_at = -_PREMIUMS_SECONDS

    async def run(self) -> None:
        """Make rounds for ever, a pause before each: scans read the contracts too."""
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self.make()
            except VenueCoolingError as error:
                await self._clock.sleep_until(error.until)

    async def make(self) -> None:
        """Read and tell each contract that is due."""
        universe = self._market.universe
        if universe is None:
            return
        for instrument in universe.members:
            async with self._pace.place():
                pass  # the machine can bear it; a place is not held while waiting for a scan's end
            async with self._busy:  # a scan that is about to start comes before the next contract
                since = self._clock.now() - self._due
                if self._desk.recent(instrument.symbol, since=since) is None:
                    await self._tell(instrument.symbol, simulated=universe.simulated)

    async def _tell(self, symbol: str, *, simulated: bool) -> None:
        try:
            premium = (await self._fresh_premiums()).get(symbol)
            derivatives = await self._desk.read(premium, simulated=simulated)
        except VenueCoolingError:
            raise
        except ScannerError as error:
            _log.warning("derivatives of %s are unknown now: %s", symbol, error)
            return
        if derivatives is not None:
            await self._teller.tell(derivatives)

    async def _fresh_premiums(self) -> Mapping[str, Premium]:
        if time.monotonic() - self._premiums_at >= _PREMIUMS_SECONDS:
            self._premiums = await self._desk.premiums()
            self._premiums_at = time.monotonic()
        return self._premiums

"""What this fetcher reads of a scan, what it leaves to others, and what they have told."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import timedelta

from common.bus import Bus
from common.domain import CandleSet
from fetcher.core.partition import Partition
from fetcher.handlers.candles import CandleWindows


class Sharing:
    """The shares of one venue's universe."""

    def __init__(
        self,
        bus: Bus,
        windows: CandleWindows,
        partition: Partition,
        *,
        venue: str,
        patience: timedelta,
    ) -> None:
        self._bus = bus
        self._windows = windows
        self._partition = partition
        self._venue = venue
        self._patience = patience

    def mine(self, symbols: Iterable[str]) -> list[str]:
        """Return the contracts this fetcher reads."""
        return [symbol for symbol in symbols if self._partition.has(symbol)]

    def others(self, symbols: Iterable[str]) -> list[str]:
        """Return the contracts other fetchers read, which the first one covers when they do not."""
        first = self._partition.first
        return [symbol for symbol in symbols if first and not self._partition.has(symbol)]

    async def wait_for_others(self) -> None:
        """Give the other fetchers as long as they may take (wall time)."""
        await asyncio.sleep(self._patience.total_seconds())

    async def take_over(self, symbols: Collection[str]) -> None:
        """Hold the windows that other fetchers have told of these contracts."""
        for symbol in self.others(symbols):
            async for fact in self._bus.latest(CandleSet, venue=self._venue, symbol=symbol):
                if isinstance(fact, CandleSet):
                    self._windows.restore(fact)

"""A fetcher that reads its share of the scans another fetcher starts, completes and answers for."""

import asyncio
import logging

from common.bus import Bus, Start
from common.domain import ScanCompleted, ScanStarted
from common.errors import ScannerError
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.scan import Scanner

_log = logging.getLogger(__name__)


class Helper:
    """Follows the scans of one venue from the last one on."""

    def __init__(
        self,
        bus: Bus,
        *,
        venue: str,
        scanner: Scanner,
        history: ScanHistory,
        market: MarketDesk,
        busy: asyncio.Lock,
    ) -> None:
        self._bus = bus
        self._venue = venue
        self._scanner = scanner
        self._history = history
        self._market = market
        self._busy = busy

    async def follow(self) -> None:
        """Help with each scan as it is told; what cannot be read is left to the first fetcher."""
        async for fact in self._bus.follow(
            ScanStarted, ScanCompleted, start=Start.LATEST, venue=self._venue
        ):
            if isinstance(fact, ScanCompleted):
                self._history.completed = fact
            elif isinstance(fact, ScanStarted):
                self._history.begin(fact)
                await self._help(fact)

    async def _help(self, scan: ScanStarted) -> None:
        completed = self._history.completed
        if completed is not None and completed.scan_id == scan.scan_id:
            return
        try:
            async with self._busy:  # streams' gaps are healed in the same windows
                await self._scanner.help(scan)
        except ScannerError as error:
            _log.warning("%s is not helped with: %s", scan.scan_id, error)

    async def ready(self) -> str | None:
        """Say why no share of a scan could be read."""
        return self._market.trouble

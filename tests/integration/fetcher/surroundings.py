"""A whole fetcher against the simulated venue, on a bus in memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from common.bus import Reply, Start
from common.bus.memory import MemoryBus
from common.domain import CandleSet, ScanCompleted, ScanReply, ScanRequest
from common.running import Running, running
from common.runtime import Runtime
from common.settings import SettingsSource
from fetcher.app import wire
from tests.support.eventually import eventually
from tests.support.venue import RunningVenue
from tests.unit.fetcher.harness import following, rejection_of

EVERYTHING = {"min_quote_volume": 0.0, "min_age_days": 0, "max_spread_bps": 10_000.0}
"""A universe without filters of liquidity and age."""

ALONE = {"fallback": {"other_venue": False, "spot": False}}
"""A venue that nothing stands in for."""

SWIFT = {"retry_wait_seconds": 0.01, "attempts": 2, "timeout_seconds": 20.0, "mode": "poll"}


@dataclass
class Surroundings:
    """A venue, a bus, and fetchers that come and go."""

    venue: RunningVenue
    bus: MemoryBus = field(default_factory=MemoryBus)
    name: str = "binance"
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Settings of other sections."""

    @asynccontextmanager
    async def fetcher(
        self,
        *,
        universe: dict[str, Any] | None = None,
        fetcher: dict[str, Any] | None = None,
        scan: dict[str, Any] | None = None,
    ) -> AsyncIterator[Running]:
        """Run a fetcher while inside."""
        tables = {
            "universe": EVERYTHING | (universe or {}),
            "fetcher": SWIFT
            | {"venue": self.name, "base_url": self.venue.base_url}
            | (fetcher or {}),
            "scan": {"retry_seconds": 0.05, "grace_seconds": 0.05} | (scan or {}),
            **self.tables,
        }
        runtime = Runtime(
            name="fetcher",
            instance="test",
            bus=self.bus,
            clock=self.venue.clock,
            settings=SettingsSource(tables),
        )
        self.bus.questions.answers.clear()  # a broker forgets who has gone; the memory bus does not
        async with running(runtime, wire(runtime)) as instance:
            yield instance

    @asynccontextmanager
    async def planner(
        self, wanted: Callable[[CandleSet], bool] = lambda _: True
    ) -> AsyncIterator[None]:
        """Reject every wanted CandleSet while inside."""

        async def decide() -> None:
            async for fact in self.bus.follow(CandleSet, start=Start.ALL):
                if isinstance(fact, CandleSet) and wanted(fact):
                    await self.bus.publish(rejection_of(fact))

        async with following(decide):
            yield

    async def completed(self, count: int = 1, *, within: float = 30) -> ScanCompleted:
        """Wait for the end of so many scans and return the last one's."""
        found: list[ScanCompleted] = []

        async def seen() -> bool:
            found[:] = [
                fact
                async for fact in self.bus.replay(ScanCompleted)
                if isinstance(fact, ScanCompleted)
            ]
            return len(found) >= count

        await eventually(seen, within=within, saying=f"the end of {count} scans")
        return found[count - 1]

    async def sent(self, scan_id: str) -> dict[str, CandleSet]:
        """Return the candle sets of a scan by symbol."""
        return {
            fact.symbol: fact
            async for fact in self.bus.replay(CandleSet)
            if isinstance(fact, CandleSet) and fact.scan_id == scan_id
        }

    async def force(self) -> ScanReply:
        """Have the newest hour scanned again; the last scan may still be leaving."""
        replies: list[Reply] = []

        async def had() -> bool:
            request = ScanRequest(venue=self.name, force=True)
            replies.append(await self.bus.ask(request, target=self.name))
            return "one scan runs at a time" not in (replies[-1].error or "")

        await eventually(had, saying="a scan may start")
        assert replies[-1].error is None, replies[-1].error
        return ScanReply.model_validate_json(replies[-1].body)

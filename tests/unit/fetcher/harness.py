"""A running fetcher over a fake venue, with a planner that decides at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from common.bus import Reply, Start
from common.bus.memory import MemoryBus
from common.clock import Clock, ManualClock
from common.domain import (
    CandleSet,
    ClockReply,
    ClockRequest,
    Fact,
    ScanCompleted,
    ScanReply,
    ScanRequest,
    ScanStarted,
    Timeframe,
)
from common.running import Running, running
from common.runtime import Runtime
from common.settings import SettingsSource
from fetcher.app import assemble
from fetcher.handlers.places import AtVenue
from fetcher.handlers.sourcing import Sourcing
from fetcher.ports import CandleSource
from fetcher.settings import FetcherSettings, ScanSettings, UniverseSettings
from fetcher.venues import Asked
from tests.support import facts
from tests.support.eventually import eventually
from tests.unit.fetcher.fake_venue import FakeVenue

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
FIRST = "binance.20260310T080000Z.scheduled.0"
BARS = {Timeframe.D1: 5, Timeframe.H4: 8, Timeframe.H1: 12}

FactType = TypeVar("FactType", bound=Fact)


@dataclass
class Stage:
    """Everything one test needs: a bus, a clock a minute after a close, a venue."""

    bus: MemoryBus = field(default_factory=MemoryBus)
    clock: ManualClock = field(default_factory=lambda: ManualClock(CLOSE + timedelta(minutes=1)))
    venue: FakeVenue = field(init=False)
    bars: dict[Timeframe, int] = field(default_factory=lambda: dict(BARS))

    def __post_init__(self) -> None:
        self.venue = FakeVenue(self.clock)

    @asynccontextmanager
    async def fetcher(
        self, clock: Clock | None = None, *, look_seconds: float = 60.0, **scan: Any
    ) -> AsyncIterator[Running]:
        """Run a fetcher while inside."""
        runtime = Runtime(
            name="fetcher",
            instance="test",
            bus=self.bus,
            clock=clock or self.clock,
            settings=SettingsSource({"derivatives": {"look_seconds": look_seconds}}),
        )
        settings = {
            "retry_seconds": 0.01,
            "grace_seconds": 0.0,
            "in_flight_seconds": 0.05,
            **scan,
        }
        service = assemble(
            runtime,
            Asked(reader=self.venue),
            settings=FetcherSettings(bars=self.bars, overlap_bars=2, marks_every_seconds=0.05),
            scan=ScanSettings(**settings),
            universe=UniverseSettings(),
        )
        self.bus.questions.answers.clear()  # a broker forgets who has gone; the memory bus does not
        async with running(runtime, service) as instance:
            yield instance

    @asynccontextmanager
    async def planner(
        self, *, silent_about: str = "", ranks: Mapping[str, float] = MappingProxyType({})
    ) -> AsyncIterator[None]:
        """Plan what has a rank and reject every other CandleSet, but those of one symbol."""

        async def decide() -> None:
            async for fact in self.bus.follow(CandleSet, start=Start.ALL):
                if isinstance(fact, CandleSet) and fact.symbol != silent_about:
                    rank = ranks.get(fact.symbol)
                    await self.bus.publish(
                        rejection_of(fact) if rank is None else plan_of(fact, rank)
                    )

        async with following(decide):
            yield

    async def told(self, kind: type[FactType]) -> list[FactType]:
        """Everything of a kind that its stream keeps."""
        return [fact async for fact in self.bus.replay(kind) if isinstance(fact, kind)]

    async def completed(self, scan_id: str = FIRST) -> ScanCompleted:
        """Wait for a scan's end."""
        return await self._named(ScanCompleted, scan_id)

    async def started(self, scan_id: str = FIRST) -> ScanStarted:
        """Wait for a scan's beginning."""
        return await self._named(ScanStarted, scan_id)

    async def sent(self, scan_id: str = FIRST) -> dict[str, CandleSet]:
        """Return the candle sets of a scan by symbol."""
        return {one.symbol: one for one in await self.told(CandleSet) if one.scan_id == scan_id}

    async def ask_for_scan(self, *, force: bool = False) -> Reply:
        """Ask the venue's fetcher for a scan."""
        return await self.bus.ask(ScanRequest(venue="binance", force=force), target="binance")

    async def scan(self, *, force: bool = False) -> ScanReply:
        """Ask for a scan and insist on getting one: the last one may still be leaving."""
        replies: list[Reply] = []

        async def had() -> bool:
            replies.append(await self.ask_for_scan(force=force))
            return "one scan runs at a time" not in (replies[-1].error or "")

        await eventually(had, saying="a scan may start")
        reply = replies[-1]
        assert reply.error is None, reply.error
        return ScanReply.model_validate_json(reply.body)

    async def time(self) -> ClockReply:
        """Ask the venue's fetcher what time it is."""
        reply = await self.bus.ask(ClockRequest(venue="binance"), target="binance")
        return ClockReply.model_validate_json(reply.body)

    async def _named(self, kind: type[FactType], scan_id: str) -> FactType:
        found: list[FactType] = []

        async def seen() -> bool:
            told = await self.told(kind)
            found.extend(one for one in told if getattr(one, "scan_id", None) == scan_id)
            return bool(found)

        await eventually(seen, within=15, saying=f"{kind.__name__} of {scan_id}")
        return found[0]


def sourcing_of(venue: FakeVenue, *stand_ins: CandleSource, rest_seconds: float = 60) -> Sourcing:
    """Read candles from a fake venue, and from what stands in for it."""

    return Sourcing(
        AtVenue("binance", venue),
        stand_ins,
        venue.clock,
        patience=timedelta(minutes=1),
        rest_seconds=rest_seconds,
    )


@asynccontextmanager
async def following(loop: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run an endless loop beside a test."""
    task = asyncio.ensure_future(loop())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def plan_of(candle_set: CandleSet, rank: float) -> Fact:
    """A planner's other answer to a candle set."""
    return facts.plan(
        candle_set.symbol, as_of=candle_set.as_of, scan_id=candle_set.scan_id, rank=rank
    )


def rejection_of(candle_set: CandleSet) -> Fact:
    """A planner's answer to a candle set."""
    return facts.rejection(
        candle_set.symbol,
        venue=candle_set.venue,
        as_of=candle_set.as_of,
        scan_id=candle_set.scan_id,
        refused=None,
    )

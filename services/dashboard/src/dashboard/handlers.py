"""The feed: follows the bus onto the board, keeps the venues' time, asks for charts and scans."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from common import codec
from common.bus import Bus, Reply, Start
from common.clock import SystemClock
from common.domain import (
    AnalystNote,
    ClockReply,
    ClockRequest,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    FrameRequest,
    Heartbeat,
    IndicatorFrame,
    Marks,
    Outcome,
    PlanRecord,
    PlanRecordRequest,
    Rejection,
    Request,
    ResourceUsage,
    ScanCompleted,
    ScanReply,
    ScanRequest,
    ScanStarted,
    Signal,
    Timeframe,
    TradePlan,
    UniverseSnapshot,
)
from common.errors import (
    BusUnavailableError,
    InvalidMessageError,
    TransientError,
    VenueUnavailableError,
)
from common.health import HealthServer
from common.running import Running, running
from common.runtime import Runtime, Service
from common.sections import HealthSettings
from common.settings import SettingsSource
from dashboard.core.board import Board, ContractId, Limits
from dashboard.core.health import Link
from dashboard.core.merging import merge
from dashboard.core.venue_time import Instant
from dashboard.settings import DashboardSettings

FOLLOWED: Final = (
    TradePlan,
    Rejection,
    Outcome,
    Signal,
    Derivatives,
    AnalystNote,
    ScanStarted,
    ScanCompleted,
    ResourceUsage,
    DeadLetter,
    Marks,
    UniverseSnapshot,
    Delisting,
    Heartbeat,
)

_GATHERED_SECONDS: Final = 0.2
"""Facts that come this close together are one change of the board."""
_LOOK_SECONDS: Final = 1.0
_CLOCK_SECONDS: Final = 5.0
_CLOCK_PATIENCE: Final = timedelta(seconds=2)
_CHART_PATIENCE: Final = timedelta(seconds=8)
_SCAN_PATIENCE: Final = timedelta(seconds=10)
_RECORD_PATIENCE: Final = timedelta(seconds=10)


class Feed:
    """Everything the dashboard hears, on one event loop; `board` and `link` are read anywhere."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Bus]],
        settings: DashboardSettings,
        *,
        instance: str,
        health: HealthSettings | None = None,
    ) -> None:
        self._connect = connect
        self._settings = settings
        self._instance = instance
        self._running: Running | None = None
        self._health = HealthServer(
            health or HealthSettings(),
            service="dashboard",
            trouble=self._trouble,
            metrics=self._metrics,
        )
        self._bus: Bus | None = None
        self._heard: list[Fact] = []
        self._charts: OrderedDict[tuple[ContractId, Timeframe, str], IndicatorFrame] = OrderedDict()
        self._wall = SystemClock()
        self.link = Link(connected=False, since=time.monotonic(), detail="connecting")
        self.board = Board(
            limits=Limits(
                contracts=settings.kept_contracts,
                scans=settings.kept_scans,
                dead_letters=settings.kept_dead_letters,
            )
        )

    async def run(self) -> None:
        """Connect, follow and keep following until cancelled; raise what makes that impossible."""
        await self._health.start()
        try:
            await self._run()
        finally:
            await self._health.stop()

    async def _run(self) -> None:
        self._bus = bus = await self._connected()
        runtime = Runtime(
            name="dashboard",
            instance=self._instance,
            bus=bus,
            clock=self._wall,
            settings=SettingsSource(),
        )
        tasks = (self._follow, self._gather, self._watch_link, self._ask_clocks)
        try:
            async with running(runtime, Service(tasks=tasks)) as service:
                self._running = service
                await service.failed
        finally:
            self._running = None
            await bus.close()

    def tell_link(self, problem: str | None) -> None:
        """Note whether the broker answers, and why not."""
        connected = problem is None
        if self.link.connected is connected and self.link.detail == (problem or ""):
            return
        since = self.link.since if self.link.connected is connected else time.monotonic()
        self.link = Link(connected=connected, since=since, detail=problem or "")

    def instant(self) -> Instant:
        """Return this moment by both of the machine's clocks."""
        return Instant(wall=self._wall.now(), monotonic=time.monotonic())

    async def chart(
        self, contract: ContractId, timeframe: Timeframe, scan_id: str
    ) -> IndicatorFrame:
        """Ask for a chart window, or return the one asked for before in the same scan."""
        place = (contract, timeframe, scan_id)
        if place in self._charts:
            self._charts.move_to_end(place)
            return self._charts[place]
        question = FrameRequest(
            venue=contract.venue,
            symbol=contract.symbol,
            timeframe=timeframe,
            rows=self._settings.chart_rows,
        )
        reply = await self._asked(question, within=_CHART_PATIENCE)
        fact = codec.decode(IndicatorFrame.name(), reply.body)
        if not isinstance(fact, IndicatorFrame):
            raise InvalidMessageError(f"a chart must be an IndicatorFrame, was {fact.name()}")
        self._charts[place] = fact
        while len(self._charts) > self._settings.kept_charts:
            self._charts.popitem(last=False)
        return fact

    async def scan_now(self, venue: str, *, force: bool) -> ScanReply:
        """Ask a venue's fetcher for a scan of the newest close."""
        question = ScanRequest(venue=venue, force=force)
        reply = await self._asked(question, within=_SCAN_PATIENCE, target=venue)
        return ScanReply.model_validate_json(reply.body)

    async def plan_record(self, since: datetime | None) -> PlanRecord:
        """Ask how the plans ended that were proposed since then."""
        reply = await self._asked(PlanRecordRequest(since=since), within=_RECORD_PATIENCE)
        return PlanRecord.model_validate_json(reply.body)

    @property
    def bus(self) -> Bus:
        """The bus while it is connected; raises BusUnavailableError before."""
        return self._live_bus

    async def _connected(self) -> Bus:
        while True:
            try:
                return await self._connect()
            except TransientError as error:
                self.tell_link(str(error))
                await asyncio.sleep(_LOOK_SECONDS)

    async def _follow(self) -> None:
        while True:
            try:
                # The last of every subject would be one dead letter a service: all are wanted.
                await self._hear(self._live_bus.replay(DeadLetter))
                await self._hear(self._live_bus.follow(*FOLLOWED, start=Start.LATEST))
            except TransientError as error:
                self.tell_link(str(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def _hear(self, facts: AsyncIterator[Fact]) -> None:
        async for fact in facts:
            self._heard.append(fact)

    async def _gather(self) -> None:
        while True:
            if self._heard:
                heard, self._heard = self._heard, []
                self.board = merge(self.board, heard, time.monotonic())
            await asyncio.sleep(_GATHERED_SECONDS)

    async def _watch_link(self) -> None:
        while True:
            self.tell_link(self._live_bus.unavailable())
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ask_clocks(self) -> None:
        while True:
            for venue in self.board.venues:
                await self._ask_clock(venue)
            await asyncio.sleep(_CLOCK_SECONDS if self.board.venues else _LOOK_SECONDS)

    async def _ask_clock(self, venue: str) -> None:
        try:
            reply = await self._live_bus.ask(
                ClockRequest(venue=venue), within=_CLOCK_PATIENCE, target=venue
            )
        except TransientError:
            return  # the fetcher's silence shows as a missing heartbeat
        if reply.error is None:
            told = ClockReply.model_validate_json(reply.body)
            self.board = self.board.with_clock(venue, told, time.monotonic())

    async def _asked(self, question: Request, *, within: timedelta, target: str = "") -> Reply:
        reply = await self._live_bus.ask(question, within=within, target=target)
        if reply.error is not None:
            raise VenueUnavailableError(reply.error)
        return reply

    async def _trouble(self) -> str | None:
        return self.link.detail if self._running is None else await self._running.trouble()

    async def _metrics(self) -> str:
        return "" if self._running is None else await self._running.metrics()

    @property
    def _live_bus(self) -> Bus:
        if self._bus is None:
            raise BusUnavailableError("NATS is not connected yet")
        return self._bus

"""Who may have a scan, and when: the schedule, requests on demand, and what a restart left over."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from common.asked import read_question
from common.bus import Reply
from common.clock import Clock, SimulatedClock
from common.domain import (
    ClockReply,
    ClockRequest,
    ScanKind,
    ScanReply,
    ScanRequest,
    ScanStarted,
    Timeframe,
)
from common.errors import ScannerError, TransientError
from fetcher.core.schedule import Schedule
from fetcher.handlers.closes import Closes
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.scan import Scanner

_log = logging.getLogger(__name__)

_PATIENCE: Final = 9.0  # wall seconds; an asker waits for ten unless it says otherwise


class ScanRefusedError(TransientError):
    """A scan cannot be had now: the asker is told why and may ask again."""


@dataclass(frozen=True)
class _Order:
    close: datetime
    started: "asyncio.Future[ScanStarted | ScanRefusedError]"


class ScanDesk:
    """Runs one scan at a time, scheduled or on demand, and answers who asks."""

    def __init__(
        self,
        *,
        scanner: Scanner,
        history: ScanHistory,
        market: MarketDesk,
        clock: Clock,
        schedule: Schedule,
        closes: Closes,
        on_start: bool,
        retry_seconds: float,
        busy: asyncio.Lock,
    ) -> None:
        self._scanner = scanner
        self._history = history
        self._market = market
        self._clock = clock
        self._schedule = schedule
        self._closes = closes
        self._on_start = on_start
        self._retry_seconds = retry_seconds
        self._busy = busy
        self._orders: asyncio.Queue[_Order] = asyncio.Queue()
        self._trouble: str | None = None
        self._first_close: datetime | None = None
        self._scanning = False

    def open(self) -> None:
        """Decide which closes count as past; call it before the loops run."""
        if not self._on_start:
            self._first_close = self._schedule.newest_due(self._clock.now())

    async def keep_schedule(self) -> None:
        """Scan every close when it is due, the newest one first of all; for ever."""
        while True:
            due = self._due()
            if due is not None and self._is_new(due):
                async with self._turn():
                    if self._is_new(due):
                        await self._scan_scheduled(due)
                continue
            following = self._schedule.next_start(self._clock.now())
            if following is None:
                return
            await self._closes.before(following)

    async def serve_orders(self) -> None:
        """Scan on demand, order after order, for ever; first of all finish what was interrupted."""
        async with self._turn():
            await self._finish_interrupted()
        while True:
            order = await self._orders.get()
            async with self._turn():
                await self._scan_on_demand(order)

    async def answer_scan(self, body: bytes) -> Reply:
        """Answer with the scan of the newest 1h close: the one there is, or a new one."""
        request = read_question(ScanRequest, body)
        close = Timeframe.H1.floor(self._clock.now())
        known = self._history.scan_of(close)
        if known is not None and not request.force:
            return _reply(ScanReply(scan_id=known.scan_id, reused=True))
        if self._scanning or not self._orders.empty():
            running = self._history.interrupted
            name = running.scan_id if running else "a scan that is about to start"
            raise ScanRefusedError(f"one scan runs at a time, ask again after {name}")
        order = _Order(close, asyncio.get_running_loop().create_future())
        self._orders.put_nowait(order)
        done, _ = await asyncio.wait({order.started}, timeout=_PATIENCE)
        if not done:
            raise ScanRefusedError("the venue is slow to answer; the scan starts when it has")
        started = order.started.result()
        if isinstance(started, ScanRefusedError):
            raise started
        return _reply(ScanReply(scan_id=started.scan_id, reused=False))

    async def answer_clock(self, body: bytes) -> Reply:
        """Answer what time it is at the venue and when the next scan is due."""
        read_question(ClockRequest, body)
        clock, now = self._clock, self._clock.now()
        simulated = isinstance(clock, SimulatedClock)
        universe = self._market.universe
        return _reply(
            ClockReply(
                now=now,
                speed=clock.reading.speed if isinstance(clock, SimulatedClock) else 1.0,
                next_close=self._schedule.next_scan(now),
                simulated=universe.simulated if universe is not None else simulated,
            )
        )

    async def ready(self) -> str | None:
        """Say why no scan could be started, None when the last attempt went well."""
        if self._trouble is not None or self._market.leaning:
            return self._trouble
        if self._market.trouble is None and self._market.universe is None:
            return "the venue has not answered yet"
        return self._market.trouble

    def _due(self) -> datetime | None:
        now = self._closes.reached(self._clock.now(), self._schedule.delay)
        return self._schedule.newest_due(now)

    def _is_new(self, close: datetime) -> bool:
        seen = (
            self._first_close,
            self._history.started.as_of if self._history.started is not None else None,
        )
        return all(one is None or close > one for one in seen)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Hold the windows for a scan; what else holds them is soon over and refuses nobody."""
        async with self._busy:
            self._scanning = True
            try:
                yield
            finally:
                self._scanning = False

    async def _finish_interrupted(self) -> None:
        while (scan := self._history.interrupted) is not None:
            _log.info("%s was interrupted and is finished now", scan.scan_id)
            try:
                await self._scanner.resume(scan)
            except ScannerError as error:
                await self._wait_after(error)
            else:
                self._trouble = None

    async def _scan_scheduled(self, close: datetime) -> None:
        await self._finish_interrupted()
        try:
            scan = await self._scanner.start(close, ScanKind.SCHEDULED)
            self._trouble = None
            await self._scanner.finish(scan)
        except ScannerError as error:
            await self._wait_after(error)

    async def _scan_on_demand(self, order: _Order) -> None:
        await self._finish_interrupted()
        try:
            scan = await self._scanner.start(order.close, ScanKind.DEMAND)
        except ScannerError as error:
            order.started.set_result(ScanRefusedError(f"no scan could start: {error}"))
            return
        self._trouble = None
        order.started.set_result(scan)
        try:
            await self._scanner.finish(scan)
        except ScannerError as error:
            await self._wait_after(error)

    async def _wait_after(self, error: ScannerError) -> None:
        self._trouble = f"no scan can be run now: {error}"
        _log.warning("%s", self._trouble)
        await asyncio.sleep(self._retry_seconds)


def _reply(answer: ScanReply | ClockReply) -> Reply:
    return Reply(body=answer.model_dump_json().encode())

"""Simulated time in lockstep: the next close comes once the scan of the last one has completed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import aiohttp

from common.clock import ClockReading, SimulatedClock, SystemClock
from common.domain import ScanCompleted, ScanKind, ScanStarted, Timeframe
from tests.soak.profiles import CLOSE
from tests.support.eventually import eventually
from tests.support.system import System

_JUST_AFTER: Final = timedelta(seconds=6)
"""The scan of a close begins five seconds after it."""
_JUST_BEFORE: Final = timedelta(minutes=1)
_TRAVEL: Final = 5_760.0
"""Venue seconds a wall second from the end of a scan to the next close: four hours in 2.5 s."""
_SCAN: Final = 30.0
"""The same while a scan runs: pauses the venue orders pass, and the deadline is far."""
_PATIENCE: Final = 420.0

Told = TypeVar("Told", ScanStarted, ScanCompleted)


class Lockstep:
    """Lets a system's venue time run from close to close."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.started: dict[str, ScanStarted] = {}
        self.completed: dict[str, ScanCompleted] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear of scans while inside."""
        listener = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def now(self) -> datetime:
        """Return the venue's time."""
        return (await _patiently(self._system.clock)).at(SystemClock().now())

    async def travel(self) -> datetime:
        """Let time run to just after the next close and return that close; it never overshoots."""
        close = Timeframe.H4.floor(await self.now()) + CLOSE
        gate = close + _JUST_AFTER
        reading = await self._set(speed=_TRAVEL, until=gate)
        await SimulatedClock(reading).sleep_until(gate)
        await self._set(speed=_SCAN, until=close + CLOSE - _JUST_BEFORE)
        return close

    async def jump(self, by: timedelta) -> None:
        """Set the clock forwards or backwards."""
        await self._set(speed=_SCAN, venue_origin=await self.now() + by)

    async def scanning(self, close: datetime) -> None:
        """Wait until the scan of a close runs."""
        await eventually(
            lambda: _scheduled(self.started, close) is not None,
            within=_PATIENCE,
            saying=f"the start of the scan of {close}",
        )

    async def scanned(self, close: datetime) -> ScanCompleted:
        """Wait until the scan of a close has completed."""
        await eventually(
            lambda: _scheduled(self.completed, close) is not None,
            within=_PATIENCE,
            saying=f"the end of the scan of {close}",
        )
        found = _scheduled(self.completed, close)
        assert found is not None
        return found

    async def _set(
        self, *, speed: float, venue_origin: datetime | None = None, until: datetime | None = None
    ) -> ClockReading:
        return await _patiently(
            partial(self._system.set_clock, speed=speed, venue_origin=venue_origin, until=until)
        )

    async def _listen(self) -> None:
        async for fact in self._system.bus.follow(ScanStarted, ScanCompleted):
            if isinstance(fact, ScanStarted):
                self.started[fact.scan_id] = fact
            elif isinstance(fact, ScanCompleted):
                self.completed[fact.scan_id] = fact


def _scheduled(scans: Mapping[str, Told], close: datetime) -> Told | None:
    found = (
        scan for scan in scans.values() if scan.as_of == close and scan.kind is ScanKind.SCHEDULED
    )
    return next(found, None)


async def _patiently(ask: Callable[[], Awaitable[ClockReading]]) -> ClockReading:
    told: list[ClockReading] = []

    async def answered() -> bool:
        try:
            told.append(await ask())
        except (aiohttp.ClientError, TimeoutError):
            return False  # the venue may be one of the things that were killed
        return True

    await eventually(answered, within=120, saying="the venue's clock answers")
    return told[-1]

"""A simulated venue in this process, on a free port, with its clock in the test's hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ccxt.async_support as ccxt
from ccxt import pro

from common.clock import ClockReading, SimulatedClock, SystemClock
from exchange_sim.app import Venue, listen, wire
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.faults import FaultPlan
from exchange_sim.settings import Settings

A_CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
"""A four-hour close; a venue of these tests opens one minute after it."""


@dataclass(frozen=True, slots=True)
class RunningVenue:
    """A listening venue: its address, and the parts that a test looks at or turns."""

    base_url: str
    venue: Venue

    @property
    def clock(self) -> SimulatedClock:
        """The venue's clock; services of the same test may run by it."""
        return self.venue.clock

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong: `faults.order(Fault(kind="html", count=1))`."""
        return self.venue.faults

    @property
    def accounting(self) -> Accounting:
        """What was asked of the venue."""
        return self.venue.accounting

    def now(self) -> datetime:
        """Return the venue's time."""
        return self.clock.now()

    def move_to(self, instant: datetime, *, speed: float = 0.0) -> None:
        """Set the venue's time; it stands still unless a speed is given."""
        wall = SystemClock().now()
        self.clock.follow(ClockReading(wall_origin=wall, venue_origin=instant, speed=speed))

    def advance(self, by: timedelta) -> None:
        """Move the venue's time forward."""
        self.move_to(self.now() + by)


@asynccontextmanager
async def running_venue(**settings: Any) -> AsyncIterator[RunningVenue]:
    """Run a venue: twenty synthetic contracts and a stopped clock unless told otherwise."""
    defaults = {"port": 0, "symbols": 20, "speed": 0.0, "start": A_CLOSE + timedelta(minutes=1)}
    if settings.get("market") == "files":
        defaults.pop("start")
    venue = wire(Settings.model_validate({**defaults, **settings}))
    runner, base_url = await listen(venue)
    try:
        yield RunningVenue(base_url, venue)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def binance_client(base_url: str, **options: Any) -> AsyncIterator[ccxt.binanceusdm]:
    """Open ccxt's own client for Binance USD-M, changed in nothing but its base address."""
    client = ccxt.binanceusdm({"rateLimit": 1, **options})
    for name, url in list(client.urls["api"].items()):
        if isinstance(url, str):
            client.urls["api"][name] = base_url + url[url.find("/", 8) :]
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def binance_stream_client(base_url: str, **options: Any) -> AsyncIterator[pro.binanceusdm]:
    """Open ccxt.pro's own client for Binance USD-M, changed in nothing but its addresses."""
    client = pro.binanceusdm({"rateLimit": 1, **options})
    for name, url in list(client.urls["api"].items()):
        if isinstance(url, str):
            client.urls["api"][name] = base_url + url[url.find("/", 8) :]
    client.urls["api"]["ws"]["linear"] = f"{_websocket(base_url)}/ws"
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def bybit_client(base_url: str, **options: Any) -> AsyncIterator[ccxt.bybit]:
    """Open ccxt's own client for Bybit, changed in nothing but its base address."""
    client = ccxt.bybit({"rateLimit": 1, **options})
    _point_bybit(client, base_url)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def bybit_stream_client(base_url: str, **options: Any) -> AsyncIterator[pro.bybit]:
    """Open ccxt.pro's own client for Bybit, changed in nothing but its addresses."""
    client = pro.bybit({"rateLimit": 1, "options": _LINEAR_ONLY, **options})
    _point_bybit(client, base_url)
    client.urls["api"]["ws"]["public"]["linear"] = f"{_websocket(base_url)}/v5/public/linear"
    try:
        yield client
    finally:
        await client.close()


_LINEAR_ONLY = {"fetchMarkets": {"types": ["linear"]}}


def _point_bybit(client: Any, base_url: str) -> None:
    for name, url in list(client.urls["api"].items()):
        if isinstance(url, str):
            client.urls["api"][name] = base_url


def _websocket(base_url: str) -> str:
    return base_url.replace("http", "ws", 1)

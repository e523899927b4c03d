"""How long a close takes in live mode: from the simulated venue's message to the stored CandleSet.

A venue, a broker and a fetcher run as processes on the same cores; 300 contracts close at the same
instant, two timeframes each. Times count from the venue's first close message, for all contracts
alike, to the instant the broker stored each CandleSet, by the machine's clock. The first close
warms what a process computes once; those after it are measured.
"""

import asyncio
import os
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import nats
import nats.js.errors
import numpy as np

from common.clock import SystemClock
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.support.eventually import eventually
from tests.support.processes import service
from tests.support.venue import A_CLOSE

SYMBOLS: Final = 300
_LISTED: Final = 330
"""The synthetic venue also lists contracts the universe leaves out."""
_CLOSES: Final = 4
_TARGET_MS: Final = 500
_STEP: Final = timedelta(hours=4)
_UNIVERSE: Final = "/fapi/v1/exchangeInfo"
_ALWAYS: Final = ("/fapi/v1/premiumIndex", "/fapi/v1/fundingInfo", "/sim/clock")
"""What is asked for all the time."""

Stored = dict[str, dict[str, float]]
"""When each contract's CandleSet was stored, by scan."""


def main() -> None:
    """Measure with the streams on disk and in memory, and print."""
    for storage in ("file", "memory"):
        asyncio.run(_measure(storage))


async def _measure(storage: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        venue = f"http://127.0.0.1:{port}"
        broker = NatsServer(Path(folder) / "nats", port=free_port())
        broker.start()
        market = {
            "SCANNER_EXCHANGE_SIM__PORT": str(port),
            "SCANNER_EXCHANGE_SIM__SYMBOLS": str(_LISTED),
            "SCANNER_EXCHANGE_SIM__SPEED": "30",
            "SCANNER_EXCHANGE_SIM__START": (A_CLOSE + timedelta(minutes=1)).isoformat(),
        }
        scanner = {
            "SCANNER_BUS__URL": broker.url,
            "SCANNER_BUS__STORAGE": storage,
            "SCANNER_CLOCK__URL": f"{venue}/sim/clock",
            "SCANNER_FETCHER__BASE_URL": venue,
            "SCANNER_FETCHER__MODE": "live",
            "SCANNER_SCAN__LONGEST_WALL_SECONDS": "60",
            "SCANNER_UNIVERSE__TOP": str(SYMBOLS),
            "SCANNER_UNIVERSE__MIN_QUOTE_VOLUME": "0",
            "SCANNER_UNIVERSE__MAX_SPREAD_BPS": "1000",
        }
        try:
            # The planner lays the streams out; it has nothing to plan here.
            async with (
                service("exchange_sim", market),
                service("planner", scanner),
                _stored(broker.url) as stored,
                service("fetcher", scanner),
            ):
                await _first_fill(stored)
                for number in range(1, _CLOSES + 1):
                    waits = await _close(venue, stored, number)
                    if number > 1:
                        _report(storage, waits)
        finally:
            broker.stop()


async def _first_fill(stored: Stored) -> None:
    await eventually(
        lambda: any(len(sets) >= SYMBOLS for sets in stored.values()),
        within=300,
        saying="the first fill",
    )


async def _close(venue: str, stored: Stored, number: int) -> list[float]:
    close = A_CLOSE + number * _STEP
    name = f"binance.{close:%Y%m%dT%H%M%SZ}.scheduled.0"
    await _move(venue, close - timedelta(seconds=80))
    await _ready(venue)
    # Whoever follows the simulated clock asks it once a second.
    await _move(venue, close - timedelta(seconds=4), speed=1.0)
    await eventually(lambda: len(stored[name]) >= SYMBOLS, within=60, saying=f"all of {name}")
    await _move(venue, close + timedelta(minutes=20))  # nobody decides: the deadline ends the scan
    began = float((await _books(venue))["streams"]["binance"]["last_burst_began"])
    return [(at - began) * 1000 for at in stored[name].values()]


def _report(storage: str, waits: list[float]) -> None:
    p50, p99 = np.percentile(waits, [50, 99])
    print(
        f"{len(waits)} contracts closing at once, streams in {storage}: p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms, last {max(waits):.0f} ms ({'within' if p99 < _TARGET_MS else 'above'} "
        f"{_TARGET_MS} ms); load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


async def _ready(venue: str) -> None:
    """Wait until the fetcher has made ready for the close: it reads the universe, then all else."""
    clock, universes, asked, since = SystemClock(), 0, -1, SystemClock().now()

    async def ready() -> bool:
        nonlocal universes, asked, since
        routes = {path: book["requests"] for path, book in (await _books(venue))["routes"].items()}
        universes = universes or routes[_UNIVERSE]
        now, at = sum(routes.values()) - sum(routes.get(path, 0) for path in _ALWAYS), clock.now()
        if now != asked:
            asked, since = now, at
        return routes[_UNIVERSE] > universes and at - since > timedelta(seconds=4)

    await eventually(ready, within=180, saying="the fetcher is ready for the close")


async def _books(venue: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as client, client.get(f"{venue}/sim/accounting") as answer:
        return dict(await answer.json())


async def _move(venue: str, instant: Any, *, speed: float = 0.0) -> None:
    body = {"speed": speed, "venue_origin": instant.isoformat()}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{venue}/sim/clock", json=body) as answer,
    ):
        assert answer.ok, await answer.text()


@asynccontextmanager
async def _stored(broker: str) -> AsyncIterator[Stored]:
    stored: Stored = defaultdict(dict)
    connection = await nats.connect(broker)

    async def note(message: Any) -> None:
        at = message.metadata.timestamp.timestamp()
        stored[(message.headers or {})["Scan-Id"]][message.subject] = at

    async def followed() -> bool:
        try:
            await connection.jetstream().subscribe(
                "market.candles.>", cb=note, ordered_consumer=True, headers_only=True
            )
        except nats.js.errors.Error:
            return False
        return True

    await eventually(followed, within=60, saying="the streams are laid out")
    try:
        yield stored
    finally:
        await connection.close()


if __name__ == "__main__":
    main()

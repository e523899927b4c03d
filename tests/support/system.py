"""The whole scanner as processes on free ports, for tests; only the venue is simulated."""

import dataclasses
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import psycopg

from common.bus.nats import NatsBus
from common.clock import ClockReading
from common.codec import encode
from common.domain import Decision
from common.sections import BusSettings
from standalone.adapters.ports import free_port, free_ports
from standalone.app import Scanner, running
from standalone.core.programs import SERVICES, Market
from standalone.settings import StandaloneSettings
from tests.support.scans import VENUE, Scans


@dataclass(frozen=True, kw_only=True)
class System(Scans):
    """A running scanner with its simulated venue's clock in the test's hands."""

    scanner: Scanner
    venue_url: str

    async def stop_the_clock(self) -> None:
        """Let no more venue time pass, so that every answer stays the same."""
        await self.set_clock(speed=0)

    async def clock(self) -> ClockReading:
        """Read the venue's clock."""
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{self.venue_url}/sim/clock") as answer,
        ):
            return ClockReading.model_validate_json(await answer.read())

    async def set_clock(
        self, *, speed: float, venue_origin: datetime | None = None, until: datetime | None = None
    ) -> ClockReading:
        """Change the venue clock's speed, and its time and where it stops where they are given."""
        body: dict[str, object] = {"speed": speed}
        if venue_origin is not None:
            body["venue_origin"] = venue_origin.isoformat()
        if until is not None:
            body["until"] = until.isoformat()
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.venue_url}/sim/clock", json=body) as answer,
        ):
            assert answer.ok, await answer.text()
            return ClockReading.model_validate_json(await answer.read())

    def rows(self, query: str, *values: object) -> Sequence[tuple[object, ...]]:
        """Read rows from the scanner's Postgres."""
        url = self.scanner.database_url.replace("+psycopg", "")
        with psycopg.connect(url, password=self.scanner.database_password) as connection:
            return connection.execute(query, values).fetchall()

    async def replace(self, name: str, *, module: str, **changes: str) -> None:
        """Run another module in a service's place, its variables changed by `changes`."""
        program = await self.scanner.processes.end(name)
        self.scanner.processes.start(
            dataclasses.replace(
                program,
                arguments=(sys.executable, "-m", module),
                environment={**program.environment, **changes},
            )
        )

    def kill(self, name: str) -> None:
        """End a service at once, as the kernel would when memory runs out."""
        pid = self.scanner.processes.pid(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def running_system(
    folder: Path,
    *,
    candles: Path | None = None,
    symbols: int = 12,
    speed: float = 1.0,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[System]:
    """Start the scanner on free ports below `folder`, and end it afterwards."""
    settings = StandaloneSettings(
        folder=str(folder),
        nats_port=free_port(),
        postgres_port=free_port(),
        venue_port=free_port(),
        api_port=free_port(),
        dashboard_port=free_port(),
        health_port=free_ports(len(SERVICES)),
        ready_within_seconds=120,
        symbols=symbols,
        speed=speed,
    )
    market = Market(venue=VENUE, live=False, candles=candles)
    said: list[str] = []
    async with running(settings, market, said.append, environment=environment) as scanner:
        bus = NatsBus(BusSettings(url=scanner.nats_url), name="test")
        await bus.connect()
        try:
            yield System(
                scanner=scanner,
                venue_url=f"http://127.0.0.1:{settings.venue_port}",
                bus=bus,
            )
        finally:
            await bus.close()


def without_scan(decision: Decision) -> bytes:
    """Return a decision's bytes with the scan's number taken out."""
    return encode(decision).replace(decision.scan_id.encode(), b"scan")

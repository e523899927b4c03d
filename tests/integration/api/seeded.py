"""A whole api on a free port, over a memory bus and a real Postgres that a test fills."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from api.app import wire
from common.bus.memory import MemoryBus
from common.clock import SystemClock
from common.domain import Fact
from common.service import Running, Runtime, running
from common.settings import SettingsSource
from recorder.core.batches import batch_of
from standalone.adapters.ports import free_port
from tests.integration.recorder.postgres import Opened, opened
from tests.support.servers import Database

TRACES = "http://traces/{trace_id}"


@dataclass
class RunningApi:
    """A served api, and what is behind it."""

    http: httpx.AsyncClient
    bus: MemoryBus
    place: Opened
    service: Running

    async def record(self, *facts: Fact) -> None:
        await self.place.history.write(batch_of(facts))

    async def items(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            answer = await self.http.get(path, params=parameters)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            parameters["cursor"] = page["next_cursor"]

    async def refusal(self, path: str, status: int, **parameters: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"error"}
        error: dict[str, Any] = answer.json()["error"]
        return error


@asynccontextmanager
async def running_api(database: Database, **changes: Any) -> AsyncIterator[RunningApi]:
    """Run the whole service on a free port, over a memory bus and a real Postgres."""
    port = free_port()
    settings = SettingsSource(
        {
            "database": {
                "url": database.url,
                "password": database.password,
                "connect_timeout_seconds": 2,
            },
            "api": {"port": port, "heartbeat_seconds": 0.2, **changes},
            "telemetry": {"trace_url": TRACES},
        }
    )
    bus = MemoryBus()
    runtime = Runtime(name="api", instance="1", bus=bus, clock=SystemClock(), settings=settings)
    async with (
        opened(database.url, database.password) as place,
        running(runtime, wire(runtime)) as service,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http,
    ):
        yield RunningApi(http, bus, place, service)

"""What a fault acts on: the running system, the broker as its operator sees it, the processes."""

import asyncio
import json
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client

from tests.soak.lockstep import Lockstep
from tests.soak.network import Relay
from tests.support.system import System


@dataclass(kw_only=True)
class Rig:
    """A system in the hands of someone who breaks it."""

    system: System
    lockstep: Lockstep
    random: random.Random
    say: Callable[[str], None]
    network_namespace: bool
    disk: Path | None
    """The folder of a small disk of its own that the broker's streams lie on, if there is one."""
    poison: set[tuple[str, int, str]] = field(default_factory=set)
    """Stream, sequence and service of every message planted that this service must set aside."""
    relays: dict[str, Relay] = field(default_factory=dict)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Client]:
        """Talk to the broker as its operator, waiting for it where need be."""
        client = await nats.connect(
            self.system.scanner.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5
        )
        try:
            yield client
        finally:
            await client.close()

    async def api(self, subject: str, **payload: object) -> dict[str, Any]:
        """Call JetStream's API."""
        async with self.operator() as client:
            answer = await client.request(
                f"$JS.API.{subject}", json.dumps(payload).encode() if payload else b"", timeout=20
            )
        told: dict[str, Any] = json.loads(answer.data)
        assert "error" not in told, f"{subject}: {told['error']}"
        return told

    def signal(self, service: str, number: signal.Signals) -> bool:
        """Send a signal to a service; say whether it ran."""
        pid = self.system.scanner.processes.pid(service)
        if pid is None:
            return False
        os.kill(pid, number)
        return True

    async def wait(self, least: float, most: float) -> None:
        """Let some wall seconds pass."""
        await asyncio.sleep(self.random.uniform(least, most))

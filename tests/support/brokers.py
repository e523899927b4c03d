"""Brokers for the contract suite: the memory bus and a real nats-server, used in the same way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import nats

from common.bus import Bus
from common.bus.memory import MemoryBus
from common.bus.nats import NatsBus
from common.sections import BusSettings
from common.streams import DUPLICATE_WINDOW, STREAMS, Stream


class Broker(Protocol):
    """Whatever stands behind the port."""

    async def connect(
        self,
        *,
        streams: Sequence[Stream] = STREAMS,
        duplicate_window: timedelta = DUPLICATE_WINDOW,
    ) -> Bus:
        """Return one more client of the same broker."""

    async def publish_raw(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        """Publish any bytes, as a stranger would."""

    async def close(self) -> None:
        """Close every client."""


class MemoryBroker:
    """One bus in memory: every client is the same object."""

    def __init__(self) -> None:
        self._bus: MemoryBus | None = None

    async def connect(
        self,
        *,
        streams: Sequence[Stream] = STREAMS,
        duplicate_window: timedelta = DUPLICATE_WINDOW,
    ) -> Bus:
        self._bus = self._bus or MemoryBus(streams=streams, duplicate_window=duplicate_window)
        return self._bus

    async def publish_raw(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        assert self._bus is not None
        await self._bus.publish_raw(subject, headers, body)

    async def close(self) -> None:
        if self._bus is not None:
            await self._bus.close()


class NatsBroker:
    """A nats-server: every client has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: list[NatsBus] = []

    async def connect(
        self,
        *,
        streams: Sequence[Stream] = STREAMS,
        duplicate_window: timedelta = DUPLICATE_WINDOW,
    ) -> Bus:
        bus = NatsBus(
            BusSettings(url=self._url, storage="memory"),
            streams=streams,
            duplicate_window=duplicate_window,
        )
        await bus.connect()
        self._clients.append(bus)
        return bus

    async def publish_raw(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        connection = await nats.connect(self._url)
        await connection.jetstream().publish(subject, body, headers=headers or None)
        await connection.close()

    async def close(self) -> None:
        for bus in self._clients:
            await bus.close()

"""A message of a stream in memory, in a consumer's hands."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from common.bus.memory_stream import Position, Stored
from common.bus.messages import read
from common.bus.port import Delivery
from common.domain import Fact


@dataclass
class MemoryDelivery(Delivery):
    """What a consumer was given, until it is settled."""

    position: Position
    message: Stored
    number: int
    changed: Callable[[], None]

    @property
    @override
    def subject(self) -> str:
        return self.message.subject

    @property
    @override
    def headers(self) -> dict[str, str]:
        return dict(self.message.headers)

    @property
    @override
    def body(self) -> bytes:
        return self.message.body

    @property
    @override
    def attempt(self) -> int:
        return self.number

    @property
    @override
    def stream_sequence(self) -> int:
        return self.message.sequence

    @override
    def activate(self) -> AbstractContextManager[None]:
        return nullcontext()

    @override
    def fact(self) -> Fact:
        return read(self.message.subject, self.message.headers, self.message.body)

    @override
    async def ack(self) -> None:
        self.position.settle(self.message.sequence)

    @override
    async def nak(self, delay: timedelta) -> None:
        self.position.put_back(self.message.sequence, delay)
        self.changed()

    @override
    async def terminate(self) -> None:
        self.position.settle(self.message.sequence)

    @override
    async def in_progress(self) -> None:
        self.position.keep(self.message.sequence)

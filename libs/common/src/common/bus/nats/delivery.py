"""One message from a durable consumer, with its span."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from nats.aio.msg import Msg
from opentelemetry import trace
from typing_extensions import override

from common import telemetry
from common.bus.messages import read
from common.bus.nats.connection import FOREIGN
from common.bus.port import Consumer, Delivery
from common.domain import Fact

_LOGGER: Final = logging.getLogger(__name__)
_NANOSECONDS: Final = 1_000_000_000


class NatsDelivery(Delivery):
    """A message to acknowledge, put back or set aside; its span ends with that."""

    def __init__(
        self,
        message: Msg,
        consumer: Consumer,
        *,
        settled: Callable[[str], None] = lambda _: None,
    ) -> None:
        metadata = message.metadata
        self.consumer = consumer
        self._message = message
        self._attempt = metadata.num_delivered or 1
        self._sequence = metadata.sequence.stream
        self._settled = settled
        self._span = telemetry.received(message.subject, self.headers, attempt=self._attempt)

    @property
    @override
    def subject(self) -> str:
        return self._message.subject

    @property
    @override
    def headers(self) -> Mapping[str, str]:
        return self._message.headers or {}

    @property
    @override
    def body(self) -> bytes:
        return self._message.data

    @property
    @override
    def attempt(self) -> int:
        return self._attempt

    @property
    @override
    def stream_sequence(self) -> int:
        return self._sequence

    @property
    def reply(self) -> str:
        """Where its acknowledgements go."""
        return self._message.reply

    @override
    @contextmanager
    def activate(self) -> Iterator[None]:
        with trace.use_span(self._span):
            yield

    @override
    def fact(self) -> Fact:
        return read(self.subject, self.headers, self.body)

    @override
    async def ack(self) -> None:
        self._settled(self.reply)
        await self._answer(b"+ACK")
        self._span.end()

    @override
    async def nak(self, delay: timedelta) -> None:
        self._settled(self.reply)
        nanoseconds = int(delay.total_seconds() * _NANOSECONDS)
        await self._answer(b'-NAK {"delay": %d}' % nanoseconds if nanoseconds else b"-NAK")
        telemetry.failed(self._span, "put back")
        self._span.end()

    @override
    async def terminate(self) -> None:
        self._settled(self.reply)
        await self._answer(b"+TERM")
        telemetry.failed(self._span, "set aside")
        self._span.end()

    @override
    async def in_progress(self) -> None:
        await self._answer(b"+WPI")

    async def _answer(self, word: bytes) -> None:
        try:
            await self._message._client.publish(self._message.reply, word)  # noqa: SLF001 - nats-py's own respond() does the same
        except FOREIGN as error:
            # Unheard, it is delivered again, and what it caused is stored once by its key.
            _LOGGER.warning("%s: acknowledgement not sent: %r", self.subject, error)

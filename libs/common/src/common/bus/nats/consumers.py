"""Consumers on the broker: durable ones for queues, ephemeral ones for followers and replays."""

import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final
from uuid import uuid4

from nats.aio.msg import Msg

from common.bus.messages import read
from common.bus.nats.connection import Connection
from common.bus.nats.pull import ConsumerGoneError, Pull
from common.bus.nats.requests import RefusedError, Requests
from common.bus.port import Consumer, Start
from common.domain import Fact
from common.errors import BusUnavailableError, InvalidMessageError

_LOGGER: Final = logging.getLogger(__name__)
_NANOSECONDS: Final = 1_000_000_000
_FORGOTTEN_AFTER_SECONDS: Final = 60
_COUNT_PATIENCE_SECONDS: Final = 2.0
_MADE_WITHIN_SECONDS: Final = 6.0
_TAKEN_AT_ONCE: Final = 64


def durable(consumer: Consumer, *, subjects: Sequence[str]) -> dict[str, Any]:
    """Return what the broker must know of a durable consumer; back-off is ours, through naks."""
    return {
        "durable_name": consumer.name,
        "name": consumer.name,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": int(consumer.ack_wait.total_seconds() * _NANOSECONDS),
        "max_deliver": -1 if consumer.retry_forever else consumer.max_deliveries,
        "max_ack_pending": max(1000, 8 * consumer.batch),
        "filter_subjects": list(subjects),
    }


async def make_durable(requests: Requests, stream: str, configuration: dict[str, Any]) -> None:
    """Make a durable consumer or bring it up to date."""
    await requests.api(
        f"CONSUMER.DURABLE.CREATE.{stream}.{configuration['durable_name']}",
        stream_name=stream,
        config=configuration,
    )


async def info(requests: Requests, stream: str, consumer: str) -> tuple[int, int]:
    """Return how many messages are in someone's hands, and how many of them came again."""
    found = await requests.api(f"CONSUMER.INFO.{stream}.{consumer}")
    in_hands = int(found["num_ack_pending"])
    # The broker goes on counting messages it gave up on as redelivered.
    return in_hands, min(in_hands, int(found["num_redelivered"]))


async def left(requests: Requests, stream: str, consumer: str) -> int:
    """Return how many messages nobody has acknowledged; do not wait long for a broker away."""
    found = await requests.call(
        f"$JS.API.CONSUMER.INFO.{stream}.{consumer}", b"", patience=_COUNT_PATIENCE_SECONDS
    )
    return int(found["num_pending"]) + int(found["num_ack_pending"])


class Reader:
    """Read a stream's messages in order without acknowledging, from wherever it was interrupted."""

    def __init__(
        self,
        connection: Connection,
        requests: Requests,
        *,
        pulls: set[Pull],
        stream: str,
        subjects: Sequence[str],
    ) -> None:
        self._connection = connection
        self._requests = requests
        self._pulls = pulls
        self._stream = stream
        self._subjects = list(subjects)
        self._reached: int | None = None

    async def follow(self, start: Start) -> AsyncIterator[Fact]:
        """Yield facts from `start` on, for ever."""
        async for message in self.follow_messages(start):
            for fact in _readable(message):
                yield fact

    async def follow_messages(self, start: Start) -> AsyncIterator[Msg]:
        """Yield messages, whatever they are, from `start` on, for ever."""
        if start is Start.NEW:
            self._reached = await self._last_sequence()
        while True:
            if self._reached is not None and self._reached > await self._last_sequence():
                _LOGGER.warning("stream %s began again: so does its follower", self._stream)
                self._reached = None
            try:
                async for message in self._read(start, history=False):
                    yield message
            except ConsumerGoneError as error:
                _LOGGER.debug("follower of %s goes on: %s", self._stream, error)

    async def history(self, start: Start) -> AsyncIterator[Fact]:
        """Yield the facts the stream keeps now, then stop."""
        while True:
            try:
                async for message in self._read(start, history=True):
                    for fact in _readable(message):
                        yield fact
            except ConsumerGoneError as error:
                _LOGGER.debug("replay of %s goes on: %s", self._stream, error)
            else:
                return

    async def _read(self, start: Start, *, history: bool) -> AsyncIterator[Msg]:
        name = f"reader-{uuid4().hex[:16]}"
        left = await self._make(name, start)
        if history and left == 0:
            await self._forget(name)
            return
        pull = Pull(self._connection, stream=self._stream, consumer=name)
        await pull.open()
        self._pulls.add(pull)
        try:
            while True:
                for message in await pull.take(_TAKEN_AT_ONCE):
                    self._reached = message.metadata.sequence.stream
                    yield message
                    left -= 1
                    if history and (left == 0 or message.metadata.num_pending == 0):
                        return
        finally:
            self._pulls.discard(pull)
            await pull.close()
            await self._forget(name)

    async def _make(self, name: str, start: Start) -> int:
        configuration = {
            "name": name,
            "ack_policy": "none",
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": _FORGOTTEN_AFTER_SECONDS * _NANOSECONDS,
            "filter_subjects": self._subjects,
            **self._from(start),
        }
        try:
            made = await self._requests.call(
                f"$JS.API.CONSUMER.CREATE.{self._stream}.{name}",
                json.dumps({"stream_name": self._stream, "config": configuration}).encode(),
                patience=_MADE_WITHIN_SECONDS,
            )
        except BusUnavailableError as error:
            # A cluster may give it to a broker that has just died: then it is never answered,
            # however often it is asked for, and must be made under another name.
            raise ConsumerGoneError(f"{name} on {self._stream} was not made") from error
        return int(made["num_pending"])

    def _from(self, start: Start) -> dict[str, Any]:
        if self._reached is not None:
            return {"deliver_policy": "by_start_sequence", "opt_start_seq": self._reached + 1}
        return {"deliver_policy": "last_per_subject" if start is Start.LATEST else "all"}

    async def _last_sequence(self) -> int:
        state = (await self._requests.api(f"STREAM.INFO.{self._stream}"))["state"]
        return int(state["last_seq"])

    async def _forget(self, name: str) -> None:
        if not self._connection.client.is_connected:
            return
        try:
            await self._requests.api(f"CONSUMER.DELETE.{self._stream}.{name}")
        except RefusedError:
            return


def _readable(message: Msg) -> Iterator[Fact]:
    try:
        yield read(message.subject, message.headers or {}, message.data)
    except InvalidMessageError as error:
        _LOGGER.debug("follower skips %s: %s", message.subject, error)

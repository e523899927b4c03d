"""The bus in memory: the broker's twin for tests and replays, never kinder than the real one.

Every fact goes through the real codec, every key is stored once, and what is not acknowledged
comes back.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from typing_extensions import override

from common.bus.caution import Caution
from common.bus.memory_delivery import MemoryDelivery
from common.bus.memory_questions import MemoryQuestions
from common.bus.memory_stream import MemoryStream, Position, Stored, matches
from common.bus.memory_values import MemoryValues
from common.bus.merging import merged
from common.bus.messages import MAX_PAYLOAD, read, write
from common.bus.port import (
    Answer,
    AnswerStream,
    Bus,
    Consumer,
    Delivery,
    GivenUp,
    Reply,
    Start,
    Values,
)
from common.domain import Fact, Request
from common.errors import BusUnavailableError, InvalidMessageError
from common.streams import DUPLICATE_WINDOW, STREAMS, Bucket, Stream, stream_of
from common.subjects import wildcard

_ADVISORIES: Final = Consumer(name="advisories", facts=())
_ADVISORY_SUBJECT: Final = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"
_IDLE: Final = 3600.0


class MemoryBus(Bus):
    """Streams, durable consumers, followers and questions inside one process."""

    def __init__(
        self,
        *,
        streams: Sequence[Stream] = STREAMS,
        duplicate_window: timedelta = DUPLICATE_WINDOW,
        max_payload: int = MAX_PAYLOAD,
    ) -> None:
        self._streams = {
            stream.name: MemoryStream(stream, duplicate_window=duplicate_window)
            for stream in streams
        }
        self._max_payload = max_payload
        self._listeners: dict[asyncio.Queue[Stored], tuple[str, ...]] = {}
        self.questions = MemoryQuestions(max_payload=max_payload)
        self._values: defaultdict[str, MemoryValues] = defaultdict(
            lambda: MemoryValues(self.unavailable)
        )
        self._changed = asyncio.Event()
        self._closed = False

    @override
    async def publish(self, fact: Fact) -> None:
        self._check_open()
        subject, headers, body = write(fact, max_payload=self._max_payload)
        await self.publish_raw(subject, headers, body)

    async def publish_raw(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        """Store any bytes under a subject, as a careless or hostile publisher would."""
        for stream in self._streams.values():
            if any(matches(one, subject) for one in stream.stream.subjects):
                stream.append(subject, headers, body)
                self._notify()
                break
        message = Stored(sequence=0, subject=subject, headers=headers, body=body, at=0)
        for queue, subjects in self._listeners.items():
            if any(matches(one, subject) for one in subjects):
                queue.put_nowait(message)
        await asyncio.sleep(0)

    @override
    async def consume(self, consumer: Consumer) -> AsyncIterator[Sequence[Delivery]]:
        stream, subjects = self._source(consumer.facts)
        position = stream.position(consumer, subjects)
        async for batch in self._batches(position):
            yield batch

    @override
    async def pending(self, consumer: Consumer) -> int:
        self._check_open()
        stream, _ = self._source(consumer.facts)
        return stream.pending(consumer.name)

    @override
    @contextmanager
    def working(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        held = [one for one in deliveries if isinstance(one, MemoryDelivery)]
        for delivery in held:
            delivery.position.hold(delivery.stream_sequence)
        try:
            yield
        finally:
            for delivery in held:
                delivery.position.release(delivery.stream_sequence)

    @override
    async def given_up(self) -> AsyncIterator[Sequence[GivenUp]]:
        stream = self._streams["ADVISORIES"]
        position = stream.position(_ADVISORIES, stream.stream.subjects)
        async for batch in self._batches(position):
            yield [self._read_advisory(delivery) for delivery in batch]

    @override
    async def follow(
        self, *facts: type[Fact], start: Start = Start.NEW, **tokens: str
    ) -> AsyncIterator[Fact]:
        sources: list[AsyncIterator[Fact]] = []
        told = [wildcard(kind, **tokens) for kind in facts if not kind.durable]
        if told:
            sources.append(self._listen(told))
        by_stream: defaultdict[str, list[str]] = defaultdict(list)
        for kind in facts:
            if kind.durable:
                by_stream[stream_of(kind).name].append(wildcard(kind, **tokens))
        sources += [
            self._follow(self._streams[name], subjects, start)
            for name, subjects in by_stream.items()
        ]
        async for fact in merged(sources):
            yield fact

    @override
    async def replay(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        stream, subjects = self._source(facts, **tokens)
        for message in list(stream.after(0, subjects)):
            for fact in _readable(message):
                yield fact

    @override
    async def latest(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        stream, subjects = self._source(facts, **tokens)
        for message in stream.latest(subjects):
            for fact in _readable(message):
                yield fact

    @override
    def values(self, bucket: Bucket) -> Values:
        return self._values[bucket.name]

    @override
    async def ask(
        self, request: Request, *, within: timedelta = timedelta(seconds=10), target: str = ""
    ) -> Reply:
        self._check_open()
        return await self.questions.ask(request, within=within, target=target)

    @override
    async def answer(self, subject: str, answer: Answer, *, target: str = "") -> None:
        self.questions.answer(subject, answer, target=target)

    @override
    def ask_stream(
        self, request: Request, *, silence: timedelta = timedelta(seconds=30), target: str = ""
    ) -> AsyncIterator[Reply]:
        self._check_open()
        return self.questions.ask_stream(request, silence=silence, target=target)

    @override
    async def answer_stream(self, subject: str, answer: AnswerStream, *, target: str = "") -> None:
        self.questions.answer_stream(subject, answer, target=target)

    @override
    def unavailable(self) -> str | None:
        return "the bus is closed" if self._closed else None

    @override
    async def close(self) -> None:
        self._closed = True
        self._notify()
        for values in self._values.values():
            values.wake()

    async def _batches(self, position: Position) -> AsyncIterator[Sequence[Delivery]]:
        caution = Caution(
            position.consumer,
            in_hands=len(position.pending),
            redelivered=position.redelivered,
            now=time.monotonic(),
        )
        while not self._closed:
            changed = self._changed
            limit = caution.limit(redelivered=position.redelivered, now=time.monotonic())
            taken = position.take(limit)
            self._report(position)
            if taken:
                yield [
                    MemoryDelivery(position, message, attempt, self._notify)
                    for message, attempt in taken
                ]
            else:
                await self._wait(changed, until=position.next_due())

    def _report(self, position: Position) -> None:
        while position.given_up:
            advisory = position.given_up.pop()
            name = f"{position.stream.stream.name}.{position.consumer.name}"
            self._streams["ADVISORIES"].append(f"{_ADVISORY_SUBJECT}.{name}", {}, advisory)
            self._notify()

    def _read_advisory(self, delivery: Delivery) -> GivenUp:
        advisory = json.loads(delivery.body)
        message = self._streams[advisory["stream"]].get(advisory["stream_seq"])
        return GivenUp(
            consumer=advisory["consumer"],
            sequence=advisory["stream_seq"],
            deliveries=advisory["deliveries"],
            subject=message.subject if message else "",
            headers=message.headers if message else {},
            body=message.body if message else b"",
            ack=delivery.ack,
        )

    async def _follow(
        self, stream: MemoryStream, subjects: Sequence[str], start: Start
    ) -> AsyncIterator[Fact]:
        reached = 0 if start is Start.ALL else stream.last_sequence
        if start is Start.LATEST:
            for message in stream.latest(subjects):
                for fact in _readable(message):
                    yield fact
        while not self._closed:
            changed, reached_next = self._changed, stream.last_sequence
            for message in list(stream.after(reached, subjects)):
                for fact in _readable(message):
                    yield fact
            if reached == reached_next:
                await self._wait(changed, until=None)
            reached = reached_next

    async def _listen(self, subjects: Sequence[str]) -> AsyncIterator[Fact]:
        queue: asyncio.Queue[Stored] = asyncio.Queue()
        self._listeners[queue] = tuple(subjects)
        try:
            while not self._closed:
                for fact in _readable(await queue.get()):
                    yield fact
        finally:
            del self._listeners[queue]

    def _source(self, facts: Sequence[type[Fact]], **tokens: str) -> tuple[MemoryStream, list[str]]:
        (name,) = {stream_of(fact).name for fact in facts}
        return self._streams[name], [wildcard(fact, **tokens) for fact in facts]

    async def _wait(self, changed: asyncio.Event, *, until: float | None) -> None:
        left = _IDLE if until is None else max(0.0, until - time.monotonic())
        try:
            async with asyncio.timeout(left):
                await changed.wait()
        except TimeoutError:
            return

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _check_open(self) -> None:
        if self._closed:
            raise BusUnavailableError("the bus is closed")


def _readable(message: Stored) -> Iterator[Fact]:
    try:
        yield read(message.subject, message.headers, message.body)
    except InvalidMessageError:
        return

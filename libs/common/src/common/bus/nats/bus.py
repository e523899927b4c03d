"""The bus over NATS: durable facts on JetStream, the others and questions on core NATS."""

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from nats.aio.msg import Msg
from typing_extensions import override

from common import telemetry
from common.bus.caution import Caution
from common.bus.merging import merged
from common.bus.messages import read, write
from common.bus.nats.connection import FOREIGN, Connection
from common.bus.nats.consumers import Reader, durable, info, left, make_durable
from common.bus.nats.delivery import NatsDelivery
from common.bus.nats.keeper import Keeper
from common.bus.nats.layout import Layout
from common.bus.nats.parts import Parts
from common.bus.nats.pull import ConsumerGoneError, Pull
from common.bus.nats.questions import Questions
from common.bus.nats.requests import RefusedError, Requests
from common.bus.nats.surrenders import read_advisory
from common.bus.nats.values import NatsValues
from common.bus.permissions import ADVISORIES, service
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
from common.sections import BusSettings
from common.streams import DUPLICATE_WINDOW, STREAMS, Bucket, Stream, stream_of
from common.subjects import wildcard

_LOGGER: Final = logging.getLogger(__name__)
_ADVISORIES: Final = Consumer(name=ADVISORIES, facts=(), max_deliveries=1000)
_IN_FLIGHT: Final = 256
_COUNT_EVERY_SECONDS: Final = 0.2


class NatsBus(Bus):
    """Facts over one NATS connection; `connect` before anything else."""

    def __init__(
        self,
        settings: BusSettings,
        *,
        name: str = "scanner",
        streams: Sequence[Stream] = STREAMS,
        duplicate_window: timedelta = DUPLICATE_WINDOW,
    ) -> None:
        self._settings = settings
        self._streams = {stream.name: stream for stream in streams}
        self._connection = self._connect_as(name)
        self._rights = service(self._connection.user)
        self._keeper = Keeper(self._connect_as(f"{name} acknowledgements"))
        self._requests = Requests(self._connection)
        self._layout = Layout(
            self._requests,
            settings,
            streams=streams,
            duplicate_window=duplicate_window,
            rights=self._rights,
        )
        self._questions = Questions(self._connection)
        self._parts = Parts(self._connection)
        self._pulls: set[Pull] = set()
        self._in_flight = asyncio.Semaphore(_IN_FLIGHT)

    async def connect(self) -> None:
        """Reach the broker and lay out the streams, or see that they are there.

        Raises BusUnavailableError when the broker is away or the streams are still to be made.
        """
        await self._connection.open(on_return=self._on_return)
        try:
            await self._requests.open()
            await self._layout.apply()
        except BaseException:
            await self._connection.close()
            raise
        self._requests.patience = math.inf

    @override
    async def publish(self, fact: Fact) -> None:
        limit = self._connection.client.max_payload
        subject, headers, body = write(fact, **({"max_payload": limit} if limit else {}))
        if fact.durable:
            with telemetry.published(subject, headers):
                await self._store(subject, headers, body)
        else:
            await self._tell(subject, headers, body)

    @override
    async def consume(self, consumer: Consumer) -> AsyncIterator[Sequence[Delivery]]:
        (stream,) = {stream_of(fact).name for fact in consumer.facts}
        subjects = [wildcard(fact) for fact in consumer.facts]
        if self._settings.ack_wait_seconds:
            wait = timedelta(seconds=self._settings.ack_wait_seconds)
            consumer = replace(consumer, ack_wait=wait)
        async for batch in self._consume(stream, consumer, subjects):
            yield batch

    @override
    async def pending(self, consumer: Consumer) -> int:
        (stream,) = {stream_of(fact).name for fact in consumer.facts}
        reason = self._connection.unavailable()
        if reason is not None:
            raise BusUnavailableError(reason)
        return await left(self._requests, stream, consumer.name)

    @override
    @contextmanager
    def working(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        held = [
            (one.reply, one.consumer.ack_wait.total_seconds())
            for one in deliveries
            if isinstance(one, NatsDelivery)
        ]
        self._keeper.hold(held)
        try:
            yield
        finally:
            self._keeper.release(held)

    @override
    async def given_up(self) -> AsyncIterator[Sequence[GivenUp]]:
        if self._rights is not None and not self._rights.witnesses:
            await asyncio.Event().wait()  # others see to it
        subjects = self._streams["ADVISORIES"].subjects
        async for batch in self._consume("ADVISORIES", _ADVISORIES, subjects):
            yield [await read_advisory(self._requests, delivery) for delivery in batch]

    @override
    async def follow(
        self, *facts: type[Fact], start: Start = Start.NEW, **tokens: str
    ) -> AsyncIterator[Fact]:
        told = [wildcard(kind, **tokens) for kind in facts if not kind.durable]
        sources: list[AsyncIterator[Fact]] = [self._listen(told)] if told else []
        by_stream: defaultdict[str, list[str]] = defaultdict(list)
        for kind in facts:
            if kind.durable:
                by_stream[stream_of(kind).name].append(wildcard(kind, **tokens))
        sources += [
            self._reader(stream, subjects).follow(start) for stream, subjects in by_stream.items()
        ]
        async for fact in merged(sources):
            yield fact

    @override
    def replay(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        return self._history(facts, Start.ALL, **tokens)

    @override
    def latest(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        return self._history(facts, Start.LATEST, **tokens)

    @override
    def values(self, bucket: Bucket) -> Values:
        return NatsValues(self._connection, self._requests, bucket, reader=self._reader)

    @override
    async def ask(
        self, request: Request, *, within: timedelta = timedelta(seconds=10), target: str = ""
    ) -> Reply:
        return await self._questions.ask(request, within=within, target=target)

    @override
    async def answer(self, subject: str, answer: Answer, *, target: str = "") -> None:
        await self._questions.answer(subject, answer, target=target)

    @override
    def ask_stream(
        self, request: Request, *, silence: timedelta = timedelta(seconds=30), target: str = ""
    ) -> AsyncIterator[Reply]:
        return self._parts.ask(request, silence=silence, target=target)

    @override
    async def answer_stream(self, subject: str, answer: AnswerStream, *, target: str = "") -> None:
        await self._parts.answer(subject, answer, target=target)

    @override
    def unavailable(self) -> str | None:
        return self._connection.unavailable()

    @override
    async def close(self) -> None:
        await self._questions.close()
        await self._parts.close()
        await asyncio.to_thread(self._keeper.stop)
        await self._connection.close()

    async def _store(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        async with self._in_flight:
            try:
                await self._requests.call(subject, body, headers)
            except RefusedError as error:
                raise BusUnavailableError(f"{subject} was not stored: {error}") from error

    async def _tell(self, subject: str, headers: dict[str, str], body: bytes) -> None:
        reason = self._connection.unavailable()
        if reason is not None:
            raise BusUnavailableError(reason)
        try:
            await self._connection.client.publish(subject, body, headers=headers)
        except FOREIGN as error:
            raise BusUnavailableError(f"{subject} was not told: {error!r}") from error

    async def _consume(
        self, stream: str, consumer: Consumer, subjects: Sequence[str]
    ) -> AsyncIterator[Sequence[Delivery]]:
        configuration = durable(consumer, subjects=subjects)
        await make_durable(self._requests, stream, configuration)
        in_hands, redelivered = await info(self._requests, stream, consumer.name)
        caution = Caution(
            consumer, in_hands=in_hands, redelivered=redelivered, now=time.monotonic()
        )
        pull = Pull(self._connection, stream=stream, consumer=consumer.name)
        await pull.open()
        self._pulls.add(pull)
        counted = time.monotonic()
        try:
            while True:
                if caution.careful and time.monotonic() - counted > _COUNT_EVERY_SECONDS:
                    _, redelivered = await info(self._requests, stream, consumer.name)
                    counted = time.monotonic()
                limit = caution.limit(redelivered=redelivered, now=time.monotonic())
                try:
                    messages = await pull.take(limit)
                except ConsumerGoneError as error:
                    _LOGGER.debug("%s asks again: %s", consumer.name, error)
                    await self._layout.settle()
                    await make_durable(self._requests, stream, configuration)
                    continue
                if messages:
                    yield [
                        NatsDelivery(message, consumer, settled=self._keeper.settle)
                        for message in messages
                    ]
        finally:
            self._pulls.discard(pull)
            for message in await pull.close():
                await NatsDelivery(message, consumer).nak(timedelta(0))

    async def _listen(self, subjects: Sequence[str]) -> AsyncIterator[Fact]:
        arrived: asyncio.Queue[Msg] = asyncio.Queue()
        await self._connection.wait(math.inf)
        subscriptions = [
            await self._connection.client.subscribe(subject, cb=arrived.put) for subject in subjects
        ]
        try:
            while True:
                message = await arrived.get()
                try:
                    yield read(message.subject, message.headers or {}, message.data)
                except InvalidMessageError as error:
                    _LOGGER.debug("listener skips %s: %s", message.subject, error)
        finally:
            for subscription in subscriptions:
                if not self._connection.client.is_closed:
                    await subscription.unsubscribe()

    def _history(
        self, facts: Sequence[type[Fact]], start: Start, **tokens: str
    ) -> AsyncIterator[Fact]:
        (stream,) = {stream_of(fact).name for fact in facts}
        return self._reader(stream, [wildcard(fact, **tokens) for fact in facts]).history(start)

    def _reader(self, stream: str, subjects: Sequence[str]) -> Reader:
        return Reader(
            self._connection,
            self._requests,
            pulls=self._pulls,
            stream=stream,
            subjects=subjects,
        )

    def _on_return(self) -> None:
        self._requests.interrupt()
        for pull in self._pulls:
            pull.interrupt()

    def _connect_as(self, name: str) -> Connection:
        settings = self._settings
        return Connection(settings.url, name=name, user=settings.user, password=settings.password)

"""The fate of a message, decided here and nowhere else.

- the handler returns: its facts are published, then the message is acknowledged;
- `InvalidMessageError` or `InvalidDataError`: set aside and told as a `DeadLetter`, for trying
  again would change nothing;
- `StreamFullError` while its facts are published: kept in hand and handled again until there is
  room, for a full stream is nobody's fault and uses up no deliveries;
- any other `TransientError`: put back with a pause; where the consumer retries for ever, it is
  kept in hand and tried again, so that waiting for a database uses up no deliveries;
- anything else: logged, put back, and a `DeadLetter` after the last delivery.

A batch that fails is handled again one by one, so only the culprit shares this fate. A message
that comes again is handled alone, after the new ones: it may kill this process.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from opentelemetry import trace
from structlog.contextvars import bound_contextvars

from common import telemetry
from common.bus import Bus, Consumer, Delivery
from common.dead_letters import is_dead_letter, letter_of
from common.domain import Fact
from common.errors import InvalidDataError, InvalidMessageError, StreamFullError, TransientError
from common.metrics import Counts
from common.runtime import Stage

_LOGGER: Final = logging.getLogger(__name__)
_KILLER_PATIENCE: Final = 4
"""A consumer that retries for ever gives a message up after this many times its deliveries."""


class Fate:
    """Take one stage's deliveries through its handler to their end."""

    def __init__(self, stage: Stage, *, bus: Bus, service: str, stopping: asyncio.Event) -> None:
        self._handle = stage.handle
        self._consumer = stage.consumer
        self._bus = bus
        self._service = service
        self._stopping = stopping
        self._refused: list[Delivery] = []
        self.counts = Counts()

    async def decide(self, batch: Sequence[Delivery]) -> None:
        """Handle a batch: new messages together, those that come again one by one."""
        new = [delivery for delivery in batch if delivery.attempt == 1]
        again = sorted(
            (delivery for delivery in batch if delivery.attempt > 1),
            key=lambda delivery: delivery.attempt,
        )
        with self._bus.working(batch):
            await self._together(new)
            for delivery in again:
                if self._stopping.is_set():
                    await delivery.nak(timedelta(0))
                elif self._is_killer(delivery):
                    await self._set_aside(delivery, f"never finished in {delivery.attempt} tries")
                else:
                    await self._together([delivery])
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        attempt = 0
        while self._refused:
            refused, self._refused = self._refused, []
            attempt += 1
            await self._pause(attempt)
            for delivery in refused:
                if self._stopping.is_set():
                    await delivery.nak(timedelta(0))
                else:  # handled anew: what it was to tell may have had a deadline
                    await self._together([delivery])

    async def _together(self, batch: Sequence[Delivery]) -> None:
        readable = await self._read(batch)
        if not readable:
            return
        deliveries = [delivery for delivery, _ in readable]
        culprit_among_several = False
        try:
            told = await self._run(deliveries, [fact for _, fact in readable])
            await asyncio.gather(*map(self._tell, deliveries, told))
        except TransientError as error:
            _LOGGER.warning("%s: %s", self._consumer.name, error)
            for delivery in deliveries:
                await self._put_back(delivery, error)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises has a fate here
            culprit_among_several = len(readable) > 1
            if culprit_among_several:
                _LOGGER.warning("%s: one of %d: %r", self._consumer.name, len(readable), error)
            else:
                await self._fail(deliveries[0], error)
        if culprit_among_several:
            for delivery in deliveries:
                await self._together([delivery])

    async def _read(self, batch: Sequence[Delivery]) -> list[tuple[Delivery, Fact]]:
        readable: list[tuple[Delivery, Fact]] = []
        for delivery in batch:
            try:
                readable.append((delivery, delivery.fact()))
            except InvalidMessageError as error:
                self.counts.failed += 1
                await self._set_aside(delivery, str(error))
        return readable

    async def _run(
        self, deliveries: Sequence[Delivery], facts: Sequence[Fact]
    ) -> Sequence[Sequence[Fact]]:
        attempt = 0
        while True:
            try:
                with self._bus.working(deliveries), self._span(deliveries):
                    return _of_length(len(facts), await self._handle(facts))
            except TransientError as error:
                if not self._consumer.retry_forever or self._stopping.is_set():
                    raise
                attempt += 1
                _LOGGER.warning("%s waits (try %d): %s", self._consumer.name, attempt, error)
                with self._bus.working(deliveries):
                    await self._pause(attempt)

    def _span(self, deliveries: Sequence[Delivery]) -> ExitStack:
        stack = ExitStack()
        if len(deliveries) == 1:
            delivery = deliveries[0]
            stack.enter_context(delivery.activate())
            stack.enter_context(bound_contextvars(subject=delivery.subject))
        else:
            spans = [_span_of(delivery) for delivery in deliveries]
            stack.enter_context(telemetry.batch(self._consumer.name, spans))
        return stack

    async def _pause(self, attempt: int) -> None:
        pause = _backoff(self._consumer, attempt).total_seconds()
        try:
            async with asyncio.timeout(pause):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _tell(self, delivery: Delivery, facts: Sequence[Fact]) -> None:
        try:
            with delivery.activate():
                for fact in facts:
                    await self._bus.publish(fact)
        except StreamFullError as error:
            with delivery.activate():
                _LOGGER.warning("%s waits for room: %s", self._consumer.name, error)
            self._refused.append(delivery)
        except TransientError as error:
            with delivery.activate():
                _LOGGER.warning("%s cannot publish: %s", self._consumer.name, error)
            await self._put_back(delivery, error)
        except Exception as error:  # noqa: BLE001 - whatever publishing raises has a fate here
            await self._fail(delivery, error)
        else:
            await delivery.ack()
            self.counts.handled += 1

    async def _put_back(self, delivery: Delivery, error: TransientError) -> None:
        if self._stopping.is_set():
            await delivery.nak(timedelta(0))
            return
        self.counts.failed += 1
        if self._is_last(delivery) and not self._consumer.retry_forever:
            await self._set_aside(delivery, f"{type(error).__name__}: {error}")
        else:
            await delivery.nak(_backoff(self._consumer, delivery.attempt))

    async def _fail(self, delivery: Delivery, error: Exception) -> None:
        self.counts.failed += 1
        reason = f"{type(error).__name__}: {error}"
        with delivery.activate():
            _LOGGER.error(
                "%s failed on %s, delivery %d: %s",
                self._consumer.name,
                delivery.subject,
                delivery.attempt,
                reason,
                exc_info=error,
            )
        if isinstance(error, InvalidMessageError | InvalidDataError) or self._is_last(delivery):
            await self._set_aside(delivery, reason)
        else:
            await delivery.nak(_backoff(self._consumer, delivery.attempt))

    async def _set_aside(self, delivery: Delivery, reason: str) -> None:
        with delivery.activate():
            _LOGGER.error("%s sets %s aside: %s", self._consumer.name, delivery.subject, reason)
        if not is_dead_letter(delivery.subject):
            letter = letter_of(delivery, service=self._service, reason=reason)
            try:
                with delivery.activate():
                    await self._bus.publish(letter)
            except TransientError as error:
                # Without its letter it must not end: the broker's advisory is the last resort.
                _LOGGER.warning("%s cannot tell a dead letter: %s", self._consumer.name, error)
                await delivery.nak(_backoff(self._consumer, delivery.attempt))
                return
        await delivery.terminate()
        self.counts.dead_lettered += 1

    def _is_last(self, delivery: Delivery) -> bool:
        return delivery.attempt >= self._consumer.max_deliveries

    def _is_killer(self, delivery: Delivery) -> bool:
        limit = self._consumer.max_deliveries * _KILLER_PATIENCE
        return self._consumer.retry_forever and delivery.attempt > limit


def _span_of(delivery: Delivery) -> trace.Span:
    with delivery.activate():
        return trace.get_current_span()


def _of_length(count: int, told: Sequence[Sequence[Fact]]) -> Sequence[Sequence[Fact]]:
    if len(told) != count:
        raise RuntimeError(f"handler must answer {count} facts, was {len(told)}")
    return told


def _backoff(consumer: Consumer, attempt: int) -> timedelta:
    if not consumer.backoff:
        return timedelta(0)
    return consumer.backoff[min(attempt, len(consumer.backoff)) - 1]

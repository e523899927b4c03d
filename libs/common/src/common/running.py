"""One service at work: its stages, answers and background loops, until it is told to stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

from common.asked import Asked
from common.bus import Delivery
from common.clock import SystemClock
from common.dead_letters import is_dead_letter, letter_of_given_up
from common.domain import Heartbeat, ScanCompleted, ServiceState
from common.errors import ScannerError, TransientError
from common.fate import Fate
from common.metrics import ConsumerState, exposition
from common.resources import ResourceMeter
from common.runtime import Runtime, Service, Stage
from common.streams import stream_of

HEARTBEAT_SECONDS: Final = 5.0
DRAIN: Final = timedelta(seconds=8)
"""How long a batch in hand may take to finish; with the rest, a service ends within ten seconds."""

_LOGGER: Final = logging.getLogger(__name__)
_RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


@asynccontextmanager
async def running(runtime: Runtime, service: Service) -> AsyncIterator["Running"]:
    """Run a service while inside: started when entered, drained when left.

    The bus stays open: it belongs to whoever opened it.
    """
    instance = Running(runtime, service)
    try:
        await instance.start()
        yield instance
    finally:
        await instance.drain()


async def run(runtime: Runtime, service: Service, *, stop: asyncio.Event) -> None:
    """Run a service until `stop` is set; raise what makes it impossible to go on."""
    await Running(runtime, service).until(stop)


class Running:
    """A service's tasks and its state."""

    def __init__(self, runtime: Runtime, service: Service) -> None:
        self.state = ServiceState.STARTING
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._runtime = runtime
        self._service = service
        self._stopping = asyncio.Event()
        self._meter = ResourceMeter(service=runtime.name, instance=runtime.instance)
        self._fates = [
            Fate(stage, bus=runtime.bus, service=runtime.name, stopping=self._stopping)
            for stage in service.stages
        ]
        self._asked = Asked()
        self._start_trouble: str | None = "starting"
        self._stages: list[asyncio.Task[None]] = []
        self._loops: list[asyncio.Task[None]] = []

    async def until(self, stop: asyncio.Event) -> None:
        """Start, work until `stop` is set, drain; raise what makes it impossible to go on."""
        stopped = asyncio.create_task(stop.wait())
        starting = asyncio.create_task(self.start())
        try:
            await _first(starting, stopped, self.failed)
            if starting.done():
                await starting
                await _first(stopped, self.failed)
        finally:
            await _cancelled(starting)
            await _cancelled(stopped)
            await self.drain()
        if self.failed.done():
            await self.failed

    async def start(self) -> None:
        """Rebuild state, then answer and consume."""
        self._loops = [
            self._spawn(self._beat),
            self._spawn(self._meter.sample),
            self._spawn(self._report_resources),
            self._spawn(self._report_given_up),
        ]
        if self._service.start is not None:
            await self._patiently("start", self._service.start)
        for responder in self._service.answers:
            await self._runtime.bus.answer(
                responder.subject, self._asked.guarded(responder), target=responder.target
            )
        for streaming in self._service.streams:
            await self._runtime.bus.answer_stream(
                streaming.subject, self._asked.guarded_stream(streaming), target=streaming.target
            )
        self._loops += [
            self._spawn(partial(self._patiently, "background work", task))
            for task in self._service.tasks
        ]
        self._stages = [
            self._spawn(partial(self._consume, stage, fate))
            for stage, fate in zip(self._service.stages, self._fates, strict=True)
        ]
        self._start_trouble = None
        self.state = ServiceState.RUNNING
        _LOGGER.info("%s is running", self._runtime.name)

    async def drain(self) -> None:
        """Finish the batch in hand, acknowledge it, and end every task."""
        self.state = ServiceState.DRAINING
        self._stopping.set()
        if self._stages:
            _, late = await asyncio.wait(self._stages, timeout=DRAIN.total_seconds())
            if late:
                _LOGGER.warning("%s leaves a batch unfinished", self._runtime.name)
        for task in (*self._stages, *self._loops):
            await _cancelled(task)
        if self._service.stop is not None:
            await self._service.stop()

    async def trouble(self) -> str | None:
        """Say in one sentence why the service cannot do its work now, or None."""
        trouble = self._runtime.bus.unavailable() or self._start_trouble
        if trouble is None and self._service.ready is not None:
            try:
                return await self._service.ready()
            except ScannerError as error:
                return str(error)
        return trouble

    async def limits(self) -> str | None:
        """Say in one sentence what the service works without at present, or None."""
        if self._service.limits is None or self._start_trouble is not None:
            return None
        try:
            return await self._service.limits()
        except ScannerError as error:
            return str(error)

    async def metrics(self) -> str:
        """Return this process's and its consumers' figures as Prometheus reads them."""
        consumers = [
            ConsumerState(
                stream=stream_of(stage.consumer.facts[0]).name,
                consumer=stage.consumer.name,
                counts=fate.counts,
                pending=await self._pending(stage),
            )
            for stage, fate in zip(self._service.stages, self._fates, strict=True)
        ]
        tallies = (self._asked.tally(), *self._service.tallies())
        return exposition(self._meter.state(), consumers, tallies)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def watched() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - a service that lost a task must end
                if not self.failed.done():
                    self.failed.set_exception(error)

        return asyncio.create_task(watched())

    async def _consume(self, stage: Stage, fate: Fate) -> None:
        async for batch in _until(self._stopping, self._runtime.bus.consume(stage.consumer)):
            await fate.decide(batch)

    async def _patiently(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                return await work()
            except TransientError as error:
                pause = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                _LOGGER.warning("%s %s waits: %s", self._runtime.name, name, error)
                if self._start_trouble is not None:
                    self._start_trouble = str(error)
                attempt += 1
                await asyncio.sleep(pause)

    async def _beat(self) -> None:
        while True:
            trouble = await self.trouble() or await self.limits()
            state = self.state
            if state is ServiceState.RUNNING and trouble is not None:
                state = ServiceState.DEGRADED
            beat = Heartbeat(
                service=self._runtime.name,
                instance=self._runtime.instance,
                state=state,
                detail=trouble or "",
                at=SystemClock().now(),
            )
            with suppress(TransientError):  # nobody hears it while the broker is away
                await self._runtime.bus.publish(beat)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _report_resources(self) -> None:
        async for fact in self._runtime.bus.follow(ScanCompleted):
            if isinstance(fact, ScanCompleted):
                pending = [await self._pending(stage) for stage in self._service.stages]
                known = [count for count in pending if count is not None]
                usage = self._meter.report(
                    scan_id=fact.scan_id, pending_messages=sum(known) if known else None
                )
                await self._patiently("resource report", lambda: self._runtime.bus.publish(usage))  # noqa: B023 - awaited before the next turn

    async def _pending(self, stage: Stage) -> int | None:
        try:
            return await self._runtime.bus.pending(stage.consumer)
        except TransientError:  # the broker is away: how much waits there is not known
            return None

    async def _report_given_up(self) -> None:
        async for messages in self._runtime.bus.given_up():
            for message in messages:
                letter = letter_of_given_up(message, witness=self._runtime.name)
                _LOGGER.error("%s: %s", message.subject, letter.reason)
                if not is_dead_letter(message.subject):
                    await self._patiently("dead letter", lambda: self._runtime.bus.publish(letter))  # noqa: B023 - awaited before the next turn
                await message.ack()


async def _until(
    stopping: asyncio.Event, batches: AsyncIterator[Sequence[Delivery]]
) -> AsyncIterator[Sequence[Delivery]]:
    stopped = asyncio.create_task(stopping.wait())
    try:
        async with aclosing(batches):  # type: ignore[type-var]  # the buses' are generators
            while not stopping.is_set():
                following = asyncio.ensure_future(anext(batches))
                await _first(following, stopped)
                if not following.done():
                    await _cancelled(following)
                    return
                try:
                    batch = following.result()
                except StopAsyncIteration:
                    return
                yield batch
    finally:
        stopped.cancel()


async def _first(*futures: "asyncio.Future[Any]") -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})

"""Conversations with the analyst on the feed's loop, read from the threads that draw pages."""

import asyncio
import queue
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Future
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from common.bus import Bus
from common.domain import ChatChunk, ChatRequest, Request
from common.errors import BusUnavailableError, ScannerError

_LONGEST_SILENCE: Final = timedelta(seconds=40)
_PATIENCE: Final = timedelta(seconds=5)


async def asked(bus: Bus, request: Request) -> bytes:
    """Ask the analyst about conversations; raise BusUnavailableError with what it refused."""
    reply = await bus.ask(request, within=_PATIENCE)
    if reply.error is not None:
        raise BusUnavailableError(reply.error)
    return reply.body


async def chunks(bus: Bus, request: ChatRequest) -> AsyncGenerator[ChatChunk]:
    """Yield the parts of an answer."""
    async with aclosing(bus.ask_stream(request, silence=_LONGEST_SILENCE)) as parts:  # type: ignore[type-var]  # the buses' are generators
        async for part in parts:
            if part.error is not None:
                raise BusUnavailableError(part.error)
            yield ChatChunk.model_validate_json(part.body)


def from_thread(
    work: AsyncGenerator[ChatChunk], loop: asyncio.AbstractEventLoop
) -> Iterator[ChatChunk]:
    """Yield what a generator on another thread's loop yields; leaving early stops it there."""
    told: queue.Queue[ChatChunk | ScannerError | None] = queue.Queue()

    async def pump() -> None:
        try:
            async with aclosing(work):
                async for chunk in work:
                    told.put(chunk)
        except ScannerError as error:
            told.put(error)
        finally:
            told.put(None)

    future: Future[None] = asyncio.run_coroutine_threadsafe(pump(), loop)
    try:
        while True:
            try:
                item = told.get(timeout=_LONGEST_SILENCE.total_seconds() + 5)
            except queue.Empty as error:
                raise BusUnavailableError("the analyst has fallen silent") from error
            if item is None:
                return
            if isinstance(item, ScannerError):
                raise item
            yield item
    finally:
        future.cancel()

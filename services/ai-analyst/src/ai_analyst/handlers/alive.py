"""A sign of life while the model reads or waits: nobody gives up an answer that is on its way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from common.domain import ChatChunk, ChatPart

_EVERY_SECONDS = 5.0


async def kept_alive(
    chunks: AsyncGenerator[ChatChunk], *, every: float = _EVERY_SECONDS
) -> AsyncGenerator[ChatChunk]:
    """Yield the chunks, and a state whenever none came for `every` seconds.

    Leaving early cancels the work behind the chunks.
    """
    queue: asyncio.Queue[ChatChunk | None] = asyncio.Queue()

    async def work() -> None:
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    queue.put_nowait(chunk)
        finally:
            queue.put_nowait(None)

    working = asyncio.create_task(work())
    try:
        while True:
            try:
                async with asyncio.timeout(every):
                    chunk = await queue.get()
            except TimeoutError:
                yield ChatChunk(part=ChatPart.STATE, text="the model is at work")
                continue
            if chunk is None:
                await working
                return
            yield chunk
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({working})

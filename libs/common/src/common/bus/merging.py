"""Several sources of facts read as one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final

from common.domain import Fact

_AHEAD: Final = 256


async def merged(sources: Sequence[AsyncIterator[Fact]]) -> AsyncIterator[Fact]:
    """Yield facts from every source as they come, until all have ended; a failure is passed on."""
    if len(sources) == 1:
        async for fact in sources[0]:
            yield fact
        return
    queue: asyncio.Queue[Fact] = asyncio.Queue(_AHEAD)
    pumps = [asyncio.create_task(_pump(source, queue)) for source in sources]
    ended = asyncio.gather(*pumps)
    try:
        while not (ended.done() and queue.empty()):
            next_fact = asyncio.create_task(queue.get())
            waited: set[asyncio.Future[Any]] = {next_fact, ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not next_fact.done():
                next_fact.cancel()
                await ended
                continue
            yield next_fact.result()
        await ended
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, ended, return_exceptions=True)


async def _pump(source: AsyncIterator[Fact], queue: asyncio.Queue[Fact]) -> None:
    async with aclosing(source) as facts:  # type: ignore[type-var]  # sources are generators
        async for fact in facts:
            await queue.put(fact)

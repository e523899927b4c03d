"""What fifty chats at once do to the pipeline: publish-to-consume latency beside them and alone.

Everything shares this process and its event loop, so it is worse here than between services.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Final

from common.bus import Consumer
from common.bus.memory import MemoryBus
from common.domain import ChatEnd, Rejection
from tests.support.analyst_rig import Analyst, analyst
from tests.support.facts import rejection

CHATS: Final = 50
MESSAGES: Final = 400
PAUSE: Final = 0.005

_ANSWER: Final = "BTCUSDT is long from 97,250. The stop is 95,479.4 and the score 68.2. " * 4


def main() -> None:
    """Print both latencies."""
    asyncio.run(_measure())


async def _measure() -> None:
    async with analyst(parallel=4, waiting=CHATS) as rig:
        rig.model.answer = lambda _: _ANSWER
        rig.model.pause_seconds = 0.005
        await rig.answer("Why is BTC long?", conversation="warm")
        alone = await _latencies()
        async with _chatting(rig) as ended:
            beside = await _latencies()
            await ended
    for name, found in (("alone", alone), (f"beside {CHATS} chats", beside)):
        ordered = sorted(found)
        print(
            f"{name}: median {statistics.median(found) * 1000:.2f} ms, "
            f"95th {ordered[int(len(ordered) * 0.95)] * 1000:.1f} ms, "
            f"longest {ordered[-1] * 1000:.0f} ms"
        )


@asynccontextmanager
async def _chatting(rig: Analyst) -> AsyncIterator["asyncio.Future[list[ChatEnd]]"]:
    chats = asyncio.gather(
        *(rig.answer("Why is BTC long?", conversation=f"c{place}") for place in range(CHATS))
    )
    await asyncio.sleep(0.2)
    yield chats


async def _latencies() -> list[float]:
    bus = MemoryBus()
    told: dict[str, float] = {}
    found: list[float] = []

    async def consume() -> None:
        consumer = Consumer(name="bench", facts=(Rejection,), ack_wait=timedelta(seconds=30))
        async with aclosing(bus.consume(consumer)) as batches:  # type: ignore[type-var]  # the buses' are generators
            async for batch in batches:
                for delivery in batch:
                    found.append(time.perf_counter() - told[delivery.fact().key])
                    await delivery.ack()
                if len(found) >= MESSAGES:
                    return

    consuming = asyncio.create_task(consume())
    for number in range(MESSAGES):
        fact = rejection(f"A{number}USDT")
        told[fact.key] = time.perf_counter()
        await bus.publish(fact)
        await asyncio.sleep(PAUSE)
    await consuming
    return found


if __name__ == "__main__":
    main()

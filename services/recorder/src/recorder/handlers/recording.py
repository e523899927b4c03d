"""What happens when facts arrive: they are written, whole batches at a time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from common.domain import Fact
from recorder.core.batches import batch_of
from recorder.ports import History


class Recorder:
    """Writes what arrives and lets go of what is too old.

    It catches nothing: the runtime keeps a batch in hand while the database is away, and takes a
    batch apart when one value in it is refused.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    async def record(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        """Write a batch in one transaction; nothing is published."""
        await self._history.write(batch_of(facts))
        return [()] * len(facts)

    async def prune(self, *, every: timedelta) -> None:
        """Apply retention now and again and again."""
        while True:
            await self._history.prune()
            await asyncio.sleep(every.total_seconds())

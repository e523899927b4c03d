"""A bucket in memory: the twin of the broker's, for tests and replays."""

import asyncio
from collections.abc import AsyncIterator, Callable

from typing_extensions import override

from common.bus.port import Value, Values
from common.errors import BusUnavailableError


class MemoryValues(Values):
    """Values of one bucket; revisions count all its writes, as the broker's do."""

    def __init__(self, unavailable: Callable[[], str | None]) -> None:
        self._unavailable = unavailable
        self._values: dict[str, Value] = {}
        self._written = 0
        self._changed = asyncio.Event()

    @override
    async def read(self, key: str) -> Value:
        self._check_open()
        return self._values.get(key, Value(b"", 0))

    @override
    async def write(self, key: str, body: bytes, *, revision: int) -> int | None:
        await asyncio.sleep(0)  # as over a wire, others may be faster
        if (await self.read(key)).revision != revision:
            return None
        self._written += 1
        self._values[key] = Value(body, self._written)
        self.wake()
        return self._written

    @override
    async def watch(self, key: str) -> AsyncIterator[Value]:
        seen = 0
        while self._unavailable() is None:
            changed, value = self._changed, self._values.get(key)
            if value is not None and value.revision != seen:
                seen = value.revision
                yield value
            else:
                await changed.wait()

    def wake(self) -> None:
        """Let who watches look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _check_open(self) -> None:
        reason = self._unavailable()
        if reason is not None:
            raise BusUnavailableError(reason)

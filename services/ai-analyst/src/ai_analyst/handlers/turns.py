"""Whose turn it is: the model writes few answers at once, people before notes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ai_analyst.ports import ModelUnavailableError


class Turns:
    """Gives out the model: `parallel` at once, at most `waiting` behind them."""

    def __init__(self, *, parallel: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(parallel)
        self._limit = waiting
        self.waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the model; raise ModelUnavailableError when too many wait already."""
        if self.waiting >= self._limit:
            raise ModelUnavailableError(f"{self.waiting} questions wait for the model already")
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._free.release()

"""Whose turn it is: the model writes few answers at once, people before notes."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from ai_analyst.ports import ModelUnavailableError

_Line = deque[asyncio.Future[None]]


class Turns:
    """Gives out the model: `parallel` at once, behind them at most `waiting` people, then notes."""

    def __init__(self, *, parallel: int, waiting: int, patience: float) -> None:
        self._free = parallel
        self._limit = waiting
        self._patience = patience
        self._people: _Line = deque()
        self._notes: _Line = deque()

    @property
    def waiting(self) -> int:
        """How many people wait."""
        return len(self._people)

    def for_a_person(self) -> AbstractAsyncContextManager[None]:
        """Wait behind other people; raise ModelUnavailableError when they are too many or slow."""
        if self.waiting >= self._limit:
            raise ModelUnavailableError(f"{self.waiting} questions wait for the model already")
        return self._turn(self._people, patience=self._patience)

    def for_a_note(self) -> AbstractAsyncContextManager[None]:
        """Wait until no person does: nobody sits before a note or a summary."""
        return self._turn(self._notes)

    @asynccontextmanager
    async def _turn(self, line: _Line, *, patience: float | None = None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(patience):
                await self._taken(line)
        except TimeoutError as error:
            busy = f"the model is busy with others: no turn came within {patience:g} s"
            raise ModelUnavailableError(busy) from error
        try:
            yield
        finally:
            self._pass_on()

    async def _taken(self, line: _Line) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine in line:
                line.remove(mine)
            elif not mine.cancelled():  # it was given the turn in the moment it left
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for line in (self._people, self._notes):
            while line:
                following = line.popleft()
                if not following.done():
                    following.set_result(None)
                    return
        self._free += 1

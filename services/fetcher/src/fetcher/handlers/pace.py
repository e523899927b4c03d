"""How many contracts are fetched at the same time: fewer when the machine can bear no more."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from common.machine import Burden, Judgement, MachineReading, MachineSettings, judge

_log = logging.getLogger(__name__)

_SLOWED = 4
"""A heavy machine gets this fraction of the places."""


class Pace:
    """Places for work that are taken and given back; their number follows the machine."""

    def __init__(
        self, *, places: int, machine: Callable[[], MachineReading], limits: MachineSettings
    ) -> None:
        self._most = places
        self._machine = machine
        self._limits = limits
        self._busy = 0
        self._judgement = Judgement(Burden.LIGHT)
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it while inside."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._busy < self._places)
            self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            async with self._changed:
                self._changed.notify()

    async def run(self) -> None:
        """Watch the machine until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._limits.look_seconds)

    async def look(self) -> None:
        """Read the machine once and follow it."""
        before, self._judgement = self._judgement, judge(self._machine(), self._limits)
        if self._judgement.burden is not before.burden:
            _log.warning("fetching: %s", self.slowed() or "at full pace again")
            async with self._changed:
                self._changed.notify_all()

    def slowed(self) -> str | None:
        """Say in one sentence that fetching is slowed and why, or None."""
        if self._judgement.burden is Burden.LIGHT:
            return None
        how = "stopped" if self._judgement.burden is Burden.FULL else "slowed"
        return f"fetching is {how}: {self._judgement.reason}"

    @property
    def _places(self) -> int:
        match self._judgement.burden:
            case Burden.LIGHT:
                return self._most
            case Burden.HEAVY:
                return max(1, self._most // _SLOWED)
            case Burden.FULL:
                return 0

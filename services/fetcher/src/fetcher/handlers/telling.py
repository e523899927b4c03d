"""Publishing that waits: a full stream or an absent broker pauses everything, and drops nothing."""

import asyncio
import logging
from typing import Final

from common.bus import Bus
from common.domain import Fact
from common.errors import BusUnavailableError, StreamFullError

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0


class Teller:
    """Publishes facts one way: until they are stored; while one waits, all wait behind it."""

    def __init__(self, bus: Bus, *, first_pause: float = _FIRST_PAUSE) -> None:
        self._bus = bus
        self._first_pause = first_pause
        self._refused = asyncio.Lock()

    async def tell(self, fact: Fact) -> None:
        """Return once the fact is stored."""
        if self._refused.locked():
            async with self._refused:
                pass
        try:
            await self._bus.publish(fact)
        except (StreamFullError, BusUnavailableError) as error:
            async with self._refused:
                await self._insist(fact, error)

    async def _insist(self, fact: Fact, error: Exception) -> None:
        pause = self._first_pause
        while True:
            _log.warning("publishing waits %.1f s: %s", pause, error)
            await asyncio.sleep(pause)
            try:
                await self._bus.publish(fact)
            except (StreamFullError, BusUnavailableError) as again:
                error, pause = again, min(2 * pause, _LONGEST_PAUSE)
            else:
                return

"""A simulated venue's clock, read over HTTP from the venue that owns it."""

import asyncio
import logging
from typing import Final

import aiohttp
from pydantic import ValidationError

from common.clock import ClockReading, SimulatedClock, SystemClock
from common.errors import VenueUnavailableError

_LOGGER: Final = logging.getLogger(__name__)
_EVERY_SECONDS: Final = 1.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=2)


def unread_clock() -> SimulatedClock:
    """Return a clock to hand out before the venue has been asked; it keeps the machine's time."""
    now = SystemClock().now()
    return SimulatedClock(ClockReading(wall_origin=now, venue_origin=now, speed=1.0))


class VenueClockFollower:
    """Keep a clock on the reading its venue publishes."""

    def __init__(self, url: str, clock: SimulatedClock) -> None:
        self._url = url
        self._clock = clock

    async def read(self) -> None:
        """Ask once and set the clock; raise VenueUnavailableError when there is no answer."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            await self._read(session)

    async def follow(self) -> None:
        """Ask every second until cancelled; while the venue is silent its last reading rules."""
        silent = False
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                await asyncio.sleep(_EVERY_SECONDS)
                try:
                    await self._read(session)
                    silent = False
                except VenueUnavailableError as error:
                    if not silent:
                        _LOGGER.warning("%s; its last reading rules", error)
                    silent = True

    async def _read(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.get(self._url) as response:
                response.raise_for_status()
                reading = ClockReading.model_validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            raise VenueUnavailableError(
                f"the venue's clock does not answer at {self._url}: {error!r}"
            ) from error
        self._clock.follow(reading)

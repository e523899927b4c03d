"""Venue time as a port: schedules, `as_of`, expiry and deadlines ask a `Clock`, never the system.

Wall time still rules what belongs to the machine: acknowledgement waits, back-off, stream age.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

_LONGEST_NAP = 0.5  # a simulated clock may be moved while someone sleeps


class Clock(Protocol):
    """What time it is at the venue."""

    def now(self) -> datetime:
        """Return the venue's time, aware, UTC."""

    async def sleep_until(self, instant: datetime) -> None:
        """Return once `now()` has reached `instant`."""


class SystemClock:
    """The machine's clock: the time of a live venue."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, instant: datetime) -> None:
        """Sleep until the machine's clock has reached `instant`."""
        while (left := (instant - self.now()).total_seconds()) > 0:
            await asyncio.sleep(left)


class ClockReading(BaseModel):
    """How a simulated venue's time follows wall time: owned by exchange-sim, read by all others.

    `venue time = venue_origin + (wall time − wall_origin) × speed`, but never past `until`; speed 0
    is a stopped clock.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    wall_origin: AwareDatetime
    venue_origin: AwareDatetime
    speed: float = Field(ge=0)
    until: AwareDatetime | None = None
    """Where the clock stands still until it is set again: a scan must end before the next close."""

    def at(self, wall: datetime) -> datetime:
        """Return the venue's time at the wall time `wall`."""
        running = self.venue_origin + (wall - self.wall_origin) * self.speed
        return running if self.until is None else min(running, self.until)

    @model_validator(mode="after")
    def _until_lies_ahead(self) -> Self:
        if self.until is not None and self.until < self.venue_origin:
            raise ValueError(
                f"until must not lie before venue_origin {self.venue_origin}, was {self.until}"
            )
        return self


class SimulatedClock:
    """A venue's clock that runs at its own speed and can be moved: by its owner or by `follow`."""

    def __init__(self, reading: ClockReading) -> None:
        self._reading = reading

    @property
    def reading(self) -> ClockReading:
        """The triple this clock runs by."""
        return self._reading

    def follow(self, reading: ClockReading) -> None:
        """Run by a new triple from now on."""
        self._reading = reading

    def now(self) -> datetime:
        """Return the simulated venue's time."""
        return self._reading.at(datetime.now(UTC))

    async def sleep_until(self, instant: datetime) -> None:
        """Sleep until the simulated clock has reached `instant`, however it is moved meanwhile."""
        while (left := (instant - (now := self.now())).total_seconds()) > 0:
            speed, until = self._reading.speed, self._reading.until
            stands = not speed or (until is not None and now >= until)
            await asyncio.sleep(_LONGEST_NAP if stands else min(_LONGEST_NAP, left / speed))


class ManualClock:
    """A clock for tests and replays: it stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Return the time it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward and wake whoever sleeps."""
        self.move_to(self._now + by)

    def move_to(self, instant: datetime) -> None:
        """Set the time and wake whoever sleeps."""
        self._now = instant
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep_until(self, instant: datetime) -> None:
        """Wait until someone moves this clock to `instant` or beyond."""
        while self._now < instant:
            await self._moved.wait()

"""What time it is at a venue, judged from what the venue said last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.core.board import Board


@dataclass(frozen=True)
class VenueTime:
    """A venue's time now; null when it is simulated and has not told its time."""

    now: datetime | None
    speed: float
    """Venue seconds per wall second."""
    next_close: datetime | None
    """When the next scheduled scan is due."""

    def age(self, since: datetime) -> timedelta | None:
        """Return how long ago `since` was, in venue time; never negative."""
        return max(timedelta(0), self.now - since) if self.now else None


@dataclass(frozen=True)
class Instant:
    """One moment of the machine: wall time in UTC, and the monotonic second facts are heard by."""

    wall: datetime
    monotonic: float


def venue_time(board: Board, venue: str, instant: Instant) -> VenueTime:
    """Return the venue's time: its clock's answer carried on, else its last marks', else ours."""
    completed = board.last_completed(venue)
    due = completed.next_close if completed else None
    clock = board.clocks.get(venue)
    if clock is not None:
        told = clock.fact
        elapsed = timedelta(seconds=(instant.monotonic - clock.at) * told.speed)
        return VenueTime(told.now + elapsed, told.speed, told.next_close or due)
    if venue not in board.simulated_venues:
        return VenueTime(instant.wall, 1.0, due)
    marks = board.marks.get(venue)
    return VenueTime(marks.fact.observed_at if marks else None, 1.0, due)

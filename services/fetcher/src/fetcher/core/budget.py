"""Request weight by the minute: how much may still be spent, and when the next minute begins."""

from datetime import datetime, timedelta
from typing import Final

_EPOCH_TZ_MINUTE: Final = timedelta(minutes=1)


class Allowance:
    """An amount per fixed window of time, shared by all requests of one kind."""

    def __init__(self, limit: int, window: timedelta = _EPOCH_TZ_MINUTE) -> None:
        self.limit = limit
        self._window = window
        self._opened: datetime | None = None
        self._used = 0

    @property
    def used(self) -> int:
        """What has been spent in the current window."""
        return self._used

    def spend(self, amount: int, now: datetime) -> datetime | None:
        """Spend, or return the time at which to try again."""
        opened = self._turn(now)
        # An amount beyond the whole limit can never fit: it goes alone, in a window of its own.
        if self._used and self._used + amount > self.limit:
            return opened + self._window
        self._used += amount
        return None

    def observe(self, used: int, sent_at: datetime, now: datetime) -> None:
        """Believe the venue when it has counted more than we did in the window of `sent_at`."""
        if self._floor(sent_at) == self._turn(now):
            self._used = max(self._used, used)

    def _turn(self, now: datetime) -> datetime:
        opened = self._floor(now)
        if opened != self._opened:
            self._opened, self._used = opened, 0
        return opened

    def _floor(self, now: datetime) -> datetime:
        seconds = now.timestamp() % self._window.total_seconds()
        return now - timedelta(seconds=seconds)

"""The timeframes a scan reads, and the UTC grid their candles close on."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timeframe(StrEnum):
    """A candle's length, spelled as traders and venues spell it."""

    M1 = "1m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def duration(self) -> timedelta:
        """The candle's length."""
        return _DURATIONS[self]

    @property
    def milliseconds(self) -> int:
        """The candle's length in milliseconds."""
        return _MILLISECONDS[self]

    def floor(self, instant: datetime) -> datetime:
        """Return the newest boundary at or before `instant`: the last close, the next open."""
        return instant - (instant - _EPOCH) % self.duration


_DURATIONS = {
    Timeframe.M1: timedelta(minutes=1),
    Timeframe.H1: timedelta(hours=1),
    Timeframe.H4: timedelta(hours=4),
    Timeframe.D1: timedelta(days=1),
}

_MILLISECONDS = {one: length // timedelta(milliseconds=1) for one, length in _DURATIONS.items()}

SCANNED = (Timeframe.D1, Timeframe.H4, Timeframe.H1)
"""The timeframes of a scan, longest first."""

ANCHOR = Timeframe.H4
"""The timeframe whose regime, levels and bars a plan is measured in."""

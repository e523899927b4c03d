"""The clock's time as venues write it."""

from datetime import UTC, datetime, timedelta

from common.clock import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(clock: Clock) -> int:
    """Return a clock's time as milliseconds since the epoch."""
    return (clock.now() - _EPOCH) // timedelta(milliseconds=1)

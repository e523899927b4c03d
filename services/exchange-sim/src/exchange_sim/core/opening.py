"""When a simulated venue opens if no one says: shortly before a four-hour close."""

from datetime import datetime, timedelta

_CLOSE = timedelta(hours=4)
_WALL_LEAD = timedelta(seconds=60)
_LONGEST_LEAD = _CLOSE - timedelta(minutes=1)


def opening(latest: datetime, *, speed: float, closes_ahead: int = 0) -> datetime:
    """Return a time about a wall minute before a close.

    That close has `closes_ahead` more behind it up to `latest`. A stopped clock counts as speed 1.
    """
    epoch = datetime.fromtimestamp(0, tz=latest.tzinfo)
    last_close = latest - (latest - epoch) % _CLOSE
    first_close = last_close - closes_ahead * _CLOSE
    return first_close - min(_WALL_LEAD * (speed or 1.0), _LONGEST_LEAD)

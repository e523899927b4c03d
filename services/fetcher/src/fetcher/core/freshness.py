"""Whether what was read before is still young enough, by a clock that may have been set back."""

from datetime import datetime, timedelta


def is_fresh(at: datetime | None, now: datetime, *, age: timedelta) -> bool:
    """Say whether something of `at` is less than `age` away from now.

    A clock that was not read yet, or was wrong, may have been ahead: what is from long after now
    was read in another time, and is no younger than what is from long before.
    """
    return at is not None and abs(now - at) < age

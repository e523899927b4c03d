"""Which time a question speaks of: `what did you say yesterday?` recalls yesterday's words only.

Days are UTC days, as everywhere in the scanner.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
_UNITS: Final = {
    "minute": timedelta(minutes=1), "menit": timedelta(minutes=1),
    "hour": timedelta(hours=1), "jam": timedelta(hours=1),
    "day": _DAY, "hari": _DAY,
    "week": 7 * _DAY, "minggu": 7 * _DAY, "pekan": 7 * _DAY,
}  # fmt: skip
_UNIT: Final = "|".join(_UNITS)

_TODAY: Final = re.compile(r"\b(?:today|hari ini)\b", re.IGNORECASE)
_YESTERDAY: Final = re.compile(r"\b(?:yesterday|kemarin)\b", re.IGNORECASE)
_WITHIN: Final = re.compile(
    rf"\b(?:(?:in|over|during|within) the (?:last|past)|(?:last|past)|dalam|selama) "
    rf"(?P<count>\d{{1,3}}) (?P<unit>{_UNIT})s?\b",
    re.IGNORECASE,
)
_AGO: Final = re.compile(
    rf"\b(?P<count>\d{{1,3}}) (?P<unit>{_UNIT})s? (?:ago|(?:yang )?lalu|terakhir)\b", re.IGNORECASE
)
_LAST: Final = re.compile(
    rf"\b(?:(?:last|past|this) (?P<unit>{_UNIT})|(?P<satuan>{_UNIT}) (?:lalu|terakhir|ini))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Period:
    """A span of time: its first moment, and the first moment after it."""

    since: datetime
    until: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until


EVER: Final = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
"""All of time: a question that names none."""


def period_of(question: str, now: datetime) -> Period:
    """Return the time a question in English or Indonesian names; all of time when it names none.

    A number of days ago is the span since then: people who ask `3 days ago` rarely mean an hour.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if _YESTERDAY.search(question):
        return Period(midnight - _DAY, midnight)
    if _TODAY.search(question):
        return Period(midnight, EVER.until)
    if found := _WITHIN.search(question) or _AGO.search(question):
        span = int(found["count"]) * _UNITS[found["unit"].lower()]
        return Period(now - span, EVER.until)
    if found := _LAST.search(question):
        return Period(now - _UNITS[(found["unit"] or found["satuan"]).lower()], EVER.until)
    return EVER

"""Binance Vision's files of candles: what each covers, where it is, and which ones a series needs.

A finished month is one file, a finished day of a month that is not over is one too. What a month's
file holds is never also taken from its days' files.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from typing_extensions import override

from common.domain import Timeframe
from common.errors import InvalidDataError

VENUE: Final = "binance"
"""The only venue whose history is published as files that need no key."""

METRICS: Final = "metrics"
"""How the archive calls open interest and who is long."""

_CHECKSUM: Final = re.compile(r"([0-9a-f]{64}) [ *](\S+)\s*", re.IGNORECASE)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Open times from `start` up to but not including `end`, in milliseconds since the epoch."""

    start: int
    end: int

    def bars(self, timeframe: Timeframe) -> int:
        """Return how many candles open in it."""
        return max(0, -(-(self.end - self.start) // timeframe.milliseconds))


@dataclass(frozen=True, order=True)
class Period:
    """Whole UTC days: a month or a single day, from `first` up to but not including `after`."""

    first: date
    after: date

    @property
    def monthly(self) -> bool:
        """Whether it is a month and not a day."""
        return self.after - self.first > _DAY

    @property
    def name(self) -> str:
        """How the archive spells it: `2024-03` or `2024-03-05`."""
        return f"{self.first:%Y-%m}" if self.monthly else f"{self.first:%Y-%m-%d}"

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return midnight(self.after)

    @property
    def span(self) -> Span:
        """Every open time in it."""
        return Span(milliseconds(midnight(self.first)), milliseconds(self.end))

    def days(self) -> list["Period"]:
        """Return its days, one period each."""
        count = (self.after - self.first).days
        return [day_of(self.first + _DAY * number) for number in range(count)]


@dataclass(frozen=True, order=True)
class Series:
    """The candles of one contract and timeframe."""

    symbol: str
    timeframe: Timeframe

    @override
    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe}"


@dataclass(frozen=True, order=True)
class ArchiveFile:
    """One file of the archive."""

    series: Series
    period: Period

    @property
    def name(self) -> str:
        """Its name, which its check sum repeats."""
        series = self.series
        return f"{series.symbol}-{series.timeframe}-{self.period.name}.zip"

    @property
    def path(self) -> str:
        """Where it is below the archive's address."""
        span = "monthly" if self.period.monthly else "daily"
        series = self.series
        return f"data/futures/um/{span}/klines/{series.symbol}/{series.timeframe}/{self.name}"


@dataclass(frozen=True, order=True)
class MetricsFile:
    """One day's file of open interest and of who is long; there are none of months."""

    symbol: str
    period: Period

    @property
    def name(self) -> str:
        """Its name, which its check sum repeats."""
        return f"{self.symbol}-{METRICS}-{self.period.name}.zip"

    @property
    def path(self) -> str:
        """Where it is below the archive's address."""
        return f"data/futures/um/daily/{METRICS}/{self.symbol}/{self.name}"


def midnight(day: date) -> datetime:
    """Return a UTC day's first instant."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def milliseconds(instant: datetime) -> int:
    """Return an instant as whole milliseconds since the epoch."""
    return int(instant.timestamp() * 1000)


def day_of(day: date) -> Period:
    """Return a day as a period."""
    return Period(day, day + _DAY)


def month_of(day: date) -> Period:
    """Return the month that a day lies in."""
    return Period(day.replace(day=1), date(day.year + day.month // 12, day.month % 12 + 1, 1))


def periods_wanted(since: date, until: date, done: Collection[str]) -> list[Period]:
    """Return the periods from `since` up to but not including the day `until` that are not done.

    A month that is over by `until` is one file even where `since` lies inside it; of a month some
    of whose days are done already, the days that are left are taken.
    """
    wanted: list[Period] = []
    month = month_of(since)
    while month.first < until:
        days = [day for day in month.days() if day.after <= until]
        left = [day for day in days if day.name not in done]
        whole = month.after <= until and len(left) == len(days)
        if month.name not in done:
            wanted += [month] if whole else [day for day in left if day.first >= since]
        month = month_of(month.after)
    return wanted


def days_wanted(since: date, until: date, done: Collection[str]) -> list[Period]:
    """Return the days from `since` up to but not including `until` that are not done."""
    days = (day_of(since + _DAY * number) for number in range((until - since).days))
    return [day for day in days if day.name not in done]


def digest_in(text: str, name: str) -> str:
    """Return the SHA-256 that a check sum file tells for the file called `name`."""
    told = _CHECKSUM.fullmatch(text)
    if told is None or told[2] != name:
        raise InvalidDataError(f"check sum of {name} cannot be read, was {text[:120]!r}")
    return told[1].lower()

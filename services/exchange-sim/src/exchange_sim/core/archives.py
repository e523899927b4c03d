"""The files of data.binance.vision: their names, what each covers, and when it is published."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from exchange_sim.core.timeframes import DAY, TIMEFRAMES, Timeframe

_MONTHLY_NAMES = {"1mo": "1M"}  # where the archive's name is not the interface's
_PUBLISHED = {"futures": timedelta(hours=8, minutes=35), "spot": timedelta(hours=2, minutes=12)}
_HEADER_SINCE = date(2022, 5, 1)
_MICROSECONDS_SINCE = date(2025, 1, 1)
_PATH = re.compile(
    r"(?P<market>futures/um|spot)/(?P<span>daily|monthly)/"
    r"(?P<kind>klines|fundingRate|metrics)/(?P<symbol>[A-Z0-9_]+)/"
    r"(?:(?P<folder>[0-9a-z]+)/)?(?P=symbol)-(?P<what>[0-9a-zA-Z]+)-(?P<stamp>\d{4}-\d{2}(?:-\d{2})?)"
    r"\.zip"
)

Kind = Literal["klines", "fundingRate", "metrics"]


@dataclass(frozen=True, slots=True)
class Archive:
    """One file: whose data, of which days, how it is written."""

    market: Literal["futures", "spot"]
    kind: Kind
    symbol: str
    timeframe: Timeframe
    first: date
    after: date

    @property
    def start(self) -> int:
        """The first millisecond that it covers."""
        return _milliseconds(self.first)

    @property
    def end(self) -> int:
        """The first millisecond after it."""
        return _milliseconds(self.after)

    @property
    def published(self) -> int:
        """When it can be had: the morning after its day, or the first Monday after its month."""
        day = self.after
        if self.after - self.first > timedelta(days=1) and self.kind != "fundingRate":
            day += timedelta(days=(7 - day.weekday()) % 7)
        return _milliseconds(day) + int(_PUBLISHED[self.market].total_seconds() * 1000)

    @property
    def header(self) -> bool:
        """Whether it begins with the names of its columns: futures do since May 2022."""
        return self.market == "futures" and (self.kind != "klines" or self.first >= _HEADER_SINCE)

    @property
    def time_unit(self) -> int:
        """How many units of its times a millisecond is: spot counts microseconds since 2025."""
        return 1_000 if self.market == "spot" and self.first >= _MICROSECONDS_SINCE else 1


def archive(path: str) -> Archive | None:
    """Return the file that a path names, None where there can be none."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    days = _days(match["span"], match["stamp"])
    kind, what = match["kind"], match["what"]
    name = _MONTHLY_NAMES.get(what, what)
    if days is None or not _sound(match, name, kind):
        return None
    return Archive(
        market="spot" if match["market"] == "spot" else "futures",
        kind=kind,  # type: ignore[arg-type]  # the pattern knows no other
        symbol=match["symbol"],
        timeframe=TIMEFRAMES[name if kind == "klines" else "5m"],
        first=days[0],
        after=days[1],
    )


def _sound(match: re.Match[str], name: str, kind: str) -> bool:
    if kind == "klines":
        daily = match["span"] == "daily"
        known = name in TIMEFRAMES and match["what"] != "1M"
        return (
            known
            and match["folder"] == match["what"]
            and not (daily and TIMEFRAMES[name].milliseconds > DAY)
        )
    span = "monthly" if kind == "fundingRate" else "daily"
    alone = match["folder"] is None and match["what"] == kind
    return alone and match["span"] == span and match["market"] != "spot"


def _days(span: str, stamp: str) -> tuple[date, date] | None:
    try:
        first = date.fromisoformat(stamp if span == "daily" else f"{stamp}-01")
    except ValueError:
        return None
    if span == "daily":
        return first, first + timedelta(days=1)
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)

"""Times as people write them, with their zones: 2026-01-05 08:00 UTC, pukul 15.00 WIB, Jan 5."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ai_analyst.core.verifier.cues import phrase

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januari", "february feb februari pebruari", "march mar maret",
            "april apr", "may mei", "june jun juni", "july jul juli",
            "august aug agustus agu", "september sep sept", "october oct oktober okt",
            "november nov", "december dec desember des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES: Final = {"utc": 0, "gmt": 0, "z": 0, "wib": 7, "wita": 8, "wit": 9, "cet": 1, "est": -5,
                 "edt": -4, "cest": 2, "sgt": 8, "hkt": 8, "jst": 9, "pst": -8, "pdt": -7}  # fmt: skip
_DAYS: Final = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "sunday": 6, "senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "sabtu": 5,
    "minggu": 6, "ahad": 6,
}  # fmt: skip

_PERCENTILE: Final = phrase(r"percentile|persentil")
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?![A-Za-z])\.?"
_ZONE: Final = rf"(?P<zone>{'|'.join(sorted(_ZONES, key=len, reverse=True))})(?![A-Za-z])"
_CLOCK: Final = (
    r"(?P<hour>[01]?\d|2[0-3])(?=[:.][0-5]\d|\s?[ap]\.?m)(?:[:.](?P<minute>[0-5]\d))?(?::[0-5]\d)?"
    r"\s?(?P<half>[ap]\.?m\.?)?"
)
_JOINT: Final = r"(?:,?\s*(?:at|on|T|pukul|jam|@|-|–)?\s*)"

_DATES: Final = (
    r"(?P<year>20\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)",
    rf"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<year>20\d\d))?",
    r"(?<=the )(?P<day>[0-3]?\d)(?:st|nd|rd|th)(?!\s?(?:percentile|of|time|target|candle|bar|attempt))",
    rf"{_MONTH}\s(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|[.,:]\d)(?:,?\s(?P<year>20\d\d))?",
)
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        *(rf"(?<![\w.,]){date}(?:{_JOINT}{_CLOCK}(?:\s?{_ZONE})?)?" for date in _DATES),
        rf"(?<![\w.,:]){_CLOCK}\s?{_ZONE}",
        rf"(?<![\w.,:])(?P<hour>[01]?\d|2[0-3])\s?(?:(?P<half>[ap]\.?m\.?)(?:\s{_ZONE})?|{_ZONE.replace('zone', 'only')})(?!\w)",
        r"(?:pukul|jam)\s(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))(?!\d|\s?(?:%|R\b))",
        r"(?<![\w.,:])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])(?!\s?(?:ratio|R\b))",
        rf"(?<!\d )\b(?P<weekday>{'|'.join(_DAYS)})\b(?! (?:ini|depan|lalu|lagi))",
        r"\b(?:in|of|since|during|tahun|sejak)\s(?P<year>20[0-3]\d)\b",
    )
)


@dataclass(frozen=True)
class Moment:
    """A time as written: what is not said is None; without a zone it is UTC."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    minutes: int | None = None
    offset_hours: int = 0
    weekday: int | None = None

    def is_at(self, instant: datetime) -> bool:
        """Whether `instant` is the time that was written, to the minute."""
        local = instant.astimezone(UTC) + timedelta(hours=self.offset_hours)
        said = (self.year, self.month, self.day, self.weekday)
        true = (local.year, local.month, local.day, local.weekday())
        if any(one is not None and one != other for one, other in zip(said, true, strict=True)):
            return False
        if self.minutes is None:
            return True
        apart = abs(self.minutes - (local.hour * 60 + local.minute + local.second / 60))
        return min(apart, 1440 - apart) <= 1


def moments(text: str) -> Iterator[Moment]:
    """Find every date, time and weekday, the longest first, each place once."""
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            only = {name for name, part in match.groupdict().items() if part}
            if only == {"day"} and _PERCENTILE.search(text):
                continue
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            moment = _moment(match)
            if moment is not None:
                taken.append(match.span())
                yield moment


def _moment(match: re.Match[str]) -> Moment | None:
    parts = {name: text for name, text in match.groupdict().items() if text}
    zone = parts.get("zone") or parts.get("only") or ""
    month = parts.get("month")
    if month is not None and not month[0].isupper() and month.lower() in {"may", "mar", "des"}:
        return None
    if parts.get("weekday") == "minggu":
        return None  # a week
    minutes = None
    if "hour" in parts:
        hour = int(parts["hour"])
        half = parts.get("half", "").lower()[:1]
        if half and hour > 12:  # noqa: PLR2004 - a twelve-hour clock
            return None
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        minutes = hour * 60 + int(parts.get("minute", 0))
    return Moment(
        match.start(),
        match.end(),
        year=int(parts["year"]) if "year" in parts else None,
        month=_MONTHS[month.lower()]
        if month
        else int(parts["number"])
        if "number" in parts
        else None,
        day=int(parts["day"]) if "day" in parts else None,
        minutes=minutes,
        offset_hours=_ZONES.get(zone.lower(), 0),
        weekday=_DAYS[parts["weekday"].lower()] if "weekday" in parts else None,
    )

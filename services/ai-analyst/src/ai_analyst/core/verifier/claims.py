"""What a sentence claims: its numbers with their units, its contracts, times, and where they stand.

Everything that looks like a number and is none (citations, list marks, ordinals, the 21 of an EMA,
the 4h of a chart) is set aside first.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeVar

from ai_analyst.core.verifier.lexicon import CLAUSE, Label, labels
from ai_analyst.core.verifier.names import Named, contracts
from ai_analyst.core.verifier.reading import SCALE, WORDS, Reading, readings, words_value
from ai_analyst.core.verifier.times import Moment, moments

_CITATION: Final = re.compile(
    r"\[(?P<id>[A-Za-z0-9][\w.\-+%:]*(?:\s*[,;]\s*[A-Za-z0-9][\w.\-+%:]*)*)\](?!\()"
)
_MARKER: Final = re.compile(
    r"^\s*(?:>\s*)?(?:(?:\d{1,2}|[a-z])[.)]|\(\d{1,2}\)|[-*•]\s+\d{1,2}[.)])(?=\s)|^\s*#{1,6}\s(?:\d{1,2}[.)]\s)?"
)
_ORDINAL: Final = re.compile(
    r"#\d+\b|\b\d+(?:st|nd|rd|th)\b(?!\s+percentile)|\bke-\d+\b(?<!persentil ke-\d)(?<!persentil ke-\d\d)|\b(?:step|point|option|reason|scenario|langkah|poin|opsi|alasan|skenario|nomor|no\.)\s?\d+\b(?!\s?%)|"
    r"(?<!a )(?<!one )\b(?:first|second|third|fourth|fifth)\b(?!\s+(?:target|take))|\b(?:pertama|kedua|ketiga|keempat)\b",
    re.IGNORECASE,
)
_PERIODS: Final = re.compile(
    r"\b(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+(?=[-\s]?(?:period\s|bar\s)?EMAs?\b)|"
    r"(?<=EMA )(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+|(?<=EMAs )(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+"
)
"""The periods of several averages at once: the 9, 21 and 50 EMAs."""
_TIMEFRAME: Final = re.compile(
    r"(?<![\w.,])(?:(?P<count>1|4|24|8)[-\s]?(?P<unit>h|H|hr|hour|hourly|jam)(?P<tail>s?)|(?P<day>1\s?[dD]|[dD]1|[Dd]aily|[Hh]arian)|[hH](?P<letter>1|4)|(?P<word>one|four|eight|satu|empat|delapan)[-\s](?:hour|jam)|(?P<hourly>[Hh]ourly|per jam|(?<=last )hour|(?<=past )hour|(?<=previous )hour|(?<=within the )hour|(?<=within an )hour|(?<=in an )hour|sejam)|(?P<lastday>(?<=last )day|(?<=past )day|(?<=previous )day))(?![\w])"
)
_WITHIN: Final = re.compile(r"\b(?:within|after|dalam waktu|setelah)\s*$", re.IGNORECASE)
_COUNTS: Final = {"one": "1", "four": "4", "eight": "8", "satu": "1", "empat": "4", "delapan": "8"}
_AS_FRAME: Final = re.compile(
    r"^\s*(?:chart|candle|timeframe|frame|bar|close|trend|rsi|adx|atr|ema|macd|score|vote|ratio|view|anchor|regime|swing|supertrend|lilin|rate|funding|volume|window|change|open interest|oi)",
    re.IGNORECASE,
)
_BEFORE_FRAME: Final = re.compile(
    r"(?:(?:chart|timeframe|grafik|waktu|lilin|candle|rsi|adx|atr|ema|macd|skor|tren|suara|stochrsi|regime|persentil|resistensi|support|swing|per|the|last|past|previous|perubahan|terakhir|volume|turnover|interest|oi|di|pada|dalam|over|selama|on|in)\s*[(\s]?)$",
    re.IGNORECASE,
)
_WINDOW: Final = re.compile(r"(?:terakhir|lalu|ago|window)\b", re.IGNORECASE)
_LAST: Final = re.compile(
    r"(?:last|past|previous|over|per|every past|trailing)\s*(?:the\s*)?(?:last|past)?\s*$",
    re.IGNORECASE,
)

_UNIT: Final = (
    r"(?:[\s\-]{0,2}(?P<unit>(?:x|×|\*|times|kali)\s?(?:the\s+)?ATR|%|percent(?:age)?(?:\spoints?)?|per\scent|persen|pct|R(?![:/A-Za-z])|x(?![A-Za-z])|×|ATRs?|bps|bp|basis\spoints?|basis\spoin|USDT|USDC|USD|dollars?|dolar|bucks|"
    r"(?:net\s)?points?|pts?|poin|hours?|hrs?|hr|h|jam|minutes?|mins?|min|menit|days?|d|hari|weeks?|minggu|seconds?|secs?|detik|s|bars?|candles?|lilin|percentile|persentil|times|kali)(?![A-Za-z]))?"
)
_NUMBER: Final = re.compile(
    r"(?P<sign>(?<![\w.,)%\]])[+\-−–](?=[\d$])|\b(?:minus|negative|negatif)\s)?\s?(?:(?P<money>US\$|\$|USDT?\s|Rp\s?)(?P<sign2>[+\-−])?)?"
    r"(?P<number>\d+(?:[.,\u00a0\u2009\u202f']\d+)*)(?:(?:st|nd|rd|th)(?=\s+percentile))?"
    + SCALE
    + _UNIT
)
_NEAR: Final = 12
"""Characters of \"out of\" and the spaces around it."""
_RANGE: Final = re.compile(
    r"^\s*(?:[-–—~/]|to|and|until|sampai|hingga|s/d|dan|or|atau|ke)\s*$", re.IGNORECASE
)
_OUT_OF: Final = re.compile(r"^\s*(?:/|out of|of|dari)\s*100\b(?![.,]\d)", re.IGNORECASE)
_UNITS: Final = {
    "%": "%", "percent": "%", "per cent": "%", "persen": "%", "pct": "%", "r": "R", "x": "x", "×": "x",
    "times": "x", "kali": "x", "atr": "ATR", "atrs": "ATR", "bps": "bps", "bp": "bps", "usdt": "money",
    "usdc": "money", "usd": "money", "dollar": "money", "dollars": "money", "dolar": "money",
    "bucks": "money", "percentile": "percentile", "persentil": "percentile",
}  # fmt: skip
_BEGINNINGS: Final = (
    (r".*atr$", "ATR"), (r"per ?cent", "%"), ("basis", "bps"), (r"(?:net )?(?:point|pt|poin)", "points"),
    ("bar|candle|lilin", "bars"),
)  # fmt: skip
_DURATIONS: Final = (
    (("hour", "hr", "h", "jam"), 1.0), (("minute", "min", "menit"), 1 / 60), (("day", "d", "hari"), 24.0),
    (("week", "minggu"), 168.0), (("second", "sec", "detik", "s"), 1 / 3600),
)  # fmt: skip
_SHARE_WORDS: Final = re.compile(
    r"\b(?:(?P<half>half|setengah|separuh)|(?P<quarter>a quarter|seperempat)|(?P<third>(?:a|one) third|sepertiga)|(?P<double>twice|double[ds]?|dua kali lipat)|(?P<triple>triple[ds]?|threefold|tiga kali lipat)|(?P<quadruple>quadruple[ds]?|fourfold))\b",
    re.IGNORECASE,
)
_AND_A_HALF: Final = re.compile(
    r"\b(?P<count>one|two|three|four|five|six|seven|eight|nine|ten|a)(?:\sand\sa\shalf|\ssetengah)"
    + _UNIT,
    re.IGNORECASE,
)
_WORD_UNIT: Final = re.compile(
    r"^[\s-]*(?P<unit>%|percent|per cent|persen|R\b|times|x\b|ATRs?\b|basis points?|USDT|USD|dollars|points?|poin|hours?|jam|minutes?|menit|days?|hari|weeks?|bars?|candles?|lilin)",
    re.IGNORECASE,
)
_DISCOURSE: Final = re.compile(r"^\s*(?:\w+\s)?(?:things?|reasons?|ways?|scenarios?|factors?|steps?|points? (?:to|worth|in|of)|parts?|options?|caveats?|risks|sides?|words?|notes?|hal|alasan|faktor|skenario|langkah|cara|sisi|catatan|swings?|of (?:them|these|those|us)|sentences?|lines?|questions?)\b", re.IGNORECASE)  # fmt: skip


Span = TypeVar("Span", Named, Moment, "Frame", Label)


@dataclass(frozen=True)
class Number:
    """A number a sentence states, every way it can be read."""

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    unit: str = ""
    sign: int = 0
    """+1 or −1 where one is written."""
    partner: bool = False
    """One end of a range or a ratio."""
    word: bool = False
    lent: bool = False
    """Its unit was written after its partner only."""


@dataclass(frozen=True)
class Frame:
    """A timeframe or a window: 4h, daily, the last 24 hours."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Claims:
    """A sentence taken apart."""

    text: str
    bare: str
    """The text with everything recognised blanked, so that only words between remain."""
    numbers: tuple[Number, ...] = ()
    labels: tuple[Label, ...] = ()
    contracts: tuple[Named, ...] = ()
    frames: tuple[Frame, ...] = ()
    moments: tuple[Moment, ...] = ()
    citations: tuple[str, ...] = ()
    clauses: tuple[tuple[int, int], ...] = field(default=())

    def clause(self, place: int) -> tuple[int, int]:
        """Return the clause a place lies in."""
        return next((one for one in self.clauses if one[0] <= place < one[1]), (0, len(self.text)))


def claims(
    text: str, *, symbols: frozenset[str], gates: frozenset[str], style: str | None
) -> Claims:
    """Take a sentence apart, most certain things first, each place once."""
    paper = _Paper(text)
    cited = tuple(
        one.strip()
        for match in paper.take(_CITATION)
        for one in re.split(r"[,;]", match["id"])
        if "." in one or one.isdigit()
    )
    paper.take(_MARKER)
    named = tuple(paper.blank(one) for one in contracts(paper.text, symbols))
    told = tuple(paper.blank(one) for one in moments(paper.text))
    frames = tuple(paper.blank(one) for one in _frames(paper.text))
    words = tuple(labels(paper.text, gates))
    for label in words:
        if any(character.isdigit() for character in text[label.start : label.end]):
            paper.blank(label)
    paper.take(_ORDINAL)
    paper.take(_PERIODS)
    numbers = tuple(sorted(_numbers(paper, style), key=lambda one: one.start))
    words = tuple(
        label
        for label in words
        if not any(
            one.start <= label.start
            and label.end <= one.end
            and one.unit == "ATR"
            and " " not in one.text.strip("0123456789.,~ ")
            for one in numbers
        )
    )
    return Claims(
        text=text,
        bare=paper.text,
        numbers=numbers,
        labels=words,
        contracts=named,
        frames=frames,
        moments=told,
        citations=cited,
        clauses=_clauses(text),
    )


class _Paper:
    """A sentence that is blanked where it has been understood, keeping every place."""

    def __init__(self, text: str) -> None:
        self.text = text

    def blank(self, span: Span) -> Span:
        self.erase(span.start, span.end)
        return span

    def erase(self, start: int, end: int) -> None:
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        found = list(pattern.finditer(self.text))
        for match in found:
            self.erase(*match.span())
        return found


def _frames(text: str) -> Iterator[Frame]:
    for match in _TIMEFRAME.finditer(text):
        count = match["count"] or match["letter"]
        if match["word"]:
            count = _COUNTS[match["word"].lower()]
        spelled = match["word"] or (match["unit"] or "").lower() in {"hour", "jam", "hr"}
        after, before = text[match.end() :], text[: match.start()]
        if spelled and "-" not in match[0]:
            framed = _AS_FRAME.match(after) or _BEFORE_FRAME.search(before)
            if (count != "24" or _WITHIN.search(before)) and (
                match["tail"] or not framed or _counts_hours(before, after)
            ):
                framed = _WINDOW.match(after.lstrip()) or _LAST.search(before)
            if not framed and (count != "24" or _WITHIN.search(before)):
                continue
        name = (
            "24h"
            if match["lastday"]
            else "1d"
            if match["day"]
            else "1h"
            if match["hourly"]
            else f"{count}h"
        )
        yield Frame(match.start(), match.end(), name)


def _counts_hours(before: str, after: str) -> bool:
    later = re.match(r"\s*(?:lagi|from now|later|to|until|sebelum|jika|if)\b", after, re.IGNORECASE)
    return bool(later or re.search(r"\b(?:dalam|in|setiap|every)\s*$", before, re.IGNORECASE))


def _numbers(paper: _Paper, style: str | None) -> Iterator[Number]:
    found: list[Number] = []
    text = paper.text
    for match in list(_NUMBER.finditer(text)):
        ways = readings(match["number"], scale=match["scale"], style=style)
        if _OUT_OF.match(text[match.end() :]):
            scale_end = match.end() + (_OUT_OF.match(text[match.end() :]) or match).end()
            paper.erase(match.end(), scale_end)
        if match["number"] == "100" and any(
            _OUT_OF.match(text[one.end :]) and match.start() - one.end < _NEAR for one in found
        ):
            continue
        unit, factor = _unit(match["unit"] or "")
        signs = f"{match['sign'] or ''}{match['sign2'] or ''}".strip().lower()
        sign = 0 if not signs else 1 if signs == "+" else -1
        money = "money" if match["money"] and not unit else unit
        found.append(
            Number(
                match.start("number"),
                match.end(),
                match[0].strip(),
                tuple(
                    Reading(one.value * factor, one.step * factor, one.round_step * factor)
                    for one in ways
                ),
                unit=money,
                sign=sign,
            )
        )
    yield from _joined(paper, found)
    for match in _AND_A_HALF.finditer(paper.text):
        value = (words_value(match["count"]) or 1.0) + 0.5
        unit, factor = _unit(match["unit"] or "")
        way = Reading(value * factor, 0.1 * factor, 0.1 * factor)
        yield Number(match.start(), match.end(), match[0].strip(), (way,), unit=unit, word=not unit)
        paper.erase(*match.span())
    for match in _SHARE_WORDS.finditer(paper.text):
        value, unit = (
            (50.0, "%") if match["half"] else (25.0, "%") if match["quarter"] else (33.3, "%")
        )
        size = 1.0 if match["half"] or match["quarter"] else 3.0
        if match["double"]:
            size = 1.0
            value, unit = 2.0, "x"
        if match["triple"] or match["quadruple"]:
            size = 1.0
            value, unit = 3.0 if match["triple"] else 4.0, "x"
        yield Number(
            match.start(),
            match.end(),
            match[0],
            (Reading(value, size, size),),
            unit=unit,
            word=True,
        )
        paper.erase(*match.span())
    for match in WORDS.finditer(paper.text):
        spoken = words_value(match[0])
        after = paper.text[match.end() :]
        if spoken is None or _DISCOURSE.match(after):
            continue
        noun = _WORD_UNIT.match(after)
        unit, factor = _unit(noun["unit"] if noun else "")
        way = Reading(spoken * factor, factor, factor)
        end = match.end() + (noun.end() if noun else 0)
        yield Number(match.start(), end, match[0], (way,), unit=unit, word=not unit)


def _joined(paper: _Paper, found: list[Number]) -> Iterator[Number]:
    for place, number in enumerate(found):
        unit, partner, sign, ways = number.unit, False, number.sign, number.readings
        lent = False
        if place + 1 < len(found):
            later = found[place + 1]
            between = (
                paper.text[number.end : later.start].strip("+−- $")
                if later.sign
                else paper.text[number.end : later.start]
            )
            if _RANGE.match(between) or between.strip() == "":
                partner = bool(_RANGE.match(between))
                if partner and not unit and later.unit and not _is_ratio(between):
                    unit, lent = later.unit, True
                    ways = tuple(_scaled(one, later) for one in ways)
        yield Number(
            number.start, number.end, number.text, ways, unit, sign, partner, number.word, lent
        )
    for number in found:
        paper.erase(number.start, number.end)


def _is_ratio(between: str) -> bool:
    return between.strip() in {"/", ":"}


def _scaled(reading: Reading, like: Number) -> Reading:
    text = like.text.lower()
    factor = next(
        (
            size
            for words, size in _DURATIONS
            if like.unit == "hours" and re.search(rf"[\d\s-](?:{'|'.join(words)})s?$", text)
        ),
        1.0,
    )
    return Reading(reading.value * factor, reading.step * factor, reading.round_step * factor)


def _unit(written: str) -> tuple[str, float]:
    word = re.sub(r"\s+", " ", written.lower())
    if word in _UNITS:
        return _UNITS[word], 1.0
    for beginning, unit in _BEGINNINGS:
        if re.match(beginning, word):
            return unit, 1.0
    for words, factor in _DURATIONS:
        if word.rstrip("s") in words or word in words:
            return "hours", factor
    return "", 1.0


def _clauses(text: str) -> tuple[tuple[int, int], ...]:
    bounds = [0]
    bounds += [
        match.start() + 1 if match[0][0] in ",;" else match.end() - 1
        for match in CLAUSE.finditer(text)
    ]
    bounds.append(len(text))
    return tuple(pairwise(bounds))

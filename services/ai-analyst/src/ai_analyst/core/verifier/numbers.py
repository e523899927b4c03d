"""The numbers of a sentence with their units and signs, in digits and in words."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.paper import Paper
from ai_analyst.core.verifier.reading import SCALE, WORDS, Reading, readings, words_value

_UNIT: Final = (
    r"(?:(?:[\s\-]{0,2}|\s{3,9}(?=ATRs?\b))(?P<unit>(?:x|×|\*|times|kali)\s?(?:(?:the|its)\s+)?ATR|%|percent(?:age)?(?:\spoints?)?|per\scent|persen|pct|R(?![:/A-Za-z])|x(?![A-Za-z])|×|ATRs?|bps|bp|basis\spoints?|basis\spoin|USDT|USDC|USD|dollars?|dolar|bucks|"
    r"(?:net\s)?points?(?!\s(?:long|short|up|down|to|in|at|the)\b)|pts?|poin|hours?|hrs?|hr|h|jam|minutes?|mins?|min|menit|days?|d|hari|weeks?|minggu|milliseconds?|milidetik|ms|seconds?|secs?|detik|s|bars|(?<=[ -])bar(?=\s(?:EMA|average|ago|old|of))|candles?|lilin|percentile|persentil|times|kali)(?![A-Za-z]))?"
)
_NUMBER: Final = re.compile(
    r"(?P<sign>(?<![\w.,)%\]])[+\-−–](?=[\d$])|\b(?:minus|negative|negatif)\s)?\s?(?:(?P<money>US\$|\$|USDT?\s|Rp\s?)(?P<sign2>[+\-−])?)?"
    r"(?P<number>\d+(?:[.,\u00a0\u2009\u202f']\d+)*)(?P<ordinal>(?:st|nd|rd|th)\b)?" + SCALE + _UNIT
)
_NEAR: Final = 18
"""Characters of \"out of\" and the spaces around it."""
_RANGE: Final = phrase(r"^\s*(?:[-–—~/]|-to-|to|and|until|sampai|hingga|s/d|dan|or|atau|ke|menjadi|down to|up to)\s*$")  # fmt: skip
_OUT_OF: Final = phrase(r"^\s*(?:/|(?:out )?of(?P<every> every)?|(?P<share>in(?: every)?)|dari(?: setiap)?|on a scale (?:of|to)|dalam skala)\s*100\b(?![.,]\d)")  # fmt: skip
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
    (("hour", "hr", "h", "jam"), 1.0), (("minute", "min", "menit", "m"), 1 / 60), (("day", "d", "hari"), 24.0),
    (("week", "minggu"), 168.0), (("second", "sec", "detik", "s"), 1 / 3600),
    (("millisecond", "milidetik", "ms"), 1 / 3_600_000),
)  # fmt: skip
_IN_TWO_UNITS: Final = phrase(rf"(?<![\w.,])(?P<count>\d+|{WORDS.pattern})[\s-]?(?P<large>days?|d|hari|hours?|hrs?|h|jam)\s?(?:,|and|dan)?\s?(?P<rest>\d+|{WORDS.pattern})[\s-]?(?P<small>hours?|hrs?|h|jam|minutes?|mins?|min|m|menit)(?![A-Za-z])")  # fmt: skip
_SHARE_WORDS: Final = phrase(r"(?<!upper )(?<!lower )(?<!first )(?<!second )(?<!other )(?<!top )(?<!middle )(?<!bottom )(?<!latter )(?<!half and )(?<!one )\b(?!three-quarter mark)(?:(?P<half>half(?! as (?:much|many) again)|setengah|separuh)|(?P<double>twice|double[ds]?(?! as\b)|dua kali lipat)|(?P<triple>triple[ds]?|threefold|tiga kali lipat)|(?P<quadruple>quadruple[ds]?|fourfold)|(?P<part>an?|one|two|three|four|five|seven|nine|se|dua\s|tiga\s)[-\s]?(?P<of>third|quarter|fifth|sixth|eighth|tenth|pertiga|perempat|perlima|perenam|perdelapan|persepuluh)(?:s|nya)?)\b")  # fmt: skip
_MULTIPLES: Final = {"double": 2.0, "triple": 3.0, "quadruple": 4.0}
_PARTS: Final = {
    "third": (3, 4.0), "quarter": (4, 2.5), "fifth": (5, 1.0), "sixth": (6, 1.5),
    "eighth": (8, 1.0), "tenth": (10, 1.0), "pertiga": (3, 4.0), "perempat": (4, 2.5),
    "perlima": (5, 1.0), "perenam": (6, 1.5), "perdelapan": (8, 1.0), "persepuluh": (10, 1.0),
}  # fmt: skip
"""Of how many parts a word of a share speaks, and how far from it one still says so."""
_OF_A_LENGTH: Final = phrase(r"\s(?:of\s)?(?:an?|one|the|its)?\s?(?:(?:daily|hourly|average|\dh)\s)?\s*(?P<length>ATR|R|basis point)\b")  # fmt: skip
"""Behind a share of a length: half an ATR, a third of the daily ATR."""
_TO_ONE: Final = phrase(r"[\s-]?(?:to|:|banding)[\s-]?(?:1|one|satu)\b(?![.,]?\d)")
"""Behind a ratio: 1.67 to 1."""
_ONE_IN: Final = re.compile(
    rf"\b(?:one|1|satu)\s(?:(?:contract|coin|symbol|pair|kontrak)\s)?(?:in|out of|of|dari)\s(?:every\s|about\s|roughly\s|around\s)?"
    rf"(?P<count>\d+(?![.,]?\d)|{WORDS.pattern})"
    r"(?!\s(?:\w+\s)?(?:gates?|checks?|votes?|indicators?|gerbang|suara|indikator))",
    re.IGNORECASE,
)
_AN_HOUR: Final = phrase(r"(?<=umur )(?:sekitar )?satu (?P<jam>jam|hari)\b|\b(?:an?|one)\s(?P<unit>hour|day|week)\b(?=\s(?:old|ago|from now|away|left|later|earlier)\b)")  # fmt: skip
_AND_A_HALF: Final = re.compile(
    r"\b(?P<count>one|two|three|four|five|six|seven|eight|nine|ten|satu|dua|tiga|empat|lima|enam|tujuh)(?:\sand\sa\shalf|\ssetengah)"
    + _UNIT,
    re.IGNORECASE,
)
_HALF_STEP: Final = 0.25
"""What is nearer to three and a half than to three or four."""
_WORD_UNIT: Final = phrase(r"^[\s-]*(?:full |whole )?(?P<unit>%|percent|per cent|persen|R\b|times|x\b|ATRs?\b|basis points?|USDT|USD|dollars|kali(?: ATR)?|points?(?!\s(?:long|short|up|down|to)\b)|poin\b|hours?|jam|minutes?|menit|days?|hari|weeks?|bars?|candles?|lilin)")  # fmt: skip


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


def numbers(paper: Paper, style: str | None) -> Iterator[Number]:
    """Find every number that is left on the paper: digits first, then words."""
    found: list[Number] = []
    yield from _durations(paper)
    yield from _one_in(paper)
    text = paper.text
    for match in list(_NUMBER.finditer(text)):
        hundred = _OUT_OF.match(text[match.end() :])
        if hundred:
            paper.erase(match.end(), match.end() + hundred.end())
        if not paper.text[match.start("number") : match.end("number")].strip():
            continue
        to_one = _TO_ONE.match(text[match.end() :])
        if to_one and (re.search(r"[.,]", match["number"]) or "-" in to_one[0]):
            paper.erase(match.end(), match.end() + to_one.end())
        if match["number"] == "100" and any(
            _OUT_OF.match(text[one.end :]) and match.start() - one.end < _NEAR for one in found
        ):
            continue
        number = _in_digits(match, text, style)
        shared = hundred and (hundred["share"] or hundred["every"])
        found.append(replace(number, unit="%") if shared else number)
    yield from _joined(paper, found)
    for match in _AND_A_HALF.finditer(paper.text):
        value = (words_value(match["count"]) or 1.0) + 0.5
        unit, factor = _unit(match["unit"] or "")
        way = Reading(value * factor, _HALF_STEP * factor, _HALF_STEP * factor)
        yield Number(match.start(), match.end(), match[0].strip(), (way,), unit=unit, word=not unit)
        paper.erase(*match.span())
    yield from _shares(paper)
    for match in WORDS.finditer(paper.text):
        spoken = words_value(match[0])
        after = paper.text[match.end() :]
        if spoken is None:
            continue
        noun = _WORD_UNIT.match(after)
        unit, factor = _unit(noun["unit"] if noun else "")
        way = Reading(spoken * factor, factor, factor)
        end = match.end() + (noun.end() if noun else 0)
        yield Number(match.start(), end, match[0], (way,), unit=unit, word=not unit)


def _shares(paper: Paper) -> Iterator[Number]:
    """Find shares in words: two thirds, half an ATR, one in eight."""
    for match in _SHARE_WORDS.finditer(paper.text):
        value, size, unit = _share(match)
        length = _OF_A_LENGTH.match(paper.text[match.end() :]) if unit == "%" else None
        if length:
            value, size, unit = value / 100, size / 100, _unit(length["length"])[0]
        way = Reading(value, size, size)
        yield Number(match.start(), match.end(), match[0], (way,), unit=unit, word=True)
        paper.erase(*match.span())


def _share(match: re.Match[str]) -> tuple[float, float, str]:
    """Return what a word of a share says, how far it reaches, and its unit."""
    kind = match.lastgroup or ""
    if kind in _MULTIPLES:
        return _MULTIPLES[kind], 1.0, "x"
    if kind == "half":
        return 50.0, 3.0, "%"
    whole, size = _PARTS[match["of"].lower()]
    part = match["part"].strip().lower()
    count = 1.0 if part in {"a", "an", "se"} else words_value(part) or 1.0
    return 100 * count / whole, size, "%"


def _one_in(paper: Paper) -> Iterator[Number]:
    """Find "one in seventeen" as the share it is, and "an hour" as one."""
    for match in _ONE_IN.finditer(paper.text):
        count = float(match["count"]) if match["count"].isdigit() else words_value(match["count"])
        if count:
            share = 100 / count
            way = Reading(share, share / 4, share / 4)
            yield Number(match.start(), match.end(), match[0], (way,), unit="%", word=True)
            paper.erase(*match.span())
    for match in paper.take(_AN_HOUR):
        factor = _unit(match["unit"] or match["jam"])[1]
        way = Reading(factor, factor / 4, factor / 4)
        yield Number(match.start(), match.end(), match[0], (way,), unit="hours")


def _in_digits(match: re.Match[str], text: str, style: str | None) -> Number:
    unit, factor = _unit(match["unit"] or "")
    if unit == "ATR" and "ATR" in text[: match.start()] and len(match["unit"]) > len("ATRs"):
        unit = "x"  # the daily ATR is 2.6 times the ATR of the 4h
    if match["ordinal"]:
        unit = "percentile"  # others have been set aside
    length = None if unit else _OF_A_LENGTH.match(text[match.end() :])
    unit = _unit(length["length"])[0] if length and length[0].lstrip().startswith("of") else unit
    signs = f"{match['sign'] or ''}{match['sign2'] or ''}".strip().lower()
    ways = readings(match["number"], scale=match["scale"], style=style)
    return Number(
        match.start("number"),
        match.end(),
        match[0].strip(),
        tuple(
            Reading(one.value * factor, one.step * factor, one.round_step * factor) for one in ways
        ),
        unit="money" if match["money"] and not unit else unit,
        sign=0 if not signs else 1 if signs == "+" else -1,
    )


def _durations(paper: Paper) -> Iterator[Number]:
    """Find durations in two units, "3 hours and 48 minutes", as one number of hours."""
    for match in _IN_TWO_UNITS.finditer(paper.text):
        large, small = _unit(match["large"])[1], _unit(match["small"])[1]
        if large <= small:
            continue  # "20 hours and 56 hours" are two
        paper.erase(*match.span())
        value = _count(match["count"]) * large + _count(match["rest"]) * small
        step = small * 2
        way = Reading(value, step, step)
        yield Number(match.start(), match.end(), match[0].strip(), (way,), unit="hours")


def _count(text: str) -> float:
    """Read a count in digits or words; "one" counts here."""
    return float(text) if text.isdigit() else words_value(text) or 1.0


def _joined(paper: Paper, found: list[Number]) -> Iterator[Number]:
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

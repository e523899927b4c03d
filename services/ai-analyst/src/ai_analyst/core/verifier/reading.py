"""Numbers as people write them: 1,234.5 and 1.234,5, ranges, k and juta, words, rounding."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from dataclasses import dataclass
from typing import Final

from ai_analyst.core.verifier.cues import phrase

ENGLISH, CONTINENTAL = "en", "id"
_LARGEST: Final = 1e18
"""No figure of a market is larger; a model that repeats itself writes longer ones."""

_SCALES: Final = {
    "k": 1000.0, "rb": 1000.0, "ribu": 1000.0, "thousand": 1000.0, "m": 1000000.0,
    "mn": 1000000.0, "mio": 1000000.0, "jt": 1000000.0, "juta": 1000000.0, "million": 1000000.0,
    "b": 1000000000.0, "bn": 1000000000.0, "miliar": 1000000000.0, "milyar": 1000000000.0,
    "billion": 1000000000.0, "t": 1000000000000.0, "tn": 1000000000000.0,
    "triliun": 1000000000000.0, "trillion": 1000000000000.0,
}  # fmt: skip
SCALE: Final = (
    r"(?:\s?(?P<scale>ribu|thousand|juta|million|miliar|milyar|billion|triliun|trillion|"
    r"[kKMBT]|(?<=\d)m(?=\s(?:floor|minimum|limit|threshold|USDT|turnover)|[.,;)]|$)|rb|jt|bn|mn|mio|tn)(?![A-Za-z]))?"
)


@dataclass(frozen=True)
class Reading:
    """One way to read a written number, and the size of its last digit."""

    value: float
    step: float
    round_step: float
    """The size of its last digit that is not zero: what "about 97,000" is rounded to."""


def readings(
    text: str, *, scale: str | None = None, style: str | None = None
) -> tuple[Reading, ...]:
    """Return what a written number can mean; two meanings where only the style could tell."""
    factor = _SCALES[scale if scale in _SCALES else scale.lower()] if scale else 1.0
    plain = re.sub(r"[\u00a0\u2009\u202f']", "", text)
    return tuple(_reading(one, factor) for one in _spellings(plain, style))


def style_of(answer: str) -> str | None:
    """Tell an answer's number format from its unambiguous numbers, or None."""
    english = re.search(
        r"\d,\d{3}(?:,\d{3})*\.\d|(?<![\d.,])(?:0|\d{4,})\.\d|"
        r"(?<![\d.,])\d{1,3}\.(?:\d{1,2}|\d{4,})(?![\d.,])|\d,\d{3},\d{3}",
        answer,
    )
    continental = re.search(
        r"\d\.\d{3}(?:\.\d{3})*,\d|(?<![\d.,])(?:0|\d{4,}),\d|"
        r"(?<![\d.,])\d{1,3},(?:\d{1,2}|\d{4,})(?![\d.,])|\d\.\d{3}\.\d{3}",
        answer,
    )
    if bool(english) == bool(continental):
        return None
    return ENGLISH if english else CONTINENTAL


def _spellings(text: str, style: str | None) -> list[str]:
    marks = re.findall(r"[.,]", text)
    if not marks:
        return [text]
    if len(set(marks)) > 1:
        decimal = marks[-1]
        thousands = "," if decimal == "." else "."
        plain = text.replace(thousands, "").replace(decimal, ".")
        return [plain] if marks.count(decimal) == 1 else []  # 99,905.371,1 is no number
    mark = marks[0]
    whole, _, rest = text.partition(mark)
    grouped = text.replace(mark, "")
    in_threes = all(len(group) == 3 for group in text.split(mark)[1:])  # noqa: PLR2004 - thousands
    if len(marks) > 1:
        return [grouped] if in_threes else []
    as_decimal = f"{whole}.{rest}"
    if not in_threes or len(whole) > 3 or whole.startswith("0"):  # noqa: PLR2004 - thousands
        return [as_decimal]
    if style is None:
        return [as_decimal, grouped]
    decimal_mark = "." if style == ENGLISH else ","
    return [as_decimal if mark == decimal_mark else grouped]


def _reading(text: str, factor: float) -> Reading:
    whole, _, decimals = text.partition(".")
    step = 10.0 ** -len(decimals)
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    if set(whole) <= {"0"}:
        zeros = 0
    value = min(float(text) * factor, _LARGEST)
    return Reading(value, step * factor, min(step * 10.0 ** min(zeros, 99) * factor, _LARGEST))


_UNITS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "selusin": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "one": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7,
    "delapan": 8, "sembilan": 9, "sepuluh": 10, "sebelas": 11, "satu": 1,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_MULTIPLIERS: Final = {
    "hundred": 100, "thousand": 1000, "million": 1000000, "puluh": 10, "ratus": 100,
    "ribu": 1000, "juta": 1000000,
}  # fmt: skip
_WORD: Final = "|".join(
    sorted([*_UNITS, *_TENS, *_MULTIPLIERS, "belas", "seratus", "seribu"], key=len, reverse=True)
)
WORDS: Final = phrase(rf"\b(?:{_WORD})(?:[\s-]+(?:(?:(?<=hundred )|(?<=thousand ))and\s+)?(?:{_WORD}))*\b")  # fmt: skip


def words_value(text: str) -> float | None:
    """Return what number words say; None for a lone "one", which is rarely a number."""
    total, current = 0, 0
    names = [name for name in re.split(r"[\s-]+", text.lower()) if name != "and"]
    if names in (["one"], ["satu"]) or names[0] in {"hundred", "thousand", "million"}:
        return None
    for name in names:
        if name in _UNITS or name in _TENS:
            current += _UNITS.get(name, 0) + _TENS.get(name, 0)
        elif name == "belas":
            current += 10
        elif name in {"seratus", "seribu"}:
            current += 100 if name == "seratus" else 1000
        else:
            current = max(1, current) * _MULTIPLIERS[name]
            if _MULTIPLIERS[name] >= 1000:  # noqa: PLR2004 - a group of thousands is complete
                total, current = total + current, 0
    return float(min(total + current, int(_LARGEST)))

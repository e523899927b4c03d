"""When a written number is a fact's value: unit, rounding, sign."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from ai_analyst.core.facts import Datum, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import (
    APPROXIMATE,
    AT_LEAST,
    AT_MOST,
    CONDITIONAL,
    HIGHER,
    LOWER,
    NEGATIVE,
    phrase,
)
from ai_analyst.core.verifier.numbers import Number

_SLACK: Final = 1 + 1e-6
_BEFORE: Final = 60
"""So far before a number stand the words that bound or blur it."""
_COARSE: Final = 0.1
_COARSE_ABOUT: Final = 0.2
_WORD_ABOUT: Final = 0.06
"""How far rounding may go: 1.5 is no 2, and 2.7 is about 3."""
_NEAR: Final = 1.25
_FAR: Final = 2.5
"""How much longer "over five days", and how much shorter "within a day", may be."""
_ALMOST: Final = phrase(r"\b(?:almost|nearly|hampir|nyaris)\s*$")
_NOT_EVEN: Final = phrase(r"(?:\bnot even|n['’]t even|\bbarely|\bshy of|\bbahkan tidak|\bbelum(?: sampai)?)\s*$")  # fmt: skip
_A_BIT_IS: Final = (0.2, 0.5)
"""How far from a half may be what is more than half, and from twice what is more than twice."""
_ROUND: Final = 100
"""Up to here a multiple of five is a round figure."""
_OR_BEYOND: Final = phrase(r"\s(?:or|atau)\s(?:(?P<more>more|above|higher|lebih)|(?P<less>less|below|lower|under|kurang|di bawah))\b")  # fmt: skip
"""Behind a bound: "2 ATR or less"."""
_IS_JUST: Final = phrase(r"\b(?:just|slightly|barely|a (?:bit|little|touch|hair)|sedikit) (?:over|under|above|below|more than|less than|di atas|di bawah) $")  # fmt: skip
"""Before a number that is near what it bounds."""
_JUST: Final = 0.1
_WAY: Final = phrase(r"\s(?:(?P<up>higher|up|more)|lower|down|less|fewer)(?:\s\w+){0,2}?\s(?:than|over|from|on|compared)\b")  # fmt: skip
_LOOSE: Final = 0.05
_LOOSE_PRICE: Final = 0.015
_IN_SIZE: Final = phrase(r"\b(?:in (?:absolute|size|magnitude)|absolute|regardless of sign|secara mutlak|nilai mutlak)\b")  # fmt: skip
_SIGNED: Final = {Unit.POINTS, Unit.PERCENT, Unit.ATR, Unit.SIGNED, Unit.R, Unit.PLAIN}
_ACCEPTS: Final[dict[str, dict[Unit, float]]] = {
    "": {unit: 1.0 for unit in Unit if unit not in {Unit.TIME, Unit.WORD}},
    "%": {Unit.PERCENT: 1.0, Unit.SHARE: 100.0, Unit.BPS: 0.01},
    "R": {Unit.R: 1.0},
    "x": {Unit.MULTIPLE: 1.0, Unit.R: 1.0},
    "ATR": {Unit.ATR: 1.0},
    "bps": {Unit.BPS: 1.0, Unit.PERCENT: 100.0},
    "money": {Unit.PRICE: 1.0, Unit.USD: 1.0},
    "points": {Unit.POINTS: 1.0, Unit.CONVICTION: 1.0, Unit.LEVEL: 1.0},
    "hours": {Unit.HOURS: 1.0, Unit.SECONDS: 1 / 3600},
    "bars": {Unit.COUNT: 1.0, Unit.HOURS: 0.25},
    "percentile": {Unit.PERCENTILE: 1.0},
}


def targets(number: Number, fact: Datum, now: datetime) -> Iterator[float]:
    """Yield the values a number in its unit would have if it meant this fact."""
    if isinstance(fact.value, datetime) and number.unit == "hours":
        yield abs((fact.value - now).total_seconds()) / 3600
        yield abs((fact.value - fact.observed_at).total_seconds()) / 3600
    value = fact.number
    if value is None:
        return
    scale = _ACCEPTS[number.unit].get(fact.unit)
    if scale is not None:
        yield value * scale
    if scale is not None and fact.threshold and (fact.concept == "score" or value < 0):
        yield -value  # a short needs the same with the other sign
    if fact.unit is Unit.SHARE and not number.unit:
        yield value * 100


def means(number: Number, fact: Datum, said: Claims, now: datetime, *, tied: bool) -> bool:
    """Whether a number is this fact's value, rounded as written, with its sign."""
    lines = {"plus_di": 1, "minus_di": -1}
    if number.sign and number.sign == lines.get(fact.concept):
        number = replace(number, sign=0)  # "+26.1 / -15.2" are the names of the two lines
    if number.sign > 0 and fact.threshold and (fact.number or 0.0) < 0:
        return False
    return any(
        close(number, abs(target), said, price=fact.unit is Unit.PRICE, truncated=tied)
        and sign_fits(
            number, target, said, signed=fact.unit in _SIGNED, changes=fact.unit is Unit.PERCENT
        )
        for target in targets(number, fact, now)
    )


def close(
    number: Number, target: float, said: Claims, *, price: bool = False, truncated: bool = False
) -> bool:
    """Whether a number is `target` to the digits it was written with."""
    before = _before(number, said)
    approximate = bool(APPROXIMATE.search(before))
    share = number.word and number.unit == "%"
    almost = share and _ALMOST.search(before)
    side = _side_of(number, said) if number.word else 0
    loose = abs(target) * (_LOOSE_PRICE if price else _LOOSE)
    coarse = abs(target) * (_COARSE_ABOUT if approximate else _COARSE)
    for one in number.readings:
        off, beyond = abs(one.value - target), (target - one.value) * side
        if (
            off <= min(one.step / 2 * _SLACK, coarse) + abs(target) * 1e-9
            or (side and 0 <= beyond <= _A_BIT_IS[number.unit == "x"] * one.value)
            or (truncated and one.value >= 1000 * one.step and 0 <= target - one.value < one.step)
            or (approximate and share and off <= abs(target) * _WORD_ABOUT)
            or (approximate and off <= min(one.round_step, loose) * _SLACK)
            or (almost and 0 <= one.value - target <= _COARSE * one.value)
        ):
            return True
    return False


def _side_of(number: Number, said: Claims) -> int:
    """Return +1 before "half" in "more than half", −1 in "not even half", else 0."""
    before = _before(number, said)
    if AT_LEAST.search(before):
        return 1
    return -1 if AT_MOST.search(before) or _NOT_EVEN.search(before) else 0


def sign_fits(number: Number, target: float, said: Claims, *, signed: bool, changes: bool) -> bool:
    """Whether the sign that is written, or the words around the number, fit the value's sign."""
    if not signed or target == 0:
        return number.sign * target >= 0 or (number.sign < 0 and target == 0)
    if not number.sign and said.find(_IN_SIZE):
        return True
    sign = number.sign or (changes and _which_way(number, said))
    if sign:
        return sign * target > 0
    begin, end = said.clause(number.start)
    words = said.text[begin:end]
    lower, higher = bool(LOWER.search(words)), bool(HIGHER.search(words))
    if target < 0:
        return lower or bool(said.find(LOWER))
    if not changes:
        return not NEGATIVE.search(words)
    return not lower or higher or bool(_HARMLESS & set(re.findall(r"[\w-]+", words.lower())))


def _which_way(number: Number, said: Claims) -> int:
    """Return the sign of "5.6 % lower than a day ago", else 0."""
    way = _WAY.match(said.text[number.end :])
    return 0 if way is None else 1 if way["up"] else -1


_HARMLESS: Final = {
    "short",
    "shorts",
    "bearish",
    "below",
    "under",
    "less",
    "stop",
    "stop-loss",
    "bawah",
    "kurang",
    "lower",
    "cut",
    "against",
    "rugi",
}


def bound_fits(number: Number, target: float, said: Claims) -> bool:
    """Whether "more than 2 %" is said of more than that, and "less than" of less."""
    least, most = bounds(number, said)
    sizes = [one.value for one in number.readings]
    if least:
        return any(target >= size for size in sizes)
    return not most or any(target <= size for size in sizes)


def bounds(number: Number, said: Claims) -> tuple[bool, bool]:
    """Return whether a number is the least and whether it is the most: "above 2", "2 or less"."""
    before, behind = _before(number, said), _OR_BEYOND.match(said.text[number.end :])
    return (
        bool(AT_LEAST.search(before) or (behind and behind["more"])),
        bool(AT_MOST.search(before) or (behind and behind["less"])),
    )


def compares(number: Number, said: Claims) -> bool:
    """Whether a number is a bound: "above 2", "2 or less"."""
    return any(bounds(number, said))


def bounded(
    number: Number, fact: Datum, said: Claims, now: datetime, *, any_figure: bool = False
) -> bool:
    """Whether "above 50", "less than 3 %" is true of the fact: a bound someone states as it is."""
    least, most = bounds(number, said)
    just = _IS_JUST.search(_before(number, said))
    round_figure = any_figure or all(
        one.round_step >= one.value / 10 or (one.value % 5 == 0 and one.value <= _ROUND)
        for one in number.readings
    )
    if not (least or most) or not round_figure:
        return False
    if not any_figure and said.find(CONDITIONAL):
        return False
    for target in targets(number, fact, now):
        for reading in number.readings:
            value = reading.value * (-1 if number.sign < 0 else 1)
            if just and abs(target - value) > _JUST * abs(value):
                continue
            if fact.concept == "close_share" and not value / 2 <= target <= value * 2:
                continue
            if number.unit == "hours" and not value / _FAR <= target <= value * _NEAR:
                continue
            if (least and target >= value) or (most and target <= value):
                return True
    return False


def _before(number: Number, said: Claims) -> str:
    begin = number.start
    while begin and said.text[begin - 1] in "+-−–$ \u00a0":
        begin -= 1
    return f"{said.text[max(0, begin - _BEFORE) : begin].rstrip()} "

"""Allowed arithmetic on facts: differences, ratios, percentages, multiples of R and ATR, sums.

Operands are the facts a clause itself names, or the one partner a level is always measured
against (a stop against its entry). Free pairs of any two facts are never tried: with a hundred
facts some pair fits any number.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import CHANCE, expected
from ai_analyst.core.verifier.comparisons import Result, compared
from ai_analyst.core.verifier.cues import (
    AT_LEAST,
    COMPARISON_CUE,
    DIFFERENCE_CUE,
    HIGHER,
    LOWER,
    RATIO_CUE,
    SUM_CUE,
)
from ai_analyst.core.verifier.derivations import flips, shares
from ai_analyst.core.verifier.levels import between_levels, moves
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.senses import IS_NET
from ai_analyst.core.verifier.tolerance import bound_fits, close

SIDE: Final = re.compile(
    r"\s*(?:points?\s|USDT\s)?(?:(?P<above>above|over|higher|di atas|lebih tinggi)|"
    r"(?P<below>below|under|beneath|lower|di bawah|lebih rendah))\b",
    re.IGNORECASE,
)
_DISCOUNT: Final = re.compile(r"\b(?:discount|diskon)\b", re.IGNORECASE)
_PLACED: Final = {"stop", "tp1", "tp2", "swing_high", "swing_low", "do_not_chase", "entry"}
_BOUNDED: Final = {"%", "x", "R"}
_TIED: Final = {"stop", "tp1", "tp2", "tp1_r", "tp2_r", "do_not_chase", "break_even"}
_RISKED: Final = {"risk": "stop"}
_BASES: Final = {"entry", "zone_low", "zone_high", "price", "close", "mark", "index"}
"""What levels are measured from when it is not said."""
_BRINGS: Final = {"tp1": 1, "tp2": 1, "stop": -1}
"""Whether a level, once reached, brings a gain or a loss, whichever way it lies."""
_RATES_PER_DAY: Final = {"funding": 24.0, "funding_8h": 24.0}
_PAYMENTS: Final = re.compile(r"\b(?:settle|payment|pembayaran|kali)", re.IGNORECASE)
_PRICES: Final = {"price", "close", "mark", "index"}
_WAY: Final = re.compile(
    r"\b(?:(?P<up>climb|rise|rally|bounce|gain|naik)|"
    r"(?:drop|fall|decline|dip|slip|ease|pull back|turun))\s"
    r"(?:(?:by|about|around|roughly|another|some|just|only|a|an|further|first|sekitar|sebesar)\s)*[~$]?$",
    re.IGNORECASE,
)
"""Before how far price would have to go."""
_NEAR: Final = 14
"""Characters between a side and the value it is a side of: "under the current 184.32"."""
_OF_MOVES: Final = {"", "money", "points", "%", "R"}
_CUES: Final = {
    "difference": DIFFERENCE_CUE,
    "comparison": COMPARISON_CUE,
    "ratio": RATIO_CUE,
    "sum": SUM_CUE,
    "rate": re.compile(
        r"\b(?:per day|a day|daily|per hari|sehari|annual\w*|a year|per year|per tahun|setahun)\b",
        re.IGNORECASE,
    ),
}


def derived(
    number: Number, said: Claims, bound: Binding, table: FactTable, *, announced: bool = True
) -> Result | None:
    """Return what of the facts a number follows from, or None.

    A word must announce it ("away", "times") unless hardly another number would fit.
    """
    tied = {_RISKED.get(one, one) for one in bound.tight} & _TIED
    results = [
        one
        for one in _results(bound, table, said)
        if _same_unit(one.unit, number, bound)
        and (not tied or tied & {_RISKED.get(fact.concept, fact.concept) for fact in one.operands})
    ]
    if not announced and expected(number, (one.value for one in results), said) > CHANCE:
        return None
    for one in results:
        if (not announced or _announced(number, one, said, bound)) and _comes_to(number, one, said):
            return one
    return None


def moved(
    number: Number, said: Claims, bound: Binding, table: FactTable, spoken: AbstractSet[str]
) -> Result | None:
    """Return the levels an unnamed move lies between, where hardly another number would fit."""
    if number.unit not in _OF_MOVES:
        return None
    results = [one for one in moves(bound, table, spoken) if _same_unit(one.unit, number, bound)]
    if expected(number, (one.value for one in results), said) > CHANCE:
        return None
    return next((one for one in results if _comes_to(number, one, said)), None)


def _announced(number: Number, result: Result, said: Claims, bound: Binding) -> bool:
    cue = _CUES.get(result.cue)
    told = (
        result.cue == "difference"
        and number.unit == "%"
        and (bool(number.sign) or _set_apart(number, said) or bool(set(bound.tight) & _PLACED))
    )
    return cue is None or told or bool(cue.search(said.text))


def _comes_to(number: Number, result: Result, said: Claims) -> bool:
    if not (
        close(number, abs(result.value), said, price=result.unit == "price")
        or _more_than(number, result, said)
    ):
        return False
    beyond = number.unit in _BOUNDED and not bound_fits(number, abs(result.value), said)
    if beyond or (result.unit == "R" and IS_NET.match(said.text[number.end :])):
        return False
    concepts = {fact.concept for fact in result.operands}
    if concepts == {"relative_volume"} and (side := SIDE.match(said.text[number.end :])):
        return (result.value > 0) is bool(side["above"])
    if concepts == {"mark", "index"} and _DISCOUNT.search(said.text):
        values = {fact.concept: fact.number or 0.0 for fact in result.operands}
        return values["mark"] < values["index"]
    if result.cue != "difference" and result.unit != "ATR":
        return True
    return _lies_so(number, result, said)


def turned(number: Number, said: Claims, bound: Binding, table: FactTable) -> bool:
    """Whether a number is what two levels come to, and is said to lie the other way."""
    alike = [
        one
        for one in _results(bound, table, said)
        if one.cue == "difference"
        and one.unit == "price"
        and _same_unit(one.unit, number, bound)
        and close(number, abs(one.value), said, price=True)
    ]
    return bool(alike) and not any(_lies_so(number, one, said) for one in alike)


def _lies_so(number: Number, result: Result, said: Claims) -> bool:
    """Whether a distance lies the way it is said to: by its side, its sign and where price goes."""
    return (
        _way_fits(number, result, said)
        and _side_fits(number, result, said)
        and _sign_fits(number, result)
    )


def _way_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether price "must drop 1.08 to reach 185.4" where the level lies below it."""
    way = _WAY.search(said.text[: number.start])
    priced = [one for one in result.operands[:2] if one.concept in _PRICES]
    if way is None or len(result.operands) < 2 or len(priced) != 1:  # noqa: PLR2004 - a level and the price
        return True
    level = next(one for one in result.operands[:2] if one is not priced[0])
    return ((level.number or 0.0) > (priced[0].number or 0.0)) is bool(way["up"])


def _same_unit(found: str, number: Number, bound: Binding) -> bool:
    written = number.unit
    if found == "share":
        return number.word and written == "%"
    if found == written:
        return True
    if found == "price":
        return written in {"", "money", "points"}
    if found == "R" and written == "" and {"net_rr", "gross_rr"} & set(bound.near):
        return True
    return found == "R" and written == "x" and "risk" in (*bound.near, *bound.sentence)


def _results(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    yield from between_levels(bound, table, said)
    yield from compared(bound, table, said)
    yield from _rates(bound, table, said)
    yield from shares(bound, table, said)
    yield from flips(bound, table)
    yield from _complements(bound, table, said)


def _rates(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    spoken = {*bound.near, *bound.sentence}
    for symbol in bound.symbols:
        intervals = candidates(table, (symbol,), "", ("funding_interval",))
        hours = next((one.number for one in intervals if one.number), None)
        for fact in candidates(table, (symbol,), "", tuple(_RATES_PER_DAY)):
            if (
                (spoken and not spoken & set(_RATES_PER_DAY))
                or fact.number is None
                or fact.threshold
            ):
                continue
            length = 8.0 if fact.concept == "funding_8h" else hours
            if length:
                if _PAYMENTS.search(said.text):
                    yield Result(24 / length, "", "rate", (fact,))
                yield Result(fact.number * 24 / length, "%", "rate", (fact,))
                yield Result(fact.number * 24 / length * 365, "%", "rate", (fact,))


def _complements(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    if "share_long" in bound.sentence and LOWER.search(said.text) and not HIGHER.search(said.text):
        for fact in candidates(table, (), "", ("share_long",)):
            if fact.number is not None:
                yield Result(100 - fact.number * 100, "%", "", (fact,))


def _more_than(number: Number, result: Result, said: Claims) -> bool:
    """Whether "more than double" is said of a little more than that."""
    least = number.word and number.unit == "x" and AT_LEAST.search(said.text[: number.start])
    return bool(least) and any(
        one.value <= abs(result.value) < 1.5 * one.value for one in number.readings
    )


def _set_apart(number: Number, said: Claims) -> bool:
    """Whether a percentage stands in brackets or in a table behind its level."""
    return said.text.lstrip().startswith("|") or (
        said.text[: number.start].endswith("(") and said.text[number.end :].startswith(")")
    )


def _sign_fits(number: Number, result: Result) -> bool:
    """Whether "+2.7 %" is where the level lies, or what reaching it brings."""
    if not number.sign or number.unit != "%" or len(result.operands) != 2:  # noqa: PLR2004 - a level and its base
        return True
    level = next((one for one in result.operands if one.concept in _BRINGS), None)
    if level is None:
        return True
    base = next(one for one in result.operands if one is not level)
    lies = 1 if (level.number or 0.0) > (base.number or 0.0) else -1
    return number.sign in {lies, _BRINGS[level.concept]}


def _subject(number: Number, one: Datum, other: Datum, said: Claims) -> Datum | None:
    """Return which of two facts the last phrase before a number names."""
    before = [label for label in said.labels if label.end <= number.start]
    named = [fact for fact in (one, other) if before and fact.concept in before[-1].concepts]
    return named[0] if len(named) == 1 else None


def _is_value(number: Number, fact: Datum) -> bool:
    return any(reading.value == fact.number for reading in number.readings)


def _side_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether "3 % below the entry" lies on the side it says."""
    side = SIDE.match(said.text[number.end :])
    if side is None or len(result.operands) < 2:  # noqa: PLR2004 - a level and its base
        return True
    one, other = result.operands[:2]
    following = next((label for label in said.labels if label.start >= number.end), None)
    bases = set(following.concepts) if following else set()
    told = next((later for later in said.numbers if later.start >= number.end), None)
    if told is not None and told.start - number.end - side.end() < _NEAR:
        bases |= {fact.concept for fact in (one, other) if _is_value(told, fact)}
    spoken = {concept for label in said.labels for concept in label.concepts}
    if (one.concept in bases) is (other.concept in bases):
        if (one.concept in spoken) is not (other.concept in spoken):
            subject_first = one.concept in spoken
        elif (subject := _subject(number, one, other, said)) is not None:
            subject_first = subject is one
        elif (one.concept in _BASES) is not (other.concept in _BASES):
            subject_first = other.concept in _BASES
        else:
            return True
    else:
        subject_first = other.concept in bases
    apart = (one.number or 0.0) - (other.number or 0.0)
    above = apart > 0 if subject_first else apart < 0
    return above is bool(side["above"])

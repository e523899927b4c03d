"""Allowed arithmetic on facts: differences, ratios, percentages, multiples of R and ATR, sums.

Operands are the facts a clause itself names, or the one partner a level is always measured
against (a stop against its entry). Free pairs of any two facts are never tried: with a hundred
facts some pair fits any number.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import CHANCE, expected
from ai_analyst.core.verifier.comparisons import Result, compared
from ai_analyst.core.verifier.cues import (
    AT_LEAST,
    COMPARISON_CUE,
    DIFFERENCE_CUE,
    HIGHER,
    LOWER,
    NEGATION,
    RATIO_CUE,
    SHARE_OF,
    SUM_CUE,
    phrase,
)
from ai_analyst.core.verifier.derivations import flips, shares
from ai_analyst.core.verifier.levels import between_levels, moves
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.senses import IS_NET, NET_FIRST
from ai_analyst.core.verifier.sides import SIDE, lies_so, ratio_fits, rival_fits
from ai_analyst.core.verifier.tolerance import bound_fits, bounds, close

_PLACED: Final = {"stop", "tp1", "tp2", "swing_high", "swing_low", "do_not_chase", "entry"}
_BOUNDED: Final = {"%", "x", "R"}
_TIED: Final = {"stop", "tp1", "tp2", "tp1_r", "tp2_r", "do_not_chase", "break_even"}
_RISKED: Final = {"risk": "stop"}
_RATES_PER_DAY: Final = {"funding": 24.0, "funding_8h": 24.0}

_LEAN_LONG: Final = phrase(r"\b(?:lean\w*|are|is|condong) long\b")
_RATIOS: Final = {"net_rr", "gross_rr"}
_OF_MOVES: Final = {"", "money", "points", "%", "R"}
_REST: Final = phrase(r"\b(?:remaining|rest|others?|sisanya|selebihnya)\b")
_OF_TWO: Final = phrase(r"\s\w+\s(?:the\s)(?:one|other|former|latter|first|second)\b")
"""Behind a distance from one of two levels told before: "0.0123 above the one"."""
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
    if bound.tight[:1] and bound.tight[0] in _RATIOS:
        tied = set()  # it names a ratio of the whole plan
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
    if number.unit not in _OF_MOVES or len(bound.symbols) != 1:
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
    return cue is None or told or bool(said.find(cue))


def _comes_to(number: Number, result: Result, said: Claims) -> bool:
    if not (
        close(number, abs(result.value), said, price=result.unit == "price")
        or _more_than(number, result, said)
        or _is_bounded(number, result, said)
    ):
        return False
    share = SHARE_OF.match(said.text[number.end :])
    if share and (result.unit, result.cue) == ("%", "comparison"):
        return False  # "half of" is no difference
    beyond = number.unit in _BOUNDED and not bound_fits(number, abs(result.value), said)
    net = IS_NET.match(said.text[number.end :]) or NET_FIRST.search(said.text[: number.start])
    if beyond or (result.unit == "R" and net):
        return False
    concepts = {fact.concept for fact in result.operands}
    if concepts == {"relative_volume"} and (side := SIDE.match(said.text[number.end :])):
        return (result.value > 0) is bool(side["above"])
    ways = {"ratio": ratio_fits, "comparison": rival_fits, "difference": lies_so}
    fits = ways.get(result.cue) or (lies_so if result.unit == "ATR" else None)
    return fits is None or fits(number, result, said)


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
    if _OF_TWO.match(said.text[number.end :]):
        return False
    return bool(alike) and not any(lies_so(number, one, said) for one in alike)


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
    yield from _rates(bound, table)
    yield from shares(bound, table, said)
    yield from flips(bound, table)
    yield from _complements(bound, table, said)


def _rates(bound: Binding, table: FactTable) -> Iterator[Result]:
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
                yield Result(fact.number * 24 / length, "%", "rate", (fact,))
                yield Result(fact.number * 24 / length * 365, "%", "rate", (fact,))


def _complements(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    below = said.find(LOWER) and not (said.find(HIGHER) or said.find(_LEAN_LONG))
    if "share_long" in bound.sentence and (below or said.find(NEGATION) or said.find(_REST)):
        for fact in candidates(table, (), "", ("share_long",)):
            if fact.number is not None:
                yield Result(100 - fact.number * 100, "%", "", (fact,))


def _is_bounded(number: Number, result: Result, said: Claims) -> bool:
    """Whether "less than 1 % above the price" is said of a little less than that."""
    least, most = bounds(number, said)
    beside = result.cue == "difference" and SIDE.match(said.text[number.end :])
    part = number.word and not result.cue
    if number.unit != "%" or not (beside or part):
        return False
    size = abs(result.value)
    return any(
        (most and one.value / 2 <= size <= one.value)
        or (least and one.value <= size <= 1.5 * one.value)
        for one in number.readings
    )


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

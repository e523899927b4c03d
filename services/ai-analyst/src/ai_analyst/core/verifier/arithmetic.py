"""Allowed arithmetic on facts: differences, ratios, percentages, multiples of R and ATR, sums.

Operands are the facts a clause itself names, or the one partner a level is always measured
against (a stop against its entry). Free pairs of any two facts are never tried: with a hundred
facts some pair fits any number.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims, Number
from ai_analyst.core.verifier.comparisons import Result, compared
from ai_analyst.core.verifier.derivations import flips, shares
from ai_analyst.core.verifier.lexicon import (
    AT_LEAST,
    COMPARISON_CUE,
    DIFFERENCE_CUE,
    HIGHER,
    LOWER,
    RATIO_CUE,
    SUM_CUE,
)
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.tolerance import close

_LEVELS: Final = (
    "entry",
    "stop",
    "tp1",
    "tp2",
    "break_even",
    "do_not_chase",
    "zone_low",
    "zone_high",
    "price",
    "mark",
    "index",
    "close",
    "swing_high",
    "swing_low",
    "ema_9",
    "ema_21",
    "ema_50",
    "ema_200",
    "supertrend",
    "bollinger_upper",
    "bollinger_lower",
    "bollinger_middle",
)
_PARTNERS: Final[dict[str, tuple[str, ...]]] = {
    "stop": ("entry", "price"),
    "risk": ("entry",),
    "tp1": ("entry", "price"),
    "tp2": ("entry", "price"),
    "entry": ("price", "stop"),
    "do_not_chase": ("entry", "price"),
    "break_even": ("entry",),
    "zone_low": ("price",),
    "zone_high": ("price", "zone_low"),
    "swing_high": ("price", "entry"),
    "swing_low": ("price", "entry"),
    "mark": ("index", "price"),
    "index": ("mark",),
    "ema_9": ("price",),
    "ema_21": ("price",),
    "ema_50": ("price",),
    "ema_200": ("price",),
    "supertrend": ("price",),
    "bollinger_upper": ("price",),
    "bollinger_lower": ("price",),
    "cost": ("entry", "risk"),
    "atr": ("price",),
}
"""What a level is measured against when a sentence names no other."""

SIDE: Final = re.compile(
    r"\s*(?:points?\s|USDT\s)?(?:(?P<above>above|over|higher|di atas|lebih tinggi)|"
    r"(?P<below>below|under|beneath|lower|di bawah|lebih rendah))\b",
    re.IGNORECASE,
)
_BRINGS: Final = {"tp1": 1, "tp2": 1, "stop": -1}
"""Whether a level, once reached, brings a gain or a loss, whichever way it lies."""
_RATES_PER_DAY: Final = {"funding": 24.0, "funding_8h": 24.0}
_NEAREST: Final = 3


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


def derived(number: Number, said: Claims, bound: Binding, table: FactTable) -> tuple[str, ...]:
    """Return the ids of the facts a number follows from, or nothing."""
    for result in _results(bound, table, said):
        if not _same_unit(result.unit, number.unit, bound):
            continue
        cue = _CUES.get(result.cue)
        told = (
            result.cue == "difference"
            and number.unit == "%"
            and (bool(number.sign) or _set_apart(number, said))
        )
        if cue is not None and not told and not cue.search(said.text):
            continue
        if close(number, abs(result.value), said, price=result.unit == "price") or _more_than(
            number, result, said
        ):
            if (result.cue == "difference" or result.unit == "ATR") and not (
                _side_fits(number, result, said) and _sign_fits(number, result)
            ):
                continue
            return tuple(fact.id for fact in result.operands)
    return ()


def _same_unit(found: str, written: str, bound: Binding) -> bool:
    if found == written:
        return True
    if found == "price":
        return written in {"", "money", "points"}
    return found == "R" and written == "x" and "risk" in (*bound.near, *bound.sentence)


def _results(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    measured = {*_LEVELS, *_PARTNERS}
    phrases = [phrase for phrase in bound.phrases if measured & set(phrase)][:_NEAREST]
    levels = (
        []
        if "size" in bound.near
        else [concept for phrase in phrases for concept in phrase if concept in measured]
    )
    tied = [concept for concept in bound.tight if concept in _PARTNERS and levels]
    for symbol in bound.symbols:
        facts = {
            concept: [
                one
                for one in candidates(table, (symbol,), bound.frame, (concept,))
                if one.symbol == symbol and not one.threshold and one.number
            ]
            for concept in {*_LEVELS, *_PARTNERS}
        }
        for first, second in _pairs(levels, tied, said):
            for one in facts.get(first, ()):
                for other in facts.get(second, ()):
                    yield from _relations(
                        one, other, facts.get("risk", ()), _atrs(table, symbol, bound.frame)
                    )
    yield from compared(bound, table, said)
    yield from _rates(bound, table)
    yield from shares(bound, table)
    yield from flips(bound, table)
    yield from _complements(bound, table, said)


def _pairs(levels: Sequence[str], tied: Sequence[str], said: Claims) -> Iterator[tuple[str, str]]:
    spoken = [
        label.concepts for label in said.labels if {*_LEVELS, *_PARTNERS} & set(label.concepts)
    ]
    seen: set[tuple[str, str]] = set()
    explicit = [(first, second) for first, second in combinations(levels, 2)]
    few = len(set(spoken)) <= _NEAREST
    across = [
        (first, second)
        for first in levels
        for phrase in spoken
        for second in phrase
        if few and first != second
    ]
    for first, second in (*explicit, *across):
        if (first, second) not in seen:
            seen |= {(first, second), (second, first)}
            yield first, second
    for first in dict.fromkeys((*tied, *levels)):
        for second in _PARTNERS.get(first, ()):
            if (first, second) not in seen:
                seen |= {(first, second), (second, first)}
                yield first, second


def _relations(
    one: Datum, other: Datum, risks: Sequence[Datum], atrs: Sequence[Datum]
) -> Iterator[Result]:
    first, second = one.number, other.number
    if one.unit is not Unit.PRICE or other.unit is not Unit.PRICE or not first or not second:
        return
    pair = (one, other)
    if one.concept in {"risk", "cost", "atr"} or other.concept in {"risk", "cost", "atr"}:
        yield Result(min(first, second) / max(first, second) * 100, "%", "", pair)
        if other.concept == "risk":
            yield Result(first / second, "R", "", pair)
        return
    yield Result(first - second, "price", "difference", pair)
    yield Result((first - second) / second * 100, "%", "difference", pair)
    yield Result((first - second) / first * 100, "%", "difference", pair)
    yield Result(first / second, "x", "ratio", pair)
    for risk in risks:
        if risk.number:
            yield Result((first - second) / risk.number, "R", "", (*pair, risk))
    for atr in atrs:
        if atr.number:
            yield Result((first - second) / atr.number, "ATR", "", (*pair, atr))


def _rates(bound: Binding, table: FactTable) -> Iterator[Result]:
    for symbol in bound.symbols:
        intervals = candidates(table, (symbol,), "", ("funding_interval",))
        hours = next((one.number for one in intervals if one.number), None)
        for fact in candidates(table, (symbol,), "", tuple(_RATES_PER_DAY)):
            if (
                not set(bound.near or bound.sentence) & set(_RATES_PER_DAY)
                or fact.number is None
                or fact.threshold
            ):
                continue
            length = 8.0 if fact.concept == "funding_8h" else hours
            if length:
                yield Result(fact.number * 24 / length, "%", "rate", (fact,))
                yield Result(fact.number * 24 / length * 365, "%", "rate", (fact,))


def _complements(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    if "share_long" in bound.sentence and LOWER.search(said.text) and not HIGHER.search(said.text):
        for fact in candidates(table, (), "", ("share_long",)):
            if fact.number is not None:
                yield Result(100 - fact.number * 100, "%", "", (fact,))


def _atrs(table: FactTable, symbol: str, frame: str) -> list[Datum]:
    found = [
        one
        for one in candidates(table, (symbol,), frame or "4h", ("atr",))
        if one.unit is Unit.PRICE
    ]
    return found[:1]


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


def _side_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether "3 % below the entry" lies on the side it says."""
    side = SIDE.match(said.text[number.end :])
    if side is None or len(result.operands) < 2:  # noqa: PLR2004 - a level and its base
        return True
    one, other = result.operands[:2]
    following = next((label for label in said.labels if label.start >= number.end), None)
    bases = set(following.concepts) if following else set()
    spoken = {concept for label in said.labels for concept in label.concepts}
    if (one.concept in bases) is (other.concept in bases):
        if (one.concept in spoken) is (other.concept in spoken):
            return True
        subject_first = one.concept in spoken
    else:
        subject_first = other.concept in bases
    apart = (one.number or 0.0) - (other.number or 0.0)
    above = apart > 0 if subject_first else apart < 0
    return above is bool(side["above"])

"""What two price levels come to: their distance, in points, percent, R and ATR, and their ratio."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.comparisons import Result
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.scope import Binding, candidates

_LEVELS: Final = (
    "entry", "stop", "tp1", "tp2", "break_even", "do_not_chase", "zone_low", "zone_high", "price",
    "mark", "index", "close", "swing_high", "swing_low", "ema_9", "ema_21", "ema_50", "ema_200",
    "supertrend", "bollinger_upper", "bollinger_lower", "bollinger_middle",
)  # fmt: skip
_PARTNERS: Final[dict[str, tuple[str, ...]]] = {
    "stop": ("entry", "price"), "risk": ("entry",), "tp1": ("entry", "price"),
    "tp2": ("entry", "price"), "entry": ("price",), "do_not_chase": ("entry", "price"),
    "break_even": ("entry",), "zone_low": ("price",), "zone_high": ("price", "zone_low"),
    "swing_high": ("price", "entry"), "swing_low": ("price", "entry"),
    "mark": ("index", "price"), "index": ("mark",), "ema_9": ("price",), "ema_21": ("price",),
    "ema_50": ("price",), "ema_200": ("price",), "supertrend": ("price",),
    "bollinger_upper": ("price",), "bollinger_lower": ("price",), "cost": ("entry", "risk"),
    "atr": ("price",),
}  # fmt: skip
"""What a level is measured against when a sentence names no other."""
_MOVES: Final = ("stop", "tp1", "tp2", "do_not_chase", "break_even", "zone_high", "entry",
                 "swing_high", "swing_low")  # fmt: skip
_OF_A_PLAN: Final = {"stop", "tp1", "tp2", "do_not_chase", "break_even", "zone_high"}
_FROM: Final = {"entry", "zone_low", "zone_high", "price", "close", "mark", "index"}
"""What a move sets out from."""
_RISKED: Final = {"risk": "stop"}
_PLACES: Final = frozenset({*_LEVELS, *_PARTNERS}) - {"cost", "atr", "risk"}
_SWINGS: Final = {"swing_high", "swing_low"}
"""How many R they are away is told from where a plan sets out."""
_TARGETS: Final = {"tp1", "tp2"}
"""What lies between them is only told where each is named by itself."""
_APART: Final = phrase(r"\b(?:between|apart|from|further|farther|another|beyond|times|twice|spans?|gap|difference|antara|lagi|selisih|kali)\b")  # fmt: skip
_LENGTHS: Final = {"risk", "cost", "atr"}
_BASE: Final = {"entry", "price"}
_NEAREST: Final = 4


def between_levels(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    """Yield what the levels a sentence names come to, with each other or with their partner."""
    measured = {*_LEVELS, *_PARTNERS}
    phrases = [phrase for phrase in bound.phrases if measured & set(phrase)][:_NEAREST]
    levels = (
        []
        if "size" in bound.near
        else [one for phrase in phrases for one in _spoken(phrase) if one in measured]
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


def _spoken(phrase: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a phrase names: "price" is the price, and no mark or index."""
    return phrase[:1] if phrase[:1] == ("price",) else phrase


def moves(bound: Binding, table: FactTable, spoken: AbstractSet[str]) -> Iterator[Result]:
    """Yield what a contract's plan and chart come to; of levels that are named only these."""
    told = [{_RISKED.get(one, one) for one in names} - _FROM for names in (spoken, bound.sentence)]
    named = next((names for one in told if (names := one & _PLACES)), set())
    wanted = sorted(named) or _MOVES
    for symbol in bound.symbols:
        own = {
            concept: [one for one in candidates(table, (symbol,), "", (concept,)) if one.symbol]
            for concept in ("entry", "price", "risk")
        }
        for one in candidates(table, (symbol,), bound.frame, wanted):
            for base in own[_base_of(one, bound)] or own["price"]:
                if one.concept != base.concept and one.number and base.number:
                    apart = one.number - base.number
                    yield Result(apart, "price", "difference", (one, base))
                    yield Result(apart / base.number * 100, "%", "difference", (one, base))
                    for risk in own["risk"]:
                        if risk.number:
                            yield Result(apart / risk.number, "R", "", (one, base, risk))


def _base_of(level: Datum, bound: Binding) -> str:
    """Return what a level is measured from: what is named, or else the usual."""
    named = _BASE & set(bound.sentence)
    return next(iter(named)) if len(named) == 1 else _usual_base(level)


def _usual_base(level: Datum) -> str:
    return "entry" if level.concept in _OF_A_PLAN else "price"


def _pairs(levels: Sequence[str], tied: Sequence[str], said: Claims) -> Iterator[tuple[str, str]]:
    spoken = [
        label.concepts for label in said.labels if {*_LEVELS, *_PARTNERS} & set(label.concepts)
    ]
    seen: set[tuple[str, str]] = set()
    own = {concepts[0] for concepts in spoken if not set(concepts) >= _TARGETS}
    explicit = [
        pair for pair in combinations(levels, 2) if not set(pair) >= _TARGETS or own >= _TARGETS
    ]
    few = len(set(spoken)) <= _NEAREST
    based = bool({concept for concepts in spoken for concept in concepts} & _FROM)
    across = [
        (first, second)
        for first in levels
        for phrase in spoken
        for second in phrase
        if few and first != second
    ]
    for first, second in (*explicit, *across):
        apart = own >= _TARGETS and said.find(_APART)
        between_targets = {first, second} >= _TARGETS and not apart
        if first != second and (first, second) not in seen and not between_targets:
            seen |= {(first, second), (second, first)}
            yield first, second
    for first in dict.fromkeys((*tied, *levels)):
        for second in _PARTNERS.get(first, ()):
            if (
                based
                and first not in _FROM
                and second in _FROM
                and not any(second in one for one in spoken)
            ):
                continue
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
    if _LENGTHS & {one.concept, other.concept}:
        yield from _lengths(first, second, pair)
        return
    yield Result(first - second, "price", "difference", pair)
    for base in _bases(one, other):
        yield Result((first - second) / base * 100, "%", "difference", pair)
    yield Result(first / second, "x", "ratio", pair)
    lines = [level for level in pair if level.concept not in _SWINGS]
    swings = {one.concept, other.concept} & _SWINGS
    risks = () if swings and not {one.concept, other.concept} & _FROM else risks
    atrs = [one for one in atrs if all(level.timeframe in {"", one.timeframe} for level in lines)]
    for unit, lengths in (("R", risks), ("ATR", atrs)):
        for length in lengths:
            if length.number:
                yield Result((first - second) / length.number, unit, "", (*pair, length))


def _lengths(first: float, second: float, pair: tuple[Datum, Datum]) -> Iterator[Result]:
    """Yield what two lengths, a risk, a cost or an ATR, are of each other."""
    one, other = pair
    yield Result(min(first, second) / max(first, second) * 100, "%", "", pair)
    if other.concept == "risk":
        yield Result(first / second, "R", "", pair)
    if other.concept == "atr":
        yield Result(first / second, "ATR", "", pair)
    if one.concept == "atr":
        yield Result(second / first, "ATR", "", pair)


def _bases(one: Datum, other: Datum) -> list[float]:
    """Return what a distance is a percentage of: of a plan's level always where it sets out."""
    bases = [fact for fact in (one, other) if fact.concept in _FROM]
    planned = {one.concept, other.concept} & _OF_A_PLAN
    told = bases if len(bases) == 1 and planned else (one, other)
    return [fact.number for fact in told if fact.number]


def _atrs(table: FactTable, symbol: str, frame: str) -> list[Datum]:
    found = [
        one
        for one in candidates(table, (symbol,), frame or "4h", ("atr",))
        if one.unit is Unit.PRICE
    ]
    return found[:1]

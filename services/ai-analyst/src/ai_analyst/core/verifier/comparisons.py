"""One kind of fact compared with itself: across timeframes, contracts, or with its limit."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, phrase
from ai_analyst.core.verifier.ledger import Found
from ai_analyst.core.verifier.scope import Binding, candidates

_LIMIT: Final = 6
_PRICES: Final = {
    *PRICE_LEVELS,
    "price",
    "mark",
    "index",
    "close",
    "swing_high",
    "swing_low",
    "supertrend",
}
_POINT_LIKE: Final = {Unit.POINTS, Unit.LEVEL, Unit.CONVICTION, Unit.PERCENTILE, Unit.PERCENT}
_EXTREMES: Final = (30.0, 70.0)
"""Where an RSI is called oversold and overbought."""
_UNGATED: Final = {"funding", "funding_8h", "volume_24h", "spread"}
"""What is compared with its limit only where a limit is spoken of."""
_POINTS: Final = phrase(r"\b(?:points?|poin)\b")
_TWINS: Final = (
    ("plus_di", "minus_di"),
    ("stoch_rsi_k", "stoch_rsi_d"),
    ("ema_9", "ema_21"),
    ("gross_rr", "net_rr"),
    ("tp2_r", "tp1_r"),
    ("funding_8h", "funding"),
    ("macd", "macd_signal"),
    ("trend_score", "mean_trend"),
)


_SUMMED: Final = {Unit.USD: "money", Unit.MULTIPLE: "x"}
"""What people add up over contracts."""
_UNITS: Final = {
    "price": Unit.PRICE, "%": Unit.PERCENT, "R": Unit.R, "ATR": Unit.ATR, "x": Unit.MULTIPLE,
    "share": Unit.PERCENT, "bps": Unit.BPS, "hours": Unit.HOURS, "points": Unit.POINTS,
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What some facts come to, in which unit, and which kind of word must announce it."""

    value: float
    unit: str
    cue: str
    operands: tuple[Datum, ...]

    @property
    def found(self) -> Found:
        """What a number that is this result was found to be."""
        unit = _UNITS.get(self.unit, self.operands[0].unit)
        return Found(tuple(one.id for one in self.operands), self.value, unit)


def compared(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    """Yield differences and ratios of one fact on two timeframes, contracts or with its limit."""
    spoken = dict.fromkeys((*bound.near, *bound.sentence))
    concepts = [one for one in spoken if one not in _PRICES]
    frames = frozenset(frame.name for frame in said.frames)
    named = frozenset(one.symbol for one in said.contracts) & set(table.symbols)
    symbols = (named or frozenset(bound.symbols)) | (
        frozenset(bound.asked) if len(named) == 1 else frozenset()
    )
    for concept in _wanted(concepts, spoken, said, _limited(table, symbols)):
        facts = [
            fact
            for fact in table.by_concept.get(concept, ())
            if fact.number is not None
            and (not fact.symbol or fact.symbol in symbols)
            and (not fact.timeframe or not frames or fact.timeframe in frames)
        ]
        yield from _sums([one for one in facts if ".gate." not in one.id], named)
        for one, other in combinations(facts, 2):
            limited = one.threshold is not other.threshold and concept in _UNGATED
            if limited and not {"threshold", "gates"} & set(spoken):
                continue
            if one.unit is other.unit and _comparable(one, other, frames, symbols):
                ratios = not concept.startswith("eta_")
                yield from (result for result in _pair(one, other) if ratios or result.unit != "x")
    for first, second in _TWINS:
        if first == "tp2_r" and not any(
            "tp2_r" in label.concepts and "tp1_r" not in label.concepts for label in said.labels
        ):
            continue
        if first in concepts or second in concepts:
            yield from _twins(bound, table, first, second)
    edges = {one.value for number in said.numbers for one in number.readings} & set(_EXTREMES)
    if "rsi" in spoken and ("rsi_rule" in spoken or edges):
        yield from _to_extremes(bound, table)
    if "cost" in concepts:
        targets = [one for one in ("tp1_r", "tp2_r") if one in concepts]
        yield from (
            Result(one.value, one.unit, "", one.operands)
            for first, second in (("gross_rr", "net_rr"), *((one, one) for one in targets))
            for one in _twins(bound, table, first, second)
            if one.unit == "R"
        )


def _sums(told: Sequence[Datum], named: frozenset[str]) -> Iterator[Result]:
    """Yield what one fact comes to over all contracts that are named."""
    if len(named) > 1 and sorted(one.symbol for one in told) == sorted(named):
        total = sum(one.number or 0.0 for one in told)
        yield Result(total, _SUMMED.get(told[0].unit, ""), "sum", tuple(told))


def _wanted(
    concepts: Sequence[str], spoken: Collection[str], said: Claims, limited: Sequence[str]
) -> list[str]:
    """Return what is compared: what is named, what a limit may be of, the score where none is."""
    wanted = [
        *concepts[:_LIMIT],
        *(limited if "threshold" in spoken or said.find(CONDITIONAL) else ()),
    ]
    if not set(spoken) - {"threshold"} and said.find(_POINTS):
        wanted.append("score")
    return list(dict.fromkeys(wanted))


def _to_extremes(bound: Binding, table: FactTable) -> Iterator[Result]:
    """Yield how far an RSI is from where it is called oversold or overbought."""
    for fact in candidates(table, bound.symbols, bound.frame, ("rsi",)):
        for edge in _EXTREMES if fact.number is not None else ():
            for unit in ("points", ""):
                yield Result((fact.number or 0.0) - edge, unit, "comparison", (fact,))


def _limited(table: FactTable, symbols: frozenset[str]) -> list[str]:
    """Return what "the limit" speaks of when unnamed: the score, and gates that refused."""
    refused = [
        fact.id.split(".")[2]
        for fact in table.by_concept.get("verdict", ())
        if fact.value == "refused" and fact.symbol in symbols
    ]
    weak = [
        fact.symbol
        for fact in table.by_concept.get("decision", ())
        if str(fact.value).endswith("no setup") and fact.symbol in symbols
    ]
    return [*(["score"] if weak else []), *refused]


def spelled(unit: Unit) -> str:
    """Return a unit as numbers in answers carry it."""
    return {
        Unit.PERCENT: "%",
        Unit.R: "R",
        Unit.ATR: "ATR",
        Unit.BPS: "bps",
        Unit.HOURS: "hours",
        Unit.MULTIPLE: "x",
    }.get(unit, "")


def _pair(one: Datum, other: Datum) -> Iterator[Result]:
    first, second, pair = one.number or 0.0, other.number or 0.0, (one, other)
    for unit in dict.fromkeys(
        (spelled(one.unit), "", *(["points"] if one.unit in _POINT_LIKE else []))
    ):
        yield Result(first - second, unit, "comparison", pair)
        if min(first, second) < 0 and (unit or one.concept == "score"):
            yield Result(abs(first) - abs(second), unit, "comparison", pair)
    if first and second and one.threshold is not other.threshold:
        over = first / second if other.threshold else second / first
        yield Result((over - 1) * 100, "%", "comparison", pair)
        yield Result(over * 100, "%", "ratio", pair)
    if first and second:
        yield Result(first / second * 100, "share", "ratio", pair)
        yield Result(second / first * 100, "share", "ratio", pair)
        yield Result(first / second, "x", "ratio", pair)
        yield Result(second / first, "x", "ratio", pair)
    if one.concept == "outcome":
        yield Result(first + second, spelled(one.unit), "sum", pair)


def _twins(bound: Binding, table: FactTable, first: str, second: str) -> Iterator[Result]:
    for one in candidates(table, bound.symbols, bound.frame, (first,)):
        for other in candidates(table, bound.symbols, bound.frame, (second,)):
            if one.number is not None and other.number and one.timeframe == other.timeframe:
                unit = spelled(one.unit)
                yield Result(one.number - other.number, unit, "comparison", (one, other))
                yield Result(one.number - other.number, "points", "comparison", (one, other))
                yield Result(one.number / other.number, "x", "ratio", (one, other))


def _comparable(one: Datum, other: Datum, frames: frozenset[str], symbols: frozenset[str]) -> bool:
    if one.threshold is not other.threshold:
        return one.symbol == other.symbol and one.timeframe == other.timeframe
    if one.threshold:
        return False
    if one.symbol != other.symbol:
        return len(symbols) > 1 and one.timeframe == other.timeframe
    if one.timeframe != other.timeframe:
        return len(frames) > 1 and not one.concept.endswith("_change")
    return one.concept == "outcome"

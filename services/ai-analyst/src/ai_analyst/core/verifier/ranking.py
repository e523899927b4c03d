"""One thing of two contracts or timeframes: "BTC scores higher than ETH", "the largest volume"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, GREATER, NEGATION, SMALLER, phrase
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.scope import Focus, candidates

_COMPARATIVE: Final = re.compile(
    rf"\b(?:(?P<more>{GREATER})|(?P<less>{SMALLER}))\b(?P<between>(?:\s(?!(?:than|daripada|dari)\b)[^\s;,]+){{0,4}}?)\s(?:than|daripada|dari(?:pada)?)\b|"
    r"\b(?:(?P<exceeds>exceeds?|tops|beats|outscores|outranks|rank(?:s|ed) (?:above|ahead of)|melebihi|mengungguli)|(?P<trails>leaves \S+ behind|trails|lags(?: behind)?|tertinggal dari))\b",
    re.IGNORECASE,
)
_HIGHEST: Final = r"highest|largest|biggest|greatest|strongest|widest|longest|best|top|most (?:bullish|extended|stretched)|paling (?:bullish|ekstrem|jauh|tinggi|kuat|besar|lebar)|tertinggi|terbesar|terkuat|terlebar|terlama"
_LOWEST: Final = r"lowest|smallest|weakest|narrowest|thinnest|shortest|worst|most bearish|paling (?:bearish|rendah|lemah|kecil|sempit)|terendah|terkecil|terlemah|tersempit"
_SUPERLATIVE: Final = phrase(rf"\b(?:(?P<second>second|2nd|kedua)[-\s])?(?:(?P<most>{_HIGHEST})|(?P<least>{_LOWEST}))\b")  # fmt: skip
_REFERENCE: Final = phrase(r"\b(?:after|behind|than|next to|besides?|except|setelah|selain|daripada)\s$")  # fmt: skip
_OF_ALL: Final = phrase(
    r"\s(?:of (?:them )?all|of (?:the|these|those) (?:three|four|\d)|overall|in the scan|dari semua)\b"
)
_NEAR: Final = 30
"""Characters between a superlative and what it is said of."""
_SIGNED: Final = phrase(r"bullish|bearish")
_FAR: Final = phrase(r"extended|stretched|ekstrem|jauh")
_STRENGTH: Final = phrase(r"strong|weak|kuat|lemah")
_FRAMES: Final = ("1d", "4h", "1h")
_IN_A_WORD: Final = phrase(r"\s(?:spot|point|part|link|argument|side|candidate)\b")
"""Behind a superlative of the answer's own: "the weakest spot"."""
_UNNAMED_FRAME: Final = phrase(r"\b(?:short|long|high|low)est\stime[-\s]?frame")
_GROUPS: Final = {"timeframes", "universe"}
"""What a superlative is one of, and no value: "the most bearish of the three timeframes"."""


@dataclass(frozen=True)
class _Side:
    """One of the two that are compared."""

    symbol: str
    frame: str


def check_ranking(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every comparison of one thing that goes the other way round."""
    for match in _COMPARATIVE.finditer(said.text):
        begin, end = said.clause(match.start())
        ahead = said.text[begin : match.start()]
        if CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(ahead):
            continue
        if _numbered(match, said):
            continue
        sides, concepts = _sides(match, said, focus), _compared(match, said)
        if sides is None or not concepts:
            continue
        more, by_size = bool(match["more"] or match["exceeds"]), bool(_STRENGTH.search(match[0]))
        pairs = _values(sides, concepts, table)
        if pairs and not any(
            _agrees(one, other, more=more, by_size=by_size) for one, other in pairs
        ):
            one, other = pairs[0]
            yield f"{one.id} is {one.shown} and {other.id} is {other.shown}"
    yield from _counts(said, table)
    yield from _extremes(said, focus, table)


def _numbered(match: re.Match[str], said: Claims) -> bool:
    """Whether a number is what is compared with: "more than half of BTC's"."""
    return any(match.end() <= one.start <= match.end() + 1 for one in said.numbers)


def _counts(said: Claims, table: FactTable) -> Iterator[str]:
    """Check "fewer were blocked than got a plan": the market's counts, without their numbers."""
    for match in _COMPARATIVE.finditer(said.text):
        begin, end = said.clause(match.start())
        if NEGATION.search(said.text[begin : match.start()]) or _numbered(match, said):
            continue
        reach = max(end, match.end() + _NEAR)
        before = [one for one in said.labels if begin <= one.start < match.end()]
        after = [one for one in said.labels if match.end() <= one.start < reach]
        one = next((found for label in reversed(before) if (found := _count(label, table))), None)
        other = next((found for label in after if (found := _count(label, table))), None)
        if one and other and not _agrees(one, other, more=bool(match["more"] or match["exceeds"])):
            yield f"{one.id} is {one.shown} and {other.id} is {other.shown}"


def _count(label: Label, table: FactTable) -> Datum | None:
    return table.by_id.get(f"market.scan.{label.concepts[0]}")


def _agrees(
    one: Datum, other: Datum, *, more: bool, signed: bool = False, by_size: bool = False
) -> bool:
    """Whether the first is more than the second, with its sign or by its size."""
    first, second = one.number or 0.0, other.number or 0.0
    as_written, as_sizes = (first, second), (abs(first), abs(second))
    ways = [as_written] if signed else [as_sizes] if by_size else [as_written, as_sizes]
    return any((mine > yours) if more else (mine < yours) for mine, yours in ways)


def _sides(match: re.Match[str], said: Claims, focus: Focus) -> tuple[_Side, _Side] | None:
    """Return the two that are compared; None unless another one is named behind "than"."""
    end = said.clause(match.end() - 1)[1]
    behind = [one for one in said.contracts if match.end() <= one.start < end][:1]
    framed = [one for one in said.frames if match.end() <= one.start < end][:1]
    before = [one for one in said.contracts if one.end <= match.end()]
    of_frame = [one for one in said.frames if one.end <= match.end()]
    symbol = (
        before[-1].symbol
        if before
        else "".join(focus.symbols[:1])
        if len(focus.symbols) == 1
        else ""
    )
    frame = of_frame[-1].name if of_frame else ""
    other = _Side(behind[0].symbol if behind else symbol, framed[0].name if framed else frame)
    mine = _Side(symbol, frame)
    if not symbol or mine == other or (framed and not of_frame):
        return None
    return mine, other


def _compared(match: re.Match[str], said: Claims) -> tuple[str, ...]:
    """Return what is compared: "a higher RSI than", or what was named last."""
    end = said.clause(match.end() - 1)[1]
    inside = [one for one in said.labels if match.start() <= one.start < match.end()]
    before = [one for one in said.labels if one.end <= match.start()]
    after = [one for one in said.labels if match.end() <= one.start < end]
    if not inside and not before:
        return ()
    own = (inside or before)[-1].concepts
    same = not after or set(own) & set(after[0].concepts)
    return own if same else ()


def _values(
    sides: tuple[_Side, _Side], concepts: Sequence[str], table: FactTable
) -> list[tuple[Datum, Datum]]:
    for concept in concepts:
        found = [
            (one, other)
            for one in _of(sides[0], concept, table)
            for other in _of(sides[1], concept, table)
            if one is not other
            and one.unit is other.unit
            and one.id.partition(".")[2].replace(one.timeframe, "")
            == other.id.partition(".")[2].replace(other.timeframe, "")
        ]
        if found:
            return found
    return []


def _of(side: _Side, concept: str, table: FactTable) -> list[Datum]:
    return [
        one
        for one in candidates(table, (side.symbol,), side.frame, (concept,))
        if one.number is not None and not one.threshold and one.symbol == side.symbol
    ]


def _extremes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the daily ADX is the strongest", "SOL has the lowest confidence"."""
    for match in _SUPERLATIVE.finditer(said.text):
        begin, end = said.clause(match.start())
        clause = said.text[begin:end]
        if _IN_A_WORD.match(said.text[match.end() :]):
            continue
        if _UNNAMED_FRAME.search(clause) or CONDITIONAL.search(clause) or NEGATION.search(clause):
            continue
        named = [one for one in said.labels if one.concepts[0] not in _GROUPS]
        ahead = [one for one in named if begin <= one.start and one.end <= match.start()]
        label = next(
            (one for one in named if match.end() <= one.start < match.end() + _NEAR),
            ahead[-1] if ahead else None,
        )
        if any("votes" in one.concepts for one in said.labels):
            continue  # the weakest vote is of one timeframe
        concepts = label.concepts if label else ("score",) if _SIGNED.search(match[0]) else ()
        concepts = ("distance_ema_21",) if _FAR.search(match[0]) else concepts
        if not concepts:
            continue
        contracts = [
            one
            for one in said.contracts
            if begin <= one.start < end and not _REFERENCE.search(said.text[: one.start])
        ]
        whole = match["second"] or _OF_ALL.match(said.text[match.end() :])
        framed = [one for one in said.frames if begin <= one.start < end]
        framed = framed or [one for one in said.frames if one.end <= match.start()][-1:]
        symbol = (
            contracts[0].symbol
            if contracts
            else "".join(focus.symbols)
            if len(focus.symbols) == 1
            else ""
        )
        if len(contracts) > 1 or len(framed) > 1 or not symbol:
            continue
        if framed and framed[0].name in _FRAMES:
            rivals = [_Side(symbol, frame) for frame in _FRAMES]
            mine = _Side(symbol, framed[0].name)
        elif (contracts or whole) and not framed:
            alike = table.value(f"{symbol}.decision")
            rivals = [
                _Side(one, "")
                for one in table.symbols
                if not str(alike).startswith("plan")
                or str(table.value(f"{one}.decision")).startswith("plan")
            ]
            mine = _Side(symbol, "")
        else:
            continue
        yield from _outdone(mine, rivals, concepts, table, match)


def _outdone(
    mine: _Side,
    rivals: Sequence[_Side],
    concepts: Sequence[str],
    table: FactTable,
    match: re.Match[str],
) -> Iterator[str]:
    """Yield the first rival that is more extreme; "the most bearish" goes by the sign."""
    own = next((found for one in concepts if (found := _of(mine, one, table))), [])
    if len(own) != 1:
        return
    signed, most = bool(_SIGNED.search(match[0])), bool(match["most"])
    others = [
        one
        for side in rivals
        if side != mine
        for one in _of(side, own[0].concept, table)
        if one.unit is own[0].unit and not _agrees(own[0], one, more=most, signed=signed)
    ]
    if len(others) != bool(match["second"]):
        rival = others[0] if others else own[0]
        yield f"{own[0].id} is {own[0].shown} and {rival.id} is {rival.shown}"

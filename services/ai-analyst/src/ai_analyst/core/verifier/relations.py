"""Which of two named things lies above the other: "the stop is below the swing low"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.scope import Focus, candidates

_RELATION: Final = re.compile(
    r"\b(?:(?P<above>above|higher than|greater than|exceeds|tops|beyond|di atas|lebih tinggi (?:dari|daripada))|"
    r"(?P<below>below|under|beneath|lower than|less than|di bawah|lebih rendah (?:dari|daripada)))\b",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"[^.;:|\w]*(?:\w+['’]?\w*[^.;:|\w]*){0,6}")
"""So few words may stand between a name and what it is compared by."""
_OTHERWISE: Final = re.compile(
    r"\b(?:and|but|dan|tetapi|above|below|over|under|from)\b", re.IGNORECASE
)
"""Behind a comparison whose other side is not the next name: "less than 1 ATR above"."""
_LENGTHS: Final = {"atr", "risk", "cost"}
"""Prices that are lengths and lie nowhere."""
_RELATED: Final = frozenset({Unit.PRICE, Unit.LEVEL})


def check_relations(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every pair of facts that is said to lie the other way round."""
    for match in _RELATION.finditer(said.text):
        begin, end = said.clause(match.start())
        if CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(said.text[begin:end]):
            continue
        before = [one for one in said.labels if one.end <= match.start()]
        after = [one for one in said.labels if one.start >= match.end()]
        if not (
            before
            and after
            and _BETWEEN.fullmatch(said.bare[before[-1].end : match.start()])
            and _BETWEEN.fullmatch(said.bare[match.end() : after[0].start])
            and not _OTHERWISE.search(said.text[match.end() : after[0].start])
            and not _OTHERWISE.search(said.text[before[-1].end : match.start()])
            and not any(match.end() <= one.start < after[0].start for one in said.numbers)
        ):
            continue
        if before[-1].concepts[0] == after[0].concepts[0]:
            continue
        upper, lower = (before[-1], after[0]) if match["above"] else (after[0], before[-1])
        if not _may_lie(upper, lower, said, focus, table):
            yield f"{said.text[before[-1].start : after[0].end].strip()!r} is the wrong way round"


def _may_lie(upper: Label, lower: Label, said: Claims, focus: Focus, table: FactTable) -> bool:
    """Whether some reading of two phrases puts the first above the second, or none is known."""
    symbols = [one.symbol for one in said.contracts if one.symbol] or focus.symbols
    frames = {one.name for one in said.frames}
    pairs = [
        (one, other)
        for symbol in symbols
        for one in _priced(upper, symbol, table)
        for other in _priced(lower, symbol, table)
        if one.unit is other.unit and _comparable(one, other, frames)
    ]
    return not pairs or any((one.number or 0.0) > (other.number or 0.0) for one, other in pairs)


def _priced(label: Label, symbol: str, table: FactTable) -> list[Datum]:
    """Return the facts of the first concept a phrase names that has any."""
    for concept in label.concepts:
        found = [
            fact
            for fact in candidates(table, (symbol,), "", (concept,))
            if fact.unit in _RELATED
            and fact.number is not None
            and not fact.threshold
            and fact.symbol == symbol
            and fact.concept not in _LENGTHS
        ]
        if found:
            return found
    return []


def _comparable(one: Datum, other: Datum, frames: set[str]) -> bool:
    told = {one.timeframe, other.timeframe} - {""}
    return len(told) < 2 and (not frames or not told or bool(told & frames))  # noqa: PLR2004 - two timeframes

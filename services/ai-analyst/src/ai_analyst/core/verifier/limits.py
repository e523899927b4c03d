"""The limits of gates: which may be meant, whether one is announced, what a gate itself says."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Sequence
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import within
from ai_analyst.core.verifier.comparisons import spelled
from ai_analyst.core.verifier.cues import CONDITIONAL, THRESHOLD_CUE, phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import readings
from ai_analyst.core.verifier.scope import Binding
from ai_analyst.core.verifier.tolerance import bounded, compares

ALLOWED: Final = phrase(r"\s(?:that(?:['’]s| is| are) )?(?:allowed|permitted|diizinkan|diperbolehkan)\b")  # fmt: skip
"""Behind a limit: "the 2 ATR allowed" is no value."""
REFUSES: Final = phrase(r"\b(?:refus\w*|block\w*|reject\w*|veto\w*|menolak|memblokir|ditolak|diblokir)\b")  # fmt: skip
CONFLICTS: Final = ("htf_conflict", "regime_conflict", "btc_conflict")
"""Gates whose limits are below zero, and no score's."""
_EACH: Final = phrase(r"\b(?:all|every|each|both|semua|ketiga\w*|keduanya)\b")


def thresholds(number: Number, bound: Binding, table: FactTable) -> list[Datum]:
    """Return the limits that may be meant: of what is named, of what refused, of the only unit."""
    limits = [
        fact
        for fact in table
        if fact.threshold and (not fact.symbol or fact.symbol in bound.symbols)
    ]
    named = {*bound.sentence, "score"}
    if named & {*CONFLICTS} and "score" not in bound.near:
        named.remove("score")
    alike = [one for one in limits if number.unit and spelled(one.unit) == number.unit]
    return [
        fact
        for fact in limits
        if fact.concept in named or refused_by(fact, table) or [fact] == alike
    ]


def refused_by(fact: Datum, table: FactTable) -> bool:
    """Whether a limit is that of a gate that refused."""
    return table.value(f"{fact.id.removesuffix('.threshold')}.verdict") == "refused"


def is_limit(fact: Datum, number: Number, said: Claims, table: FactTable, ledger: Ledger) -> bool:
    """Whether a gate's limit may be meant: announced as one, and on the side that is said."""
    own = [
        one
        for concept in (
            fact.concept,
            *(["distance_ema_21"] if fact.concept == "overextension" else []),
        )
        for one in table.by_concept.get(concept, ())
        if not one.threshold and one.symbol == fact.symbol
    ]
    beside = any(one.id in ids for one in own for ids in ledger.matched.values())
    if not beside and not (
        said.find(THRESHOLD_CUE)
        or compares(number, said)
        or (said.find(CONDITIONAL) and refused_by(fact, table))
        or (number.sign < 0 and said.find(REFUSES))
    ):
        return False
    return (
        not compares(number, said)
        or not own
        or bool(
            said.find(CONDITIONAL)
            and (fact.concept == "score" or refused_by(fact, table) or said.find(REFUSES))
        )
        or any(bounded(number, one, said, table.now, any_figure=True) for one in own)
    )


def quoted(number: Number, said: Claims, bound: Binding, table: FactTable) -> bool:
    """Whether a gate's own sentence ("needs 2.0 ATR, has 2.6") carries the number."""
    if not said.find(THRESHOLD_CUE) or set(bound.tight) - {"threshold", "gates"}:
        return False
    texts = (
        f"{fact.value if isinstance(fact.value, str) else ''} {fact.note}"
        for fact in table
        if fact.symbol in bound.symbols
        and fact.unit is Unit.WORD
        and (fact.concept in {"verdict", "warning"} or fact.id.endswith(("reason", "nearest_flip")))
    )
    written = {
        one.value
        for text in texts
        for match in re.findall(r"\d+(?:\.\d+)?", text)
        for one in readings(match)
    }
    return any(reading.value in written for reading in number.readings)


def is_called_a_limit(number: Number, said: Claims) -> bool:
    """Whether "the 35-point threshold" says what the limit is, and no bound of one's own."""
    behind = [one for one in said.labels if one.start >= number.end][:1]
    ahead = [one for one in said.labels if one.end <= number.start][-1:]
    gaps = [
        *(said.bare[number.end : one.start] for one in behind if "threshold" in one.concepts),
        *(said.bare[one.end : number.start] for one in ahead if "threshold" in one.concepts),
    ]
    return any(len(gap.split()) <= 1 for gap in gaps)


def of_all(
    number: Number, fact: Datum, named: Sequence[Datum], said: Claims, table: FactTable
) -> bool:
    """Whether "all above 50" is true of every timeframe it may be said of."""
    begin, end = said.clause(number.start)
    if not _EACH.search(said.text[begin:end]):
        return True
    stop = re.search(r"[,;]\s|$", said.text[number.end :])
    reach = (number.end, number.end + (stop.start() if stop else 0))
    frames = {one.name for one in within(said.frames, reach)} or {one.timeframe for one in named}
    kin = [
        one
        for one in table.by_concept.get(fact.concept, ())
        if one.symbol == fact.symbol and one.timeframe in frames and not one.threshold
    ]
    return all(bounded(number, one, said, table.now) for one in kin)

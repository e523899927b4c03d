"""One number matched at once: by its name, or as a figure every trader knows."""

import re
from dataclasses import dataclass
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.contrary import wrong_side
from ai_analyst.core.verifier.cues import CONDITIONAL, EVERYWHERE, NEGATION, phrase
from ai_analyst.core.verifier.ledger import Found, Ledger
from ai_analyst.core.verifier.limits import ALLOWED, is_called_a_limit, is_limit, of_all, quoted
from ai_analyst.core.verifier.meaning import meant
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, Focus, candidates
from ai_analyst.core.verifier.tolerance import bounded, close, compares, means, targets

_RULES: Final = {
    "rsi_rule": (30.0, 70.0, 20.0, 80.0),
    "stoch_rsi_k": (20.0, 80.0),
    "adx": (20.0, 25.0),
}
"""Figures every trader knows and no fact carries: where an RSI is extreme, where a trend begins."""
_DENIED: Final = phrase(f"{CONDITIONAL.pattern}|{NEGATION.pattern}")
_BOTH: Final = phrase(r"\b(?:both|also|each|sama-sama|keduanya|juga)\b")


@dataclass(frozen=True)
class Scene:
    """The facts, and what the answer is about."""

    table: FactTable
    focus: Focus


def matched(
    number: Number, said: Claims, bound: Binding, scene: Scene, ledger: Ledger
) -> Found | None:
    """Return what a number is by its name or as a usual figure, or None."""
    table = scene.table
    tied = bool(bound.tight)
    lacking = bound.tight == ("score", "threshold")
    named = [] if lacking else meant(number, said, bound, scene.focus, table)
    counts = number.word and not number.unit and "gates" in bound.near
    allowed = bool(ALLOWED.match(said.text[number.end :]))
    for fact in named:
        if wrong_side(number, fact, said, table) or (allowed and not fact.threshold):
            continue
        if fact.threshold and counts:
            continue
        if fact.threshold and not is_limit(fact, number, said, table, ledger):
            continue
        if not _of_both(number, said, bound, table) or not _everywhere(number, fact, said, table):
            continue
        if means(number, fact, said, table.now, tied=tied) or (
            (fact.unit is not Unit.COUNT or fact.concept in (bound.tight or bound.near))
            and bounded(number, fact, said, table.now)
            and not is_called_a_limit(number, said)
            and of_all(number, fact, named, said, table)
        ):
            return Found((fact.id,), next(iter(targets(number, fact, table.now))), fact.unit)
    rule = _by_rule(number, said, bound, table, ledger)
    if rule or any(wrong_side(number, one, said, table) for one in named):
        return rule
    return None if counts else _told_by_a_gate(number, said, bound, table)


def _of_both(number: Number, said: Claims, bound: Binding, table: FactTable) -> bool:
    """Whether "spread and slippage are both 2 bps" is true of the other name too."""
    before = [one for one in said.labels if one.end <= number.start][-2:]
    told = said.text[before[-1].end : number.start] if before else ""
    both = _BOTH.search(told) and not re.search(r"[(\d]", told)
    if len(before) < 2 or not both or "timeframes" in before[-1].concepts:  # noqa: PLR2004 - two names
        return True
    return all(
        any(
            close(number, abs(value), said)
            for one in candidates(table, bound.symbols, bound.frame, label.concepts[:1])
            for value in targets(number, one, table.now)
        )
        for label in before
    )


def _everywhere(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "five of six votes on every timeframe" is true of each."""
    if fact.concept != "votes" or not said.find(EVERYWHERE) or said.frames:
        return True
    kind = fact.id.rpartition(".")[2]
    kin = [one for one in table.by_concept["votes"] if one.id.endswith(f".{kind}")]
    return all(close(number, one.number or 0.0, said) for one in kin if one.symbol == fact.symbol)


def _by_rule(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    """Return a figure every trader knows, where its indicator is spoken of."""
    told = {table.by_id[name].concept for name in ledger.proved}
    spoken = bound.tight or (*bound.sentence, *(("rsi_rule",) if "rsi" in bound.sentence else ()))
    for concept in spoken:
        if concept != "rsi_rule" and concept not in told:
            continue
        figures = () if number.unit == "%" else _RULES.get(concept, ())
        if any(reading.value in figures for reading in number.readings):
            return None if _untrue(number, concept, said, bound, table) else Found()
    return None


def _told_by_a_gate(number: Number, said: Claims, bound: Binding, table: FactTable) -> Found | None:
    """Return the fact of a gate whose own sentence ("needs 2.0 ATR, has 2.6") carries a number."""
    if not quoted(number, said, bound, table):
        return None
    return next(
        (
            Found((fact.id,), fact.number, fact.unit)
            for fact in table
            if fact.symbol in bound.symbols
            and ".gate." in fact.id
            and means(number, fact, said, table.now, tied=False)
        ),
        Found(),
    )


def _untrue(number: Number, concept: str, said: Claims, bound: Binding, table: FactTable) -> bool:
    """Whether "its ADX is below 25" is stated of one that is not."""
    if not compares(number, said) or said.find(_DENIED):
        return False
    of = "rsi" if concept == "rsi_rule" else concept
    told = [
        one
        for one in candidates(table, bound.symbols, bound.frame, (of,))
        if one.number is not None and not one.threshold
    ]
    return bool(told) and not any(
        bounded(number, one, said, table.now, any_figure=True) for one in told
    )


def conviction(number: Number, said: Claims, bound: Binding, table: FactTable) -> Found | None:
    """Match "it is not a 63 % chance" with the conviction it speaks of."""
    for fact in candidates(table, bound.symbols, "", ("confidence",)):
        if fact.number is not None and close(number, fact.number, said):
            return Found((fact.id,), fact.number, fact.unit)
    return None

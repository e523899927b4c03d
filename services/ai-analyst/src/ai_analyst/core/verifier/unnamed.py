"""Numbers in a phrase nobody knows: what they may still be, and which names forbid it."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from dataclasses import replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.arithmetic import derived, moved
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import recognised
from ai_analyst.core.verifier.columns import within
from ai_analyst.core.verifier.contrary import wrong_side
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.ledger import Found, Ledger
from ai_analyst.core.verifier.meaning import digits_of
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reckoning import listed_units
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.tolerance import compares, targets

_FEW: Final = 3
_ALIKE: Final = 2.0
"""Who invents a stop writes one of a stop's size."""
_SCALED: Final = {Unit.POINTS, Unit.LEVEL, Unit.CONVICTION, Unit.PERCENTILE, Unit.SIGNED,
                  Unit.PERCENT, Unit.ATR, Unit.MULTIPLE, Unit.HOURS}  # fmt: skip
"""What has a scale of its own: every number may be meant for it, not only one of its size."""
_ZONE: Final = {"zone_low", "zone_high", "entry"}
_VAGUE: Final = {"threshold", "timeframes", "rsi_rule", "outcome", "size", "modifier", "bars"}
_EDGES: Final = {"stop", "do_not_chase"}
_OPENS: Final = phrase(r"^\W*(?:above|below|beyond|under|over|di atas|di bawah)\s\$?$")
"""Before a level a sentence begins with: "above 97,840.2 the reward is too small"."""
_REFERENCE: Final = phrase(r"\b(?:before|until|till|to|towards?|than|above|below|over|under|beneath|from|behind|beyond|sebelum|menuju|ke|dari|daripada|di atas|di bawah)\s(?:(?:the|its|current|present|last)\s)*$")  # fmt: skip
"""Before a level that something else is measured by: "98,310 stands before TP1"."""


def unnamed(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    """Return the facts of a number whose phrase is not known and which no known name claims."""
    names = _names(number, said, bound, table, ledger)
    few = not number.unit and digits_of(number) < _FEW
    if few or any(_claims(number, concepts, bound, table) for concepts in names):
        return None
    fact = recognised(number, said, bound, table, listed_units(number, said, ledger.known))
    if (
        fact
        and not wrong_side(number, fact, said, table)
        and _of_its_range(number, fact, said, ledger, table)
    ):
        return Found((fact.id,), next(iter(targets(number, fact, table.now))), fact.unit)
    wide = reaching(bound, ledger, table)
    spoken = {concept for concepts in names for concept in concepts}
    result = derived(number, said, wide, table, announced=False) or moved(
        number, said, bound, table, spoken
    )
    return result.found if result else None


def _names(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> list[tuple[str, ...]]:
    """Return what the phrases around a number name and no other number has been found to be."""
    if _OPENS.search(said.text[: number.start]):
        return [one.concepts for one in said.labels if one.concepts[0] in _EDGES]
    run = _range_of(number, said)
    told = [
        table.by_id[name]
        for place, ids in ledger.matched.items()
        if place not in run and len(ids) == 1
        for name in ids
    ]
    found = {
        fact.concept
        for fact in told
        if not fact.threshold
        and (not fact.symbol or fact.symbol in bound.symbols)
        and (not bound.firm or fact.timeframe in {"", bound.frame})
    }
    free = [
        label.concepts
        for label in within(said.labels, said.clause(number.start)) or said.labels
        if not found & set(label.concepts)
        and not _REFERENCE.search(said.text[: label.start])
        and not ("price" in label.concepts and compares(number, said))
    ]
    tied = bound.tight and not ("price" in bound.tight and compares(number, said))
    return [bound.tight, *free] if tied else free


def _range_of(number: Number, said: Claims) -> set[int]:
    """Return where a range's other end begins: both ends are of what the range is of."""
    place = said.numbers.index(next(one for one in said.numbers if one.start == number.start))
    ends = [one for one in said.numbers[max(0, place - 1) : place] if one.partner]
    if said.numbers[place].partner:
        ends += said.numbers[place + 1 : place + 2]
    return {one.start for one in ends}


def _of_its_range(
    number: Number, fact: Datum, said: Claims, ledger: Ledger, table: FactTable
) -> bool:
    """Whether the other end of a range is of the same kind: a zone does not end at a swing."""
    told = [
        table.by_id[name]
        for place in _range_of(number, said)
        for name in ledger.matched.get(place, ())
    ]
    return all((one.concept in _ZONE) is (fact.concept in _ZONE) for one in told)


def _claims(number: Number, concepts: tuple[str, ...], bound: Binding, table: FactTable) -> bool:
    """Whether a number may be meant for these facts: they are not there, or of its size."""
    facts = [one for one in candidates(table, bound.symbols, "", concepts) if not one.threshold]
    if number.unit in {"R", "%", "ATR"} and "cost" in concepts:
        return True
    priced = any(fact.unit is Unit.PRICE for fact in facts)
    if all(fact.value is None for fact in facts):
        return not _VAGUE & set(concepts)
    return any(
        (fact.unit in _SCALED and not number.word) or value / _ALIKE <= one.value <= value * _ALIKE
        for fact in facts
        if (number.unit or fact.unit is not Unit.R or not priced)
        and (number.unit == "hours" or fact.unit is not Unit.HOURS)
        for value in map(abs, targets(number, fact, table.now))
        for one in number.readings
    )


def reaching(bound: Binding, ledger: Ledger, table: FactTable) -> Binding:
    """Let a number that names nothing itself follow from what its sentence has proved."""
    found = tuple((table.by_id[name].concept,) for name in ledger.proved if name in table.by_id)
    return replace(bound, phrases=(*bound.phrases, *found))

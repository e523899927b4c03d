"""Prices that lie so far from another: beside a level that was told, or so many R ahead."""

from collections.abc import Iterator, Sequence

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.ledger import Proved
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.sides import SIDE


def beside(
    number: Number, said: Claims, known: Sequence[Proved], bound: Binding, table: FactTable
) -> Iterator[tuple[float, Unit]]:
    """Yield how far price lies beside levels that were told: "0.0123 above the one"."""
    side = SIDE.match(said.text[number.end :])
    if side is None or len(bound.symbols) != 1 or number.unit not in {"", "money"}:
        return
    for fact in candidates(table, bound.symbols, "", ("price", "entry")):
        for _, level, unit in known:
            apart = (fact.number or level) - level
            if unit is Unit.PRICE and (apart > 0) is bool(side["above"]):
                yield apart, unit


def at_r(
    number: Number, known: Sequence[Proved], bound: Binding, table: FactTable
) -> Iterator[tuple[float, Unit]]:
    """Yield the price so many R ahead of the entry: "resistance at 0.6 R, roughly 98,312"."""
    if number.unit not in {"", "money"} or len(bound.symbols) != 1:
        return
    entry, stop = (table.value(f"{bound.symbols[0]}.plan.{one}") for one in ("entry", "stop"))
    if isinstance(entry, float) and isinstance(stop, float):
        for _, ahead, unit in known:
            if unit is Unit.R:
                yield entry + ahead * (entry - stop), Unit.PRICE

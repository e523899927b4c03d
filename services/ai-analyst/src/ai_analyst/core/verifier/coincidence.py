"""Numbers no known name leads to: they stand where an invented one would hardly have met a fact.

The fewer facts a number could mean, the fewer digits it needs: 97,234.8 meets one of fifty prices
once in thousands of tries, a "3" always meets something. What a sentence does say (the contract,
the timeframe, the unit, a level) only leaves fewer facts, so it is never ignored.
"""

from collections.abc import Iterable
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.lexicon import APPROXIMATE
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding
from ai_analyst.core.verifier.tolerance import means, targets

CHANCE: Final = 0.2
"""How often an invented number may meet a fact before a meeting proves nothing."""
_TELLING: Final = frozenset(Unit) - {Unit.COUNT, Unit.PLAIN, Unit.SECONDS, Unit.TIME, Unit.WORD}
"""Counts are always named, and small."""
_AROUND: Final = 1.2
"""Invented numbers lie about where true ones do: this far from what is written they are counted."""


def recognised(
    number: Number, said: Claims, bound: Binding, table: FactTable, units: frozenset[Unit]
) -> Datum | None:
    """Return the fact that a number with no known name must be; of `units` when there are any."""
    possible = [
        fact
        for fact in table
        if fact.unit in (units or _TELLING)
        and fact.unit in _TELLING
        and not fact.threshold
        and (not fact.symbol or fact.symbol in bound.symbols)
        and (not bound.firm or fact.timeframe in {"", bound.frame})
    ]
    values = [value for fact in possible for value in targets(number, fact, table.now) if value]
    if expected(number, values, said) > CHANCE:
        return None
    return next(
        (fact for fact in possible if means(number, fact, said, table.now, tied=False)), None
    )


def expected(number: Number, values: Iterable[float], said: Claims) -> float:
    """Return how many of some values an invented number of this size would have met."""
    told = {round(abs(value), 9) for value in values}
    about = APPROXIMATE.search(f"{said.text[: number.start].rstrip(' $')} ")
    worst = 0.0
    for reading in number.readings:
        low, high = reading.value / _AROUND, reading.value * _AROUND
        step = reading.round_step if about else reading.step
        if high > low:
            worst = max(worst, sum(low <= one <= high for one in told) * step / (high - low))
    return worst

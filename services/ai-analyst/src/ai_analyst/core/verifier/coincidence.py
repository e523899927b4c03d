"""Numbers no known name leads to: they stand where an invented one would hardly have met a fact.

The fewer facts a number could mean, the fewer digits it needs: 97,234.8 meets one of fifty prices
once in thousands of tries, a "3" always meets something. What a sentence does say (the contract,
the timeframe, the unit, a level) only leaves fewer facts, so it is never ignored.
"""

from collections.abc import Iterable
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import APPROXIMATE
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding
from ai_analyst.core.verifier.senses import right_count
from ai_analyst.core.verifier.tolerance import means, targets

CHANCE: Final = 0.2
"""How often an invented number may meet a fact before a meeting proves nothing."""
_TELLING: Final = frozenset(Unit) - {Unit.COUNT, Unit.PLAIN, Unit.SECONDS, Unit.TIME, Unit.WORD}
"""Counts are always named, and small."""
SELF_EVIDENT: Final = frozenset({
    *PRICE_LEVELS, "price", "close", "mark", "index", "swing_high", "swing_low", "score",
    "confidence", "net_rr", "gross_rr", "tp1_r", "tp2_r", "distance_ema_21", "overextension",
    "leverage", "volume_24h", "open_interest", "eta_tp1", "eta_tp2", "close_share",
})  # fmt: skip
"""What people write without its name; an average, a band or a funding rate always has it."""
_RATIOS: Final = {"net_rr", "gross_rr", "tp1_r", "tp2_r"}
_TWINS: Final = {
    "stoch_rsi_k": ("stoch_rsi_d",), "plus_di": ("minus_di",), "minus_di": ("plus_di",),
    "macd": ("macd_signal", "macd_histogram"),
}  # fmt: skip
"""What is told along with another and shares its name."""
_AROUND: Final = 1.2
"""Invented numbers lie about where true ones do: this far from what is written they are counted."""


def recognised(
    number: Number, said: Claims, bound: Binding, table: FactTable, units: frozenset[Unit]
) -> Datum | None:
    """Return the fact that a number with no known name must be; of `units` when there are any."""
    named = {concept for label in said.labels for concept in label.concepts}
    spoken = named | {twin for concept in named for twin in _TWINS.get(concept, ())}
    possible = [
        fact
        for fact in table
        if fact.unit in (units or _TELLING)
        and (fact.concept in SELF_EVIDENT or fact.concept in spoken)
        and (fact.unit is not Unit.HOURS or number.unit == "hours")
        and (fact.unit is not Unit.R or number.unit in {"R", "x"} or named & _RATIOS)
        and (fact.concept != "close_share" or (number.word and right_count(number, fact, said)))
        and (fact.concept != "leverage" or right_count(number, fact, said))
        and fact.unit in _TELLING
        and not fact.threshold
        and fact.symbol in (bound.symbols if len(bound.symbols) == 1 else (*bound.symbols, ""))
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

"""The same plan in a mirror: prices flipped, signs turned, long for short.

A model that judges by the facts must turn its argument with them; one that always likes longs
does not.
"""

from dataclasses import replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit

_SWAPPED: Final = {
    "plus_di": "minus_di",
    "minus_di": "plus_di",
    "swing_high": "swing_low",
    "swing_low": "swing_high",
    "bollinger_upper": "bollinger_lower",
    "bollinger_lower": "bollinger_upper",
    "long": "short",
    "short": "long",
}
_WORDS: Final = {"long": "short", "short": "long", "trending_up": "trending_down",
                 "trending_down": "trending_up", "plan: long": "plan: short",
                 "plan: short": "plan: long", "new_longs": "new_shorts",
                 "new_shorts": "new_longs", "short_covering": "long_unwinding",
                 "long_unwinding": "short_covering"}  # fmt: skip
_DISTANCES: Final = {"atr", "risk", "cost", "tick"}
_TURNED: Final = {"macd", "macd_signal", "macd_histogram"}
_OSCILLATORS: Final = {"rsi", "stoch_rsi_k", "stoch_rsi_d"}
_MIRRORED_POINTS: Final = {"score", "trend_score", "btc_trend", "mean_trend", "modifier"}
_TURNED_RATES: Final = {"funding", "funding_8h", "funding_year", "basis", "price_change"}
_SHARES: Final = {"share_long", "long_share"}


def mirrored(table: FactTable) -> FactTable:
    """Flip a table about twice its highest price: p becomes 2L − p, scores change sign."""
    highest = max((fact.number or 0.0 for fact in table if _is_price(fact)), default=0.0)
    axis = 1.5 * highest
    return FactTable.of(
        (_flipped(fact, axis) for fact in table), now=table.now, universe=table.universe
    )


def _flipped(fact: Datum, axis: float) -> Datum:
    turned = replace(fact, id=_renamed(fact.id), concept=_SWAPPED.get(fact.concept, fact.concept))
    value = fact.value
    if isinstance(value, str):
        return replace(turned, value=_WORDS.get(value, value), note="")
    number = fact.number
    if number is None or fact.threshold:
        return turned
    return replace(turned, value=_turned(fact, number, axis))


def _turned(fact: Datum, number: float, axis: float) -> float | None:
    if _is_price(fact):
        return round(2 * axis - number, 10)
    if fact.unit is Unit.LEVEL and fact.concept in _OSCILLATORS:
        return 100 - number
    if fact.concept in _SHARES:
        return 1 - number
    if fact.concept == "long_short_ratio":
        return 1 / number if number else None
    signed = (
        fact.concept in _MIRRORED_POINTS | _TURNED | _TURNED_RATES
        or fact.unit is Unit.SIGNED
        or fact.concept == "distance_ema_21"
    )
    return -number if signed else number


def _is_price(fact: Datum) -> bool:
    return fact.unit is Unit.PRICE and fact.concept not in _DISTANCES | _TURNED


def _renamed(name: str) -> str:
    return ".".join(_SWAPPED.get(word, word) for word in name.split("."))

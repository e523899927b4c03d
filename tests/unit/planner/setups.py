"""Signals with chosen levels: on 4h an EMA 21 of 100 and an ATR of 2, price as the test wants."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from common.domain import Derivatives, Direction, Instrument, Levels, Quality, Rejection, Signal
from common.domain import TradePlan as Plan
from planner.core.decision import decide
from planner.core.history import History
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.rules import load_rules

EMA: Final = 100.0
ATR: Final = 2.0
RULES: Final = load_rules()
NEVER: Final = AS_OF + timedelta(days=400)


def instrument(**changes: Any) -> Instrument:
    return facts.instrument("SOLUSDT", **({"spread_bps": 2.0} | changes))


def no_funding() -> Derivatives:
    """A contract whose next settlement lies beyond every plan."""
    return facts.derivatives("SOLUSDT", funding_rate=0.0001, next_funding_at=NEVER)


def levels(reference: float = 101.0, **changes: Any) -> Levels:
    fields: dict[str, Any] = {
        "reference": reference,
        "anchor_ema_21": EMA,
        "anchor_atr": ATR,
        "anchor_swing_highs": (),
        "anchor_swing_lows": (),
        "daily_swing_highs": (),
        "daily_swing_lows": (),
    }
    return Levels(**(fields | changes))


def signal(
    reference: float = 101.0,
    direction: Direction = Direction.LONG,
    *,
    score: float = 68.0,
    **changes: Any,
) -> Signal:
    """A strong signal without gates of its own; `levels` may be given whole."""
    fields: dict[str, Any] = {
        "gates": (),
        "levels": levels(reference),
        "instrument": instrument(),
        "derivatives": no_funding(),
        "quality": Quality(score=1.0),
    }
    return facts.signal("SOLUSDT", score=direction.sign * score, **(fields | changes))


def decided(sent: Signal, history: History | None = None) -> Plan | Rejection:
    return decide(sent, history or History(), RULES)


def planned(sent: Signal) -> Plan:
    decision = decided(sent)
    assert isinstance(decision, Plan), decision
    return decision


def rejected(sent: Signal, history: History | None = None) -> Rejection:
    decision = decided(sent, history)
    assert isinstance(decision, Rejection), decision
    return decision


def gate(decision: Plan | Rejection, name: str) -> Any:
    return next(one for one in decision.gates if one.name == name)


def price(value: float | str) -> Decimal:
    return Decimal(str(value))

"""A plan of round numbers and candles to follow it by.

Long: entry 100, stop 97, targets 104.5 and 109, break-even 100.2; a short is mirrored at 100.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from common.domain import Bar, Direction, EntryKind, Timeframe, TradePlan
from tests.support import facts
from tests.support.facts import AS_OF, VENUE

HOUR: Final = timedelta(hours=1)
SYMBOL: Final = "SOLUSDT"


def plan(
    direction: Direction = Direction.LONG,
    kind: EntryKind = EntryKind.MARKET,
    **changes: Any,
) -> TradePlan:
    return facts.plan(SYMBOL, direction, price=100.0, atr=2.0, kind=kind, **changes)


def bar(
    opened: datetime | float,
    open_: float,
    high: float,
    low: float,
    close: float,
    *,
    timeframe: Timeframe = Timeframe.H1,
    **changes: Any,
) -> Bar:
    """A candle that opens so many hours after the plan was proposed."""
    start = opened if isinstance(opened, datetime) else AS_OF + opened * HOUR
    fields: dict[str, Any] = {
        "venue": VENUE,
        "symbol": SYMBOL,
        "simulated": True,
        "timeframe": timeframe,
        "open_time": start,
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": 1000.0,
    }
    return Bar(**(fields | changes))


def quiet(hours: int, start: float = 0, price: float = 101.0) -> list[Bar]:
    """Candles in which nothing happens to a filled plan."""
    return [bar(start + hour, price, price + 0.5, price - 0.5, price) for hour in range(hours)]


def mirrored(candle: Bar, level: float = 100.0) -> Bar:
    return candle.model_copy(
        update={
            "open": 2 * level - candle.open,
            "high": 2 * level - candle.low,
            "low": 2 * level - candle.high,
            "close": 2 * level - candle.close,
        }
    )

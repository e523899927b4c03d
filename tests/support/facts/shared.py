"""Names, times and the instrument that every sample fact shares."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from common.domain import Instrument, ScanKind, scan_id

VENUE: Final = "binance"
AS_OF: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""Close time of the newest candle in every fact, unless the test says otherwise."""


def scan_of(as_of: datetime = AS_OF, *, venue: str = VENUE, number: int = 0) -> str:
    return scan_id(venue, as_of, ScanKind.SCHEDULED, number)


def instrument(symbol: str = "BTCUSDT", *, venue: str = VENUE, **changes: Any) -> Instrument:
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "base": symbol.removesuffix("USDT") or symbol,
        "quote": "USDT",
        "settle": "USDT",
        "tick_size": Decimal("0.01"),
        "step_size": Decimal("0.001"),
        "min_notional": Decimal(5),
        "max_leverage": 75,
        "quote_volume_24h": 350e6,
        "spread_bps": 1.2,
        "listed_since": datetime(2020, 1, 1, tzinfo=UTC),
        "simulated": True,
    }
    return Instrument(**(fields | changes))

"""Small markets that the unit tests of exchange-sim share."""

from datetime import UTC, datetime
from functools import cache

from exchange_sim.adapters.synthetic import SyntheticMarket
from exchange_sim.core.timeframes import MINUTE


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = at("2026-03-10T09:17:41")
CLOSED_HOUR = at("2026-03-10T09:00:00")
MINUTE_NOW = NOW // MINUTE * MINUTE


@cache
def small_market() -> SyntheticMarket:
    return SyntheticMarket(seed=7, symbols=12)

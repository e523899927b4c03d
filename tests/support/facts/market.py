"""Derivatives, marks, what a venue lists, and the candles of a chart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from common.domain import (
    Delisting,
    Derivatives,
    Exclusion,
    ExclusionRule,
    IndicatorFrame,
    ListedContract,
    Marks,
    Quality,
    Timeframe,
    Underlying,
    UniverseSnapshot,
)
from tests.support.facts.shared import AS_OF, VENUE, instrument, scan_of


def derivatives(symbol: str = "BTCUSDT", *, venue: str = VENUE, **changes: Any) -> Derivatives:
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "simulated": True,
        "observed_at": AS_OF,
        "mark_price": 100.1,
        "index_price": 100.0,
        "basis_bps": 10.0,
        "funding_rate": 0.00005,
        "funding_interval_hours": 4.0,
        "funding_rate_8h": 0.0001,
        "funding_rate_year": 0.1095,
        "next_funding_at": AS_OF + timedelta(hours=4),
        "open_interest": 81_234.5,
        "open_interest_usd": 8_131_573.0,
        "open_interest_change_1h": 0.012,
        "open_interest_change_4h": None,
        "open_interest_change_24h": -0.034,
        "open_interest_at": AS_OF - timedelta(seconds=7),
        "open_interest_usd_change_1h": 0.014,
        "open_interest_usd_change_24h": -0.052,
        "price_change_4h": 0.008,
        "long_share": 0.625,
        "long_short_ratio": 1.6667,
        "long_short_at": AS_OF - timedelta(minutes=5),
    }
    return Derivatives(**(fields | changes))


def listed(symbol: str = "BTCUSDT", **changes: Any) -> ListedContract:
    fields: dict[str, Any] = {
        "symbol": symbol,
        "base": symbol.removesuffix("USDT"),
        "quote": "USDT",
        "settle": "USDT",
        "asset": symbol.removesuffix("USDT"),
        "units": 1,
        "underlying": Underlying.COIN,
        "perpetual": True,
        "status": "TRADING",
        "listed_since": datetime(2020, 1, 1, tzinfo=UTC),
        "ends_at": None,
        "quote_volume_24h": 350e6,
        "spread_bps": 1.2,
        "excluded": None,
    }
    return ListedContract(**(fields | changes))


def universe_snapshot(
    *contracts: ListedContract, as_of: datetime = AS_OF, venue: str = VENUE, **changes: Any
) -> UniverseSnapshot:
    """A venue that lists one scanned coin and one stock, unless the test says otherwise."""
    stock = Exclusion(rule=ExclusionRule.UNDERLYING, reason="it must follow a coin, was stock")
    fields: dict[str, Any] = {
        "venue": venue,
        "simulated": True,
        "day": as_of.date(),
        "as_of": as_of,
        "contracts": contracts
        or (listed("AAPLUSDT", underlying=Underlying.STOCK, excluded=stock), listed()),
        "unreadable": {},
    }
    return UniverseSnapshot(**(fields | changes))


def delisting(
    symbol: str = "ETHUSDT", *, venue: str = VENUE, ends_at: datetime = AS_OF + timedelta(days=7)
) -> Delisting:
    return Delisting(venue=venue, symbol=symbol, simulated=True, ends_at=ends_at, observed_at=AS_OF)


def marks(prices: dict[str, float], *, at: datetime = AS_OF, venue: str = VENUE) -> Marks:
    return Marks(venue=venue, simulated=True, observed_at=at, prices=prices)


def chart_frame(
    symbol: str = "BTCUSDT",
    timeframe: Timeframe = Timeframe.H4,
    *,
    rows: int = 300,
    last: float = 100.0,
    seed: int = 7,
    as_of: datetime = AS_OF,
    venue: str = VENUE,
) -> IndicatorFrame:
    """Candles of a seeded random walk that ends at `last`, with the EMAs a chart shows."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 0.006, rows) + 0.002 * np.sin(np.arange(rows) / 23)
    closes = np.exp(np.cumsum(steps))
    closes *= last / closes[-1]
    opens = np.concatenate(([closes[0]], closes[:-1]))
    wicks = np.abs(random.normal(0, 0.004, (2, rows)))
    end = int(timeframe.floor(as_of).timestamp() * 1000)
    frame = pl.DataFrame(
        {
            "open_time": [end - (rows - row) * timeframe.milliseconds for row in range(rows)],
            "open": opens,
            "high": np.maximum(opens, closes) * (1 + wicks[0]),
            "low": np.minimum(opens, closes) * (1 - wicks[1]),
            "close": closes,
            "volume": random.lognormal(10, 0.5, rows),
        }
    ).with_columns(
        pl.col("close").ewm_mean(span=span, adjust=False).alias(f"ema_{span}")
        for span in (9, 21, 50, 200)
    )
    return IndicatorFrame(
        venue=venue,
        symbol=symbol,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue),
        as_of=as_of,
        deadline=as_of + timedelta(minutes=5),
        instrument=instrument(symbol, venue=venue),
        quality=Quality(score=1.0),
        bars={timeframe: rows},
        frames={timeframe: frame},
    )

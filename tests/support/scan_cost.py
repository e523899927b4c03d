"""Runs a fetcher over several closes of a simulated venue and reads the venue's own books."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fetcher.core.building import compares_at
from tests.integration.fetcher.books import books
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

CANDLES: Final = {"binance": "/fapi/v1/klines", "bybit": "/v5/market/kline"}
LIMITS: Final = {"binance": 2_400, "bybit": 600}
"""Weight in a minute; visits in five seconds."""

_CLOSES: Final = {
    "4h close": A_CLOSE + timedelta(hours=4),
    "1h close": A_CLOSE + timedelta(hours=5),
    "00:00 UTC": A_CLOSE + timedelta(hours=16),
    "4h close with comparisons": A_CLOSE + timedelta(hours=20),
}
_PATIENCE: Final = 600.0
_DELAY: Final = timedelta(seconds=6)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one scan cost."""

    name: str
    contracts: int
    failures: int
    limit: int
    """What the venue allows in a window."""
    peak: int
    """The most that any window has seen."""
    total: int
    """All that was used, in however many windows: what one would hold if all fell into it."""
    candle_requests: int
    compared: int
    """Candle requests that compare what was built with the venue's own."""
    refused: int
    """Requests beyond the limit or during a ban."""


async def measured(venue_name: str, *, contracts: int, speed: float) -> AsyncIterator[Cost]:
    """Yield the cost of the first fill, then of each kind of close."""
    async with running_venue(symbols=contracts, speed=speed) as venue:
        around = Surroundings(venue, name=venue_name)
        # Every hour is scanned; a slow machine must not meet the deadline of a swift market.
        scan = {"cron": "0 * * * *", "timezone": "UTC", "trigger_timeframe": "1h",
                "deadline_seconds": 3_000.0, "grace_seconds": 2.0}  # fmt: skip
        swift = {"timeout_seconds": 20.0, "attempts": 4}
        async with (
            around.planner(),
            around.fetcher(universe={"top": 1_000}, scan=scan, fetcher=swift),
        ):
            yield await _cost(around, venue, "first fill", A_CLOSE, 1)
            for count, (name, close) in enumerate(_CLOSES.items(), start=2):
                venue.move_to(close - timedelta(minutes=1))  # nothing of the last scan goes on
                venue.accounting.reset()
                venue.move_to(close + _DELAY, speed=speed)
                yield await _cost(around, venue, name, close, count)


async def _cost(
    around: Surroundings, venue: RunningVenue, name: str, close: datetime, count: int
) -> Cost:
    completed = await around.completed(count, within=_PATIENCE)
    venue.move_to(venue.now())  # it stands still while its books are read
    book: dict[str, Any] = books(venue)["venues"][around.name]
    statuses = book["statuses"]
    peak = book["weight_peak_minute"] if around.name == "binance" else book["pool_peaks"]["visits"]
    symbols = await around.sent(completed.scan_id)
    aged = close - A_CLOSE >= timedelta(hours=20)
    return Cost(
        name=name,
        contracts=completed.universe,
        failures=len(completed.failures),
        limit=LIMITS[around.name],
        peak=peak,
        total=book["weight"] if around.name == "binance" else book["requests"],
        candle_requests=books(venue)["routes"][CANDLES[around.name]]["requests"],
        compared=2 * sum(aged and compares_at(symbol, close) for symbol in symbols),
        refused=sum(statuses.get(status, 0) for status in ("403", "418", "429")),
    )

"""Runs a fetcher over several closes of a simulated venue and reads the venue's own books."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from common.clock import SystemClock
from common.domain import ScanCompleted
from fetcher.core.building import compares_at
from tests.integration.fetcher.books import books, requests
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

CANDLES: Final = {"binance": "/fapi/v1/klines", "bybit": "/v5/market/kline"}
_ALWAYS: Final = ("/fapi/v1/premiumIndex", "/fapi/v1/fundingInfo", "/v5/market/tickers")
"""What is asked for all the time."""
LIMITS: Final = {"binance": 2_400, "bybit": 600}
"""Weight in a minute; visits in five seconds."""

_CLOSES: Final = {
    "4h close": A_CLOSE + timedelta(hours=4),
    "1h close": A_CLOSE + timedelta(hours=5),
    "00:00 UTC": A_CLOSE + timedelta(hours=16),
    "4h close with comparisons": A_CLOSE + timedelta(hours=20),
}
_LIVE_CLOSES: Final = ("4h close", "00:00 UTC", "4h close with comparisons")
_READY: Final = timedelta(seconds=100)
"""How long before a close streams are quiet and nothing has been made ready for it."""
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


async def measured(
    venue_name: str, *, contracts: int, speed: float, mode: str = "poll"
) -> AsyncIterator[Cost]:
    """Yield the cost of the first fill, then of each kind of close.

    In live mode a close costs what is read to be ready for it as well.
    """
    async with running_venue(symbols=contracts, speed=speed) as venue:
        around = Surroundings(venue, name=venue_name)
        # Every hour is scanned; a slow machine must not meet the deadline of a swift market.
        scan = {"cron": "0 * * * *", "timezone": "UTC", "trigger_timeframe": "1h",
                "deadline_seconds": 3_000.0, "grace_seconds": 2.0}  # fmt: skip
        swift = {"timeout_seconds": 20.0, "attempts": 4, "mode": mode}
        closes = _CLOSES if mode == "poll" else {name: _CLOSES[name] for name in _LIVE_CLOSES}
        async with (
            around.planner(),
            around.fetcher(universe={"top": 1_000}, scan=scan, fetcher=swift),
        ):
            yield await _cost(around, venue, "first fill", A_CLOSE)
            for name, close in closes.items():
                # nothing of the last scan goes on
                venue.move_to(close - (timedelta(minutes=1) if mode == "poll" else _READY))
                if mode == "live":
                    await _quiet(venue)
                venue.accounting.reset()
                venue.move_to(close + _DELAY if mode == "poll" else venue.now(), speed=speed)
                yield await _cost(around, venue, name, close)


async def _quiet(venue: RunningVenue) -> None:
    """Wait until what streams told of the hours on the way has been taken in and scanned."""
    wall, asked = SystemClock(), -1
    since = wall.now()

    async def quiet() -> bool:
        nonlocal asked, since
        routes = books(venue)["routes"].items()
        now = sum(book["requests"] for path, book in routes if path not in _ALWAYS)
        if now != asked:
            asked, since = now, wall.now()
        return wall.now() - since > timedelta(seconds=3)

    await eventually(quiet, within=_PATIENCE, saying="streams are quiet")


async def _completed(around: Surroundings, close: datetime) -> ScanCompleted:
    found: list[ScanCompleted] = []

    async def seen() -> bool:
        told = [one async for one in around.bus.replay(ScanCompleted)]
        found[:] = [one for one in told if isinstance(one, ScanCompleted) and one.as_of == close]
        return bool(found)

    await eventually(seen, within=_PATIENCE, saying=f"the end of the scan of {close}")
    return found[0]


async def _cost(around: Surroundings, venue: RunningVenue, name: str, close: datetime) -> Cost:
    completed = await _completed(around, close)
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
        candle_requests=requests(venue, CANDLES[around.name]),
        compared=2 * sum(aged and compares_at(symbol, close) for symbol in symbols),
        refused=sum(statuses.get(status, 0) for status in ("403", "418", "429")),
    )

"""A backfill against the simulated archive: its settings, what it wrote and what was served."""

from datetime import UTC, date, datetime
from typing import Any

from common.domain import Timeframe
from common.settings import SettingsSource
from recorder.app import backfill
from recorder.core.backfills import BackfillReport, BackfillRequest
from tests.integration.exchange_sim.http import get
from tests.integration.recorder.postgres import Opened
from tests.support.venue import RunningVenue

FEBRUARY = date(2026, 2, 1)
MS = 1000
_FIELDS = "open, high, low, close, volume"


class Told:
    """Keeps what a progress bar would show."""

    def __init__(self) -> None:
        self.expected = 0
        self.done: list[str] = []
        self.lines: list[str] = []

    def expect(self, files: int) -> None:
        self.expected += files

    def advance(self, note: str) -> None:
        self.done.append(note)

    def say(self, line: str) -> None:
        self.lines.append(line)


def wanted(*symbols: str, since: date = FEBRUARY, **more: Any) -> BackfillRequest:
    given = {"until": None, "timeframes": (Timeframe.H4,), **more}
    return BackfillRequest(symbols=symbols, since=since, **given)


async def run(
    venue: RunningVenue, place: Opened, request: BackfillRequest, told: Told | None = None
) -> BackfillReport:
    return await backfill(SettingsSource(settings(venue, place)), request, told or Told())


def settings(venue: RunningVenue, place: Opened) -> dict[str, dict[str, Any]]:
    return {
        "backfill": {
            "archive_url": venue.base_url,
            "venue_url": venue.base_url,
            "retry_wait_seconds": 0.01,
            "attempts": 2,
        },
        "clock": {"url": f"{venue.base_url}/sim/clock"},
        "database": {
            "url": place.database.url,
            "password": place.database.password.get_secret_value(),
        },
    }


async def recorded(place: Opened, symbol: str, timeframe: Timeframe) -> list[tuple[Any, ...]]:
    return await place.rows(
        f"SELECT (extract(epoch FROM open_time) * 1000)::bigint, {_FIELDS} FROM candles "
        f"WHERE symbol = '{symbol}' AND timeframe = '{timeframe}' ORDER BY open_time"
    )


async def served(
    venue: RunningVenue, symbol: str, timeframe: Timeframe, since: date = FEBRUARY
) -> list[tuple[Any, ...]]:
    """Return the venue's own closed candles, read over REST without any fault."""
    venue.faults.clear()
    start = int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp()) * MS
    rows: list[list[Any]] = []
    while True:
        asked = {"symbol": symbol, "interval": str(timeframe), "startTime": start, "limit": 1500}
        page = (await get(venue.base_url, "/fapi/v1/klines", **asked))[1]
        rows += page
        if len(page) < 1500:
            break
        start = page[-1][0] + timeframe.milliseconds
    now = int(venue.now().timestamp()) * MS
    return [
        (row[0], *map(float, row[1:6])) for row in rows if row[0] + timeframe.milliseconds <= now
    ]


def downloads(venue: RunningVenue) -> int:
    return venue.accounting.venues["vision"].routes["/data"].requests

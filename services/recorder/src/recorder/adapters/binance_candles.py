"""Binance's own candles over HTTP: what mends a file, and the days that have none yet.

The fetcher at the same address needs its weight: a backfill keeps to a share of it, and when the
venue says stop, it asks nothing more for the rest of the run.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import stamina

from common.clock import Clock
from common.domain import Timeframe
from common.errors import VenueRefusedError, VenueUnavailableError
from recorder.core.archives import Series, Span, milliseconds
from recorder.ports import Listing

ADDRESS: Final = "https://fapi.binance.com"

_WEIGHT_PER_MINUTE: Final = 2_400
_USED: Final = "X-MBX-USED-WEIGHT-1M"
_PAGE: Final = 499  # candles for a weight of 2: the venue's cheapest page
_STOPS: Final = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.IM_A_TEAPOT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
)
_INVALID_SYMBOL: Final = -1121


class _StoppedError(VenueUnavailableError):
    """The venue said that it wants no more requests: none leaves until the run is over."""


class BinanceCandles:
    """Asks one request at a time, again where that may help."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        base_url: str,
        attempts: int,
        retry_wait: timedelta,
        weight_share: float,
    ) -> None:
        self._session = session
        self._clock = clock
        self._base_url = (base_url or ADDRESS).rstrip("/")
        self._attempts = attempts
        self._retry_wait = retry_wait
        self._most_weight = int(_WEIGHT_PER_MINUTE * weight_share)
        self._turn = asyncio.Lock()
        self._stopped: str | None = None
        self._used = 0

    async def listing(self) -> Listing:
        """Return what the venue lists."""
        told = await self._ask("/fapi/v1/exchangeInfo", {})
        try:
            symbols = frozenset(str(entry["symbol"]) for entry in told["symbols"])
            return Listing(simulated=told.get("simulated") is True, symbols=symbols)
        except (KeyError, TypeError) as error:
            raise VenueUnavailableError(f"exchangeInfo cannot be read: {error!r}") from error

    async def first_open(self, symbol: str, since: datetime) -> datetime | None:
        """Return when the first minute at or after `since` opened, None when there is none."""
        rows = await self._page(symbol, "1m", start=milliseconds(since), limit=1)
        if not rows:
            return None
        opened = _open_time(rows[0])
        if not opened:
            raise VenueUnavailableError(f"a candle must begin with its time, was {rows[0]}")
        return datetime.fromtimestamp(opened / 1000, UTC)

    async def rows(self, series: Series, span: Span) -> Sequence[object]:
        """Return the venue's rows of a span, as they came."""
        told: list[object] = []
        start = span.start
        while start < span.end:
            page = await self._page(
                series.symbol, str(series.timeframe), start=start, end=span.end - 1, limit=_PAGE
            )
            told += page
            newest = max((_open_time(row) for row in page), default=0)
            if len(page) < _PAGE or newest < start:
                break
            start = newest + series.timeframe.milliseconds
        return told

    async def _page(
        self, symbol: str, interval: str, *, start: int, limit: int, end: int | None = None
    ) -> list[object]:
        wanted: dict[str, str | int] = {
            "symbol": symbol,
            "interval": interval,
            "startTime": start,
            "limit": limit,
        }
        rows = await self._ask(
            "/fapi/v1/klines", wanted if end is None else {**wanted, "endTime": end}
        )
        if not isinstance(rows, list):
            raise VenueUnavailableError(f"klines must be a list, was {str(rows)[:120]}")
        return rows

    async def _ask(self, path: str, query: Mapping[str, str | int]) -> Any:  # noqa: ANN401 - JSON
        async for attempt in stamina.retry_context(
            on=_may_pass,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                async with self._turn:
                    return await self._send(path, query)
        raise AssertionError("a retry context ends with an answer or an error")

    async def _send(self, path: str, query: Mapping[str, str | int]) -> Any:  # noqa: ANN401 - JSON
        if self._stopped is not None:
            raise _StoppedError(self._stopped)
        if self._used > self._most_weight:
            minute = Timeframe.M1
            await self._clock.sleep_until(minute.floor(self._clock.now()) + minute.duration)
            self._used = 0
        try:
            async with self._session.get(self._base_url + path, params=query) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise VenueUnavailableError(f"the venue does not answer {path}: {error!r}") from error
        used = response.headers.get(_USED, "")
        self._used = int(used) if used.isdigit() else 0
        if response.status in _STOPS:
            self._stopped = f"the venue told us to stay away with status {response.status}"
            raise _StoppedError(self._stopped)
        return _read(path, response.status, body)


def _read(path: str, status: int, body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        told = json.loads(body)
    except ValueError as error:
        raise VenueUnavailableError(
            f"the venue must answer {path} with JSON, was status {status}"
        ) from error
    if status == HTTPStatus.OK:
        return told
    if isinstance(told, dict) and told.get("code") == _INVALID_SYMBOL:
        raise VenueRefusedError(f"the venue does not know this symbol: {told.get('msg')}")
    raise VenueUnavailableError(f"the venue must answer {path} with 200, was {status}")


def _open_time(row: object) -> int:
    if isinstance(row, list) and row and isinstance(row[0], int):
        return row[0]
    return 0


def _may_pass(error: Exception) -> bool:
    return isinstance(error, VenueUnavailableError) and not isinstance(error, _StoppedError)

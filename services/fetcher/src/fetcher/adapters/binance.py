"""Binance USD-M futures over ccxt: the only module that talks to it.

ccxt signs nothing here and re-sends nothing: it builds the request, sends it and names the error.
What may be sent and when is decided here, by the venue's own weights.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import stamina
from typing_extensions import override

from common.clock import Clock
from common.domain import Timeframe
from common.errors import (
    VenueCoolingError,
    VenueRefusedError,
    VenueUnavailableError,
)
from fetcher.adapters import binance_answers as answers
from fetcher.adapters.ccxt_errors import translate
from fetcher.adapters.ccxt_parts import binanceusdm, errors
from fetcher.core.budget import Allowance
from fetcher.core.contracts import Listing
from fetcher.core.derivatives import InterestPoint, Premium
from fetcher.core.windows import Span
from fetcher.ports import VenueReader

_log = logging.getLogger(__name__)

_WEIGHT_PER_MINUTE: Final = 2400  # until exchangeInfo has said it
_HISTORY_REQUESTS: Final = 1000  # openInterestHist, in five minutes
_HISTORY_WINDOW: Final = timedelta(minutes=5)
_TERMS_AGE: Final = timedelta(hours=1)  # fundingInfo shares a pool of 500 in five minutes
_PAGE: Final = 499  # weight 2: the most candles for a weight
_LIGHT_PAGE: Final = 99  # weight 1
_INTEREST_HOURS: Final = 26  # a day back, and the hour that is not yet told

_COOLING_STATUSES: Final = (403, 418, 429)
_GEO_BLOCK: Final = 451

_SERVER_ERRORS: Final = 500

Answer = TypeVar("Answer")
Send = Callable[[Mapping[str, object]], Awaitable[object]]

_sent_at: ContextVar[datetime] = ContextVar("_sent_at")


class BinanceReader(VenueReader):
    """Reads Binance's public market data within its limits; stays away when told to."""

    def __init__(
        self,
        clock: Clock,
        *,
        base_url: str = "",
        timeout: timedelta = timedelta(seconds=10),
        attempts: int = 4,
        retry_wait: timedelta = timedelta(seconds=0.5),
        weight_share: float = 0.75,
        cooling: timedelta = timedelta(seconds=60),
    ) -> None:
        self._clock = clock
        self._attempts = attempts
        self._retry_wait = retry_wait
        self._weight_share = weight_share
        self._cooling = cooling
        self._cool_until: datetime | None = None
        self._weight = Allowance(int(_WEIGHT_PER_MINUTE * weight_share))
        self._history = Allowance(int(_HISTORY_REQUESTS * weight_share), _HISTORY_WINDOW)
        self._hours: Mapping[str, float] | None = None
        self._hours_at: datetime | None = None
        self._client = _Client(self._heed, timeout)
        if base_url:
            _redirect(self._client.urls["api"], base_url.rstrip("/"))

    @override
    async def time(self) -> datetime:
        return await self._read(self._client.fapiPublicGetTime, answers.read_time)

    @override
    async def listing(self) -> Listing:
        listing = await self._read(self._client.fapiPublicGetExchangeInfo, answers.read_listing)
        if listing.weight_per_minute:
            self._weight.limit = int(listing.weight_per_minute * self._weight_share)
        return listing

    @override
    async def turnovers(self) -> Mapping[str, float]:
        send = self._client.fapiPublicGetTicker24hr
        return await self._read(send, answers.read_turnovers, weight=40)

    @override
    async def spreads(self) -> Mapping[str, float]:
        send = self._client.fapiPublicGetTickerBookTicker
        return await self._read(send, answers.read_spreads, weight=5)

    @override
    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        rows: list[object] = []
        step = _PAGE * timeframe.milliseconds
        for start in range(span.start, span.end, step):
            page = Span(start, min(start + step, span.end))
            rows += await self._read(
                self._client.fapiPublicGetKlines,
                lambda answer: answers.read_candle_rows(answer, f"{timeframe} candles"),
                weight=1 if page.bars(timeframe) <= _LIGHT_PAGE else 2,
                symbol=symbol,
                interval=str(timeframe),
                limit=page.bars(timeframe),
                startTime=page.start,
                endTime=page.end - 1,
            )
        return rows

    @override
    async def premiums(self) -> Mapping[str, Premium]:
        hours = await self._funding_hours()
        return await self._read(
            self._client.fapiPublicGetPremiumIndex,
            lambda answer: answers.read_premiums(answer, hours),
            weight=10,
        )

    @override
    async def open_interest(self, symbol: str) -> InterestPoint:
        send = self._client.fapiPublicGetOpenInterest
        return await self._read(send, answers.read_open_interest, symbol=symbol)

    @override
    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint]:
        await self._afford(self._history, 1)
        return await self._read(
            self._client.fapiDataGetOpenInterestHist,
            answers.read_open_interest_history,
            weight=0,
            symbol=symbol,
            period="1h",
            limit=_INTEREST_HOURS,
        )

    @override
    async def close(self) -> None:
        await self._client.close()

    async def _funding_hours(self) -> Mapping[str, float] | None:
        now = self._clock.now()
        if self._hours_at is None or now - self._hours_at >= _TERMS_AGE:
            send = self._client.fapiPublicGetFundingInfo
            self._hours = await self._read(send, answers.read_funding_hours, weight=0)
            self._hours_at = now
        return self._hours

    async def _read(
        self,
        send: Send,
        parse: Callable[[object], Answer],
        *,
        weight: int = 1,
        **params: object,
    ) -> Answer:
        async for attempt in stamina.retry_context(
            on=_may_pass,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * 8,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                return parse(await self._send(send, params, weight))
        raise AssertionError("a retry context ends with an answer or an error")

    async def _send(self, send: Send, params: Mapping[str, object], weight: int) -> object:
        await self._afford(self._weight, weight)
        if self._cool_until is not None and self._clock.now() < self._cool_until:
            raise VenueCoolingError(
                f"the venue told us to stay away until {self._cool_until:%H:%M:%S} UTC",
                until=self._cool_until,
            )
        _sent_at.set(self._clock.now())
        try:
            return await send(params)
        except (errors.DDoSProtection, errors.RateLimitExceeded) as error:
            raise self._cool("the venue's limit is reached", {}) from error
        except errors.BaseError as error:
            raise translate(error) from error

    async def _afford(self, allowance: Allowance, amount: int) -> None:
        while (at := allowance.spend(amount, self._clock.now())) is not None:
            await self._clock.sleep_until(at)

    def _heed(self, status: int, headers: Mapping[str, str], url: str) -> None:
        told = {name.lower(): value for name, value in headers.items()}
        used = told.get("x-mbx-used-weight-1m", "")
        now = self._clock.now()
        if used.isdigit():
            self._weight.observe(int(used), _sent_at.get(now), now)
        if status in _COOLING_STATUSES:
            raise self._cool(f"HTTP {status}", told)
        if status == _GEO_BLOCK:
            raise VenueRefusedError(f"HTTP {status}: the venue refuses this location, at {url}")
        if status >= _SERVER_ERRORS:
            raise VenueUnavailableError(f"HTTP {status} from the venue, at {url}")

    def _cool(self, reason: str, told: Mapping[str, str]) -> VenueCoolingError:
        seconds = told.get("retry-after", "")
        pause = timedelta(seconds=int(seconds)) if seconds.isdigit() else self._cooling
        until = self._clock.now() + pause
        if self._cool_until is None or until > self._cool_until:
            self._cool_until = until
            _log.warning("%s: no request until %s", reason, until.isoformat())
        return VenueCoolingError(
            f"{reason}: the venue told us to stay away until {self._cool_until:%H:%M:%S} UTC",
            until=self._cool_until,
        )


class _Client(binanceusdm):  # type: ignore[misc]  # ccxt ships no types: its classes are Any here
    def __init__(
        self, heed: Callable[[int, Mapping[str, str], str], None], timeout: timedelta
    ) -> None:
        super().__init__(
            {
                "enableRateLimit": False,  # weights are spent by `Allowance`, retries included
                "timeout": int(timeout.total_seconds() * 1000),
                "options": {"maxRetriesOnFailure": 0},
            }
        )
        self._heed = heed

    @override
    def handle_errors(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        headers: dict[str, str],
        body: str,
        response: object,
        requestHeaders: object,
        requestBody: object,
    ) -> None:
        # The one place where ccxt shows status and headers of this very request.
        self._heed(code, headers, url.partition("?")[0])
        super().handle_errors(
            code, reason, url, method, headers, body, response, requestHeaders, requestBody
        )


def _redirect(urls: dict[str, Any], base_url: str) -> None:
    for name, url in urls.items():
        if isinstance(url, str):
            urls[name] = base_url + url[url.find("/", len("https://")) :]


def _may_pass(error: Exception) -> bool:
    return isinstance(error, VenueUnavailableError) and not isinstance(error, VenueCoolingError)

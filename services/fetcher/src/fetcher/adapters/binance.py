"""Binance USD-M futures over ccxt: the only module that talks to it.

ccxt builds the request, sends it once and names the error.
What may be sent and when is decided here, by the venue's own weights.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from typing_extensions import override

from common.clock import Clock
from common.domain import Timeframe
from common.errors import ScannerError, VenueCoolingError, VenueUnavailableError
from fetcher.adapters import binance_answers as answers
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.json_values import whole
from fetcher.adapters.visits import Visits
from fetcher.adapters.ways import Ways
from fetcher.core.budget import Pool
from fetcher.core.contracts import Listing
from fetcher.core.derivatives import AccountRatio, Premium
from fetcher.core.freshness import is_fresh
from fetcher.core.interest import InterestPoint
from fetcher.core.windows import Span
from fetcher.ports import Budget, VenueReader

_log = logging.getLogger(__name__)

_ADDRESS: Final = "https://fapi.binance.com"
_APIS: Final = {"/fapi/v1/": "fapiPublic", "/futures/data/": "fapiData"}
_WEIGHT: Final = Pool("weight", 2400)  # until exchangeInfo has said it
# Of the weight, for open interest: candles must not wait for it. With 500 contracts' candles, their
# comparisons and what is asked once for all it still leaves half of the venue's limit.
_INTEREST_SHARE: Final = 0.2
_STATISTICS: Final = 1000  # requests of each page of /futures/data, in five minutes
_HISTORY: Final = Pool("openInterestHist", _STATISTICS, timedelta(minutes=5))
_RATIOS: Final = Pool("globalLongShortAccountRatio", _STATISTICS, timedelta(minutes=5))
_TERMS_AGE: Final = timedelta(hours=1)  # fundingInfo shares a pool of 500 in five minutes
_TERMS_AGAIN: Final = timedelta(minutes=5)  # after it could not be read
_PAGE: Final = 499  # weight 2: the most candles for a weight
_LIGHT_PAGE: Final = 99  # weight 1
_INTEREST_HOURS: Final = 26  # a day back, and the hour that is not yet told

_COOLING_STATUSES: Final = (403, 418, 429)
_SERVER_ERRORS: Final = 500
_TOO_MANY: Final = -1003  # seen under status 200

Answer = TypeVar("Answer")


class BinanceReader(VenueReader):
    """Reads Binance's public market data within its limits; stays away when told to."""

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        *,
        base_url: str = "",
        timeout: timedelta = timedelta(seconds=10),
        attempts: int = 4,
        retry_wait: timedelta = timedelta(seconds=0.5),
    ) -> None:
        self._clock = clock
        self._budget = budget
        self._weight = _WEIGHT
        self._hours: Mapping[str, float] | None = None
        self._hours_at: datetime | None = None
        self._hours_age = _TERMS_AGE
        self._visits = Visits(
            clock, budget, venue=answers.VENUE, attempts=attempts, retry_wait=retry_wait
        )
        self._ways = Ways(
            answers.VENUE,
            self.heed,
            client="binanceusdm",
            apis=_APIS,
            address=_ADDRESS,
            base_url=base_url,
            timeout=timeout,
        )

    @override
    async def time(self) -> datetime:
        return await self._read("/fapi/v1/time", answers.read_time)

    @override
    async def listing(self) -> Listing:
        listing = await self._read("/fapi/v1/exchangeInfo", answers.read_listing)
        if listing.weight_per_minute:
            self._weight = replace(self._weight, limit=listing.weight_per_minute)
        return listing

    @override
    async def turnovers(self) -> Mapping[str, float]:
        return await self._read("/fapi/v1/ticker/24hr", answers.read_turnovers, weight=40)

    @override
    async def spreads(self) -> Mapping[str, float]:
        return await self._read("/fapi/v1/ticker/bookTicker", answers.read_spreads, weight=5)

    @override
    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        rows: list[object] = []
        for page in span.pages(timeframe, _PAGE):
            rows += await self._read(
                "/fapi/v1/klines",
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
            "/fapi/v1/premiumIndex",
            lambda answer: answers.read_premiums(answer, hours),
            weight=10,
        )

    @override
    async def open_interest(self, symbol: str) -> InterestPoint | None:
        interest = self._weight.share(_INTEREST_SHARE, name="openInterest")
        if not await self._budget.spend_at_once(interest, 1):
            return None
        return await self._read("/fapi/v1/openInterest", answers.read_open_interest, symbol=symbol)

    @override
    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint] | None:
        if not await self._budget.spend_at_once(_HISTORY, 1):
            return None
        return await self._read(
            "/futures/data/openInterestHist",
            answers.read_open_interest_history,
            weight=0,
            symbol=symbol,
            period="1h",
            limit=_INTEREST_HOURS,
        )

    @override
    async def account_ratio(self, symbol: str) -> AccountRatio | None:
        if not await self._budget.spend_at_once(_RATIOS, 1):
            return None
        return await self._read(
            "/futures/data/globalLongShortAccountRatio",
            answers.read_account_ratio,
            weight=0,
            symbol=symbol,
            period="5m",
            limit=1,
        )

    @override
    async def close(self) -> None:
        await self._ways.close()

    async def _funding_hours(self) -> Mapping[str, float] | None:
        """Return the intervals as they are known last: marks and rates do not depend on them."""
        now = self._clock.now()
        if not is_fresh(self._hours_at, now, age=self._hours_age):
            try:
                self._hours = await self._read(
                    "/fapi/v1/fundingInfo", answers.read_funding_hours, weight=0
                )
                self._hours_at, self._hours_age = now, _TERMS_AGE
            except VenueCoolingError:
                raise
            except ScannerError as error:
                _log.warning("how often funding is settled is not read now: %s", error)
                self._hours_at, self._hours_age = now, _TERMS_AGAIN
        return self._hours

    async def _read(
        self,
        path: str,
        parse: Callable[[object], Answer],
        *,
        weight: int = 1,
        **params: object,
    ) -> Answer:
        return await self._visits.ask(
            self._ways.get(path), parse, params, pool=self._weight, cost=weight
        )

    def heed(self, answered: Answered) -> None:
        """Obey what an answer says of the venue; raise where it is none to what was asked."""
        status, told = answered.status, answered.headers
        used = whole(told.get("x-mbx-used-weight-1m"))
        if used is not None:
            self._budget.observe(self._weight, used, self._visits.sent_at())
        if answered.refuses_location:
            raise self._budget.forbid(f"HTTP {status}: the venue refuses this location")
        if status in _COOLING_STATUSES:
            raise self._budget.stop(f"HTTP {status}", self._visits.retry_after(told))
        if isinstance(answered.told, dict) and answered.told.get("code") == _TOO_MANY:
            raise self._budget.stop(f"code {_TOO_MANY}")
        if status >= _SERVER_ERRORS:
            raise VenueUnavailableError(f"HTTP {status} from the venue, at {answered.url}")

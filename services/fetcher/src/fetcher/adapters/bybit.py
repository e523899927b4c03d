"""Bybit linear perpetuals over ccxt: the only module that talks to it.

ccxt builds the request, sends it once and names the error.
What may be sent and when is decided here, by the venue's own count of visits.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, TypeVar

from typing_extensions import override

from common.clock import Clock
from common.domain import Timeframe
from common.errors import VenueUnavailableError
from fetcher.adapters import bybit_answers as answers
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.json_values import whole
from fetcher.adapters.visits import Visits
from fetcher.adapters.ways import Ways
from fetcher.core.budget import Pool
from fetcher.core.contracts import Listing
from fetcher.core.derivatives import AccountRatio, Premium
from fetcher.core.freshness import is_fresh
from fetcher.core.interest import InterestPoint
from fetcher.core.parsing import instant, milliseconds
from fetcher.core.windows import Span
from fetcher.ports import Budget, VenueReader

_ADDRESS: Final = "https://api.bybit.com"
_APIS: Final = {"/": "public"}
# 600 visits in any five seconds. Where its windows begin is not told: two of ours may touch one
# of its own, so that half goes into each.
_VISITS: Final = Pool("visits", 300, timedelta(seconds=5))
# Of the visits, for what is asked contract by contract: candles must not wait for it. The venue
# names no limit of these routes alone; should one have been met, its answers say so.
_STATISTICS: Final = _VISITS.share(0.4, name="statistics")
_FEW: Final = 10  # visits that requests on their way may use up
_PAGE: Final = 1000  # the most candles in an answer; a visit costs the same whatever it asks for
_OTHER_STATUSES: Final = ("PreLaunch", "Delivering")
_LISTED: Final = 1000  # the most contracts in an answer
_MOST_PAGES: Final = 20
_INTEREST_HOURS: Final = 26  # a day back, and the hour that is not yet told
_INTEREST_AGE: Final = timedelta(minutes=5)  # how old the tickers may be that tell it
_LISTING_AGE: Final = timedelta(seconds=10)  # turnover and spreads of one reading of the market

_INTERVALS: Final = {Timeframe.D1: "D", Timeframe.H4: "240", Timeframe.H1: "60", Timeframe.M1: "1"}

_BANNED: Final = 403
_BAN: Final = timedelta(minutes=10)  # what the documentation asks for; no header tells it
_COOLING_STATUSES: Final = (418, 429)
_SERVER_ERRORS: Final = 500
_TOO_MANY_VISITS: Final = 10006
_BUSY_CODES: Final = (10000, 10016, 10429)  # ccxt takes them for refusals; they pass

Answer = TypeVar("Answer")


class BybitReader(VenueReader):
    """Reads Bybit's public market data within its limits; stays away when told to."""

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
        self._last: answers.Tickers | None = None
        self._last_at: datetime | None = None
        self._reading = asyncio.Lock()
        self._visits = Visits(
            clock, budget, venue=answers.VENUE, attempts=attempts, retry_wait=retry_wait
        )
        self._ways = Ways(
            answers.VENUE,
            self.heed,
            client="bybit",
            apis=_APIS,
            address=_ADDRESS,
            base_url=base_url,
            timeout=timeout,
        )

    @override
    async def time(self) -> datetime:
        return await self._read("/v5/market/time", answers.read_time)

    @override
    async def listing(self) -> Listing:
        # Without a status it tells those that trade; told last, they count.
        others = [await self._instruments(status=status) for status in _OTHER_STATUSES]
        return answers.join_pages([*chain.from_iterable(others), *await self._instruments()])

    @override
    async def turnovers(self) -> Mapping[str, float]:
        return (await self._tickers()).turnovers

    @override
    async def spreads(self) -> Mapping[str, float]:
        return (await self._tickers(_LISTING_AGE)).spreads

    @override
    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        rows: list[object] = []
        for page in span.pages(timeframe, _PAGE):
            rows += await self._read(
                "/v5/market/kline",
                lambda answer: answers.read_candle_rows(answer, f"{timeframe} candles"),
                category="linear",
                symbol=symbol,
                interval=_INTERVALS[timeframe],
                limit=page.bars(timeframe),
                start=page.start,
                end=page.end - 1,
            )
        return rows

    @override
    async def premiums(self) -> Mapping[str, Premium]:
        return (await self._tickers()).premiums

    @override
    async def open_interest(self, symbol: str) -> InterestPoint:
        point = (await self._tickers(_INTEREST_AGE)).interest.get(symbol)
        if point is None:
            raise VenueUnavailableError(f"the tickers must tell {symbol}'s open interest, was none")
        return point

    @override
    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint] | None:
        if not await self._budget.spend_at_once(_STATISTICS, 1):
            return None
        return await self._read(
            "/v5/market/open-interest",
            answers.read_open_interest_history,
            category="linear",
            symbol=symbol,
            intervalTime="1h",
            limit=_INTEREST_HOURS,
        )

    @override
    async def account_ratio(self, symbol: str) -> AccountRatio | None:
        if not await self._budget.spend_at_once(_STATISTICS, 1):
            return None
        return await self._read(
            "/v5/market/account-ratio",
            answers.read_account_ratio,
            category="linear",
            symbol=symbol,
            period="5min",
            limit=1,
        )

    @override
    async def close(self) -> None:
        await self._ways.close()

    async def _instruments(self, **params: object) -> list[answers.InstrumentsPage]:
        pages: list[answers.InstrumentsPage] = []
        while len(pages) < _MOST_PAGES:
            page = await self._read(
                "/v5/market/instruments-info",
                answers.read_instruments,
                category="linear",
                limit=_LISTED,
                **params,
            )
            pages.append(page)
            if not page.next_cursor:
                return pages
            params["cursor"] = page.next_cursor
        raise VenueUnavailableError(f"the listing must end, was longer than {_MOST_PAGES} pages")

    async def _tickers(self, oldest: timedelta = timedelta(0)) -> answers.Tickers:
        async with self._reading:
            known, now = self._last, self._clock.now()
            if known is not None and is_fresh(self._last_at, now, age=oldest):
                return known
            self._last = await self._read(
                "/v5/market/tickers", answers.read_tickers, category="linear"
            )
            self._last_at = now
            return self._last

    async def _read(self, path: str, parse: Callable[[object], Answer], **params: object) -> Answer:
        return await self._visits.ask(self._ways.get(path), parse, params, pool=_VISITS)

    def heed(self, answered: Answered) -> None:
        """Obey what an answer says of the venue; raise where it is none to what was asked."""
        status, told = answered.status, answered.told
        code = whole(told.get("retCode")) if isinstance(told, dict) else None
        reset = self._reset(answered.headers)
        if code in _BUSY_CODES:
            raise VenueUnavailableError(f"code {code} from the venue, at {answered.url}")
        if code == _TOO_MANY_VISITS:
            pause = None if reset is None else reset - self._clock.now()
            raise self._budget.stop(f"code {code}", pause)
        if answered.refuses_location:
            raise self._budget.forbid(f"HTTP {status}: the venue refuses this location")
        if status == _BANNED:
            # Over the limit it says "access too frequent", and not for how long.
            raise self._budget.stop(f"HTTP {status}", _BAN)
        if status in _COOLING_STATUSES:
            pause = self._visits.retry_after(answered.headers)
            raise self._budget.stop(f"HTTP {status}", pause)
        left = whole(answered.headers.get("x-bapi-limit-status"))
        if left is not None and left < _FEW and reset is not None:
            self._budget.rest(_VISITS, reset)
        if status >= _SERVER_ERRORS:
            raise VenueUnavailableError(f"HTTP {status} from the venue, at {answered.url}")

    def _reset(self, headers: Mapping[str, str]) -> datetime | None:
        told = whole(headers.get("x-bapi-limit-reset-timestamp"))
        now = self._clock.now()
        if told is None or not 0 < told - milliseconds(now) <= _BAN.total_seconds() * 1000:
            return None  # past, or too far to be believed
        return instant(told)

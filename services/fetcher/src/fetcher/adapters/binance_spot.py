"""Binance's spot candles (data-api.binance.vision): answers where futures addresses are refused."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from typing_extensions import override

from common.clock import Clock
from common.domain import Instrument, Source, Timeframe
from common.errors import VenueUnavailableError
from fetcher.adapters.binance_answers import read_candle_rows
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.json_values import whole
from fetcher.adapters.plain import PlainClient
from fetcher.adapters.visits import Visits
from fetcher.core.budget import Pool
from fetcher.core.contracts import asset_of
from fetcher.core.sources import Place, bundled, rescaled
from fetcher.core.windows import Span
from fetcher.ports import Budget, CandleSource

SPOT: Final = Place("binance-spot", Source.SPOT)

_ADDRESS: Final = "https://data-api.binance.vision"
_WEIGHT: Final = Pool("weight", 6000)
_PAGE: Final = 1000  # the most candles in an answer
_COST: Final = 2  # whatever is asked for
_COOLING_STATUSES: Final = (403, 418, 429)
_SERVER_ERRORS: Final = 500


class BinanceSpot(CandleSource):
    """Reads the pair of a contract's coin, a thousand of them for 1000PEPE."""

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        *,
        address: str = "",
        timeout: timedelta = timedelta(seconds=10),
        attempts: int = 2,
        retry_wait: timedelta = timedelta(seconds=0.5),
    ) -> None:
        self._budget = budget
        self._visits = Visits(
            clock, budget, venue=SPOT.name, attempts=attempts, retry_wait=retry_wait
        )
        self._client = PlainClient(SPOT.name, address or _ADDRESS, self._heed, timeout=timeout)

    @property
    @override
    def place(self) -> Place:
        return SPOT

    @override
    async def candles(
        self, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> Sequence[object]:
        coin = asset_of(instrument.base).name
        rows: list[object] = []
        for page in span.pages(timeframe, _PAGE):
            rows += await self._visits.ask(
                self._client.get("/api/v3/klines"),
                lambda answer: read_candle_rows(answer, f"spot {timeframe} candles"),
                {
                    "symbol": coin + instrument.quote,
                    "interval": str(timeframe),
                    "limit": page.bars(timeframe),
                    "startTime": page.start,
                    "endTime": page.end - 1,
                },
                pool=_WEIGHT,
                cost=_COST,
            )
        return rescaled(rows, bundled(instrument, coin))

    @override
    async def close(self) -> None:
        await self._client.close()

    def _heed(self, answered: Answered) -> None:
        status, told = answered.status, answered.headers
        used = whole(told.get("x-mbx-used-weight-1m"))
        if used is not None:
            self._budget.observe(_WEIGHT, used, self._visits.sent_at())
        if answered.refuses_location:
            raise self._budget.forbid(f"HTTP {status}: spot refuses this location")
        if status in _COOLING_STATUSES:
            raise self._budget.stop(f"HTTP {status}", self._visits.retry_after(told))
        if status >= _SERVER_ERRORS:
            raise VenueUnavailableError(f"HTTP {status} from spot, at {answered.url}")

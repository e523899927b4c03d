"""The table of Binance's routes: what each answers and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass

from exchange_sim.core.allowance import Limits
from exchange_sim.handlers.binance import candles, interest, listing, prices
from exchange_sim.handlers.binance.query import Query
from exchange_sim.handlers.view import MarketView

FUNDING_POOL = "funding"
HISTORY_POOL = "openInterestHist"

LIMITS = Limits(
    weight_per_minute=listing.WEIGHT_PER_MINUTE,
    pools=((FUNDING_POOL, 500), (HISTORY_POOL, 1_000)),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the venue: how it answers, its weight, and the pool it draws from."""

    path: str
    answer: Callable[[Query, MarketView, int], str]
    weight: Callable[[Query], int]
    pool: str | None = None


def _flat(weight: int) -> Callable[[Query], int]:
    return lambda _: weight


def _by_symbol(one: int, every: int) -> Callable[[Query], int]:
    return lambda query: every if query.text("symbol") is None else one


def _ping(query: Query, view: MarketView, now: int) -> str:
    del query, view, now
    return "{}"


def _time(query: Query, view: MarketView, now: int) -> str:
    del query, view
    return f'{{"serverTime":{now}}}'


ROUTES = (
    Route("/fapi/v1/ping", _ping, _flat(1)),
    Route("/fapi/v1/time", _time, _flat(1)),
    Route("/fapi/v1/exchangeInfo", listing.exchange_info, _flat(1)),
    Route("/fapi/v1/klines", candles.klines, candles.weight),
    Route("/fapi/v1/premiumIndex", prices.premium_index, _by_symbol(1, 10)),
    Route("/fapi/v1/fundingInfo", listing.funding_info, _flat(0), FUNDING_POOL),
    Route("/fapi/v1/fundingRate", interest.funding_rate, _flat(0), FUNDING_POOL),
    Route("/fapi/v1/openInterest", interest.open_interest, _flat(1)),
    Route("/fapi/v1/ticker/24hr", prices.day_ticker, _by_symbol(1, 40)),
    Route("/fapi/v1/ticker/bookTicker", prices.book_ticker, _by_symbol(2, 5)),
    Route(
        "/futures/data/openInterestHist",
        interest.open_interest_history,
        _flat(0),
        HISTORY_POOL,
    ),
)

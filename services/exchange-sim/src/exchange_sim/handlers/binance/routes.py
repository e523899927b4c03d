"""The table of Binance's routes: what each answers and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass

from exchange_sim.core.allowance import Limits
from exchange_sim.handlers.binance import candles, interest, listing, prices, ratios
from exchange_sim.handlers.binance.query import Query
from exchange_sim.handlers.view import MarketView

FUNDING_POOL = "funding"
HISTORY_POOL = "openInterestHist"
ACCOUNTS_POOL = "globalLongShortAccountRatio"
TAKERS_POOL = "takerlongshortRatio"

LIMITS = Limits(
    weight_per_minute=listing.WEIGHT_PER_MINUTE,
    pools=(
        (FUNDING_POOL, 500),
        (HISTORY_POOL, 1_000),
        (ACCOUNTS_POOL, 1_000),
        (TAKERS_POOL, 1_000),
    ),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the venue: how it answers, its weight, and the pool it draws from.

    `candles` may be damaged by faults; `clock` tells the time, and is answered without a thread.
    """

    path: str
    answer: Callable[[Query, MarketView, int], str]
    weight: Callable[[Query], int]
    pool: str | None = None
    candles: bool = False
    clock: bool = False


def flat(weight: int) -> Callable[[Query], int]:
    """Return a weight that no parameter changes."""
    return lambda _: weight


def by_symbol(one: int, every: int) -> Callable[[Query], int]:
    """Return a weight that is less when one symbol is named."""
    return lambda query: every if query.text("symbol") is None else one


def ping(query: Query, view: MarketView, now: int) -> str:
    """Answer nothing, at once."""
    del query, view, now
    return "{}"


def time(query: Query, view: MarketView, now: int) -> str:
    """Answer the venue's time."""
    del query, view
    return f'{{"serverTime":{now}}}'


ROUTES = (
    Route("/fapi/v1/ping", ping, flat(1), clock=True),
    Route("/fapi/v1/time", time, flat(1), clock=True),
    Route("/fapi/v1/exchangeInfo", listing.exchange_info, flat(1)),
    Route("/fapi/v1/klines", candles.klines, candles.weight, candles=True),
    Route("/fapi/v1/markPriceKlines", candles.mark_klines, candles.weight, candles=True),
    Route("/fapi/v1/premiumIndex", prices.premium_index, by_symbol(1, 10)),
    Route("/fapi/v1/fundingInfo", listing.funding_info, flat(0), FUNDING_POOL),
    Route("/fapi/v1/fundingRate", interest.funding_rate, flat(0), FUNDING_POOL),
    Route("/fapi/v1/openInterest", interest.open_interest, flat(1)),
    Route("/fapi/v1/ticker/24hr", prices.day_ticker, by_symbol(1, 40)),
    Route("/fapi/v1/ticker/bookTicker", prices.book_ticker, by_symbol(2, 5)),
    Route(
        "/futures/data/openInterestHist",
        interest.open_interest_history,
        flat(0),
        HISTORY_POOL,
    ),
    Route("/futures/data/globalLongShortAccountRatio", ratios.accounts, flat(0), ACCOUNTS_POOL),
    Route("/futures/data/takerlongshortRatio", ratios.takers, flat(0), TAKERS_POOL),
)

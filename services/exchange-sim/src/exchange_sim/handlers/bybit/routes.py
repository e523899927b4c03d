"""The table of Bybit's routes; each counts as one visit, whatever it asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from exchange_sim.core.allowance import Limits
from exchange_sim.handlers.bybit import candles, interest, listing, tickers
from exchange_sim.handlers.bybit.query import Query
from exchange_sim.handlers.view import MarketView

LIMITS = Limits(visits=600)


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the venue and how it answers: with the `result` of the answer."""

    path: str
    answer: Callable[[Query, MarketView, int], str]
    candles: bool = False
    clock: bool = False


def _time(query: Query, view: MarketView, now: int) -> str:
    del query, view
    return f'{{"timeSecond":"{now // 1000}","timeNano":"{now * 1_000_000}"}}'


ROUTES = (
    Route("/v5/market/time", _time, clock=True),
    Route("/v5/market/instruments-info", listing.instruments),
    Route("/v5/market/kline", candles.kline, candles=True),
    Route("/v5/market/tickers", tickers.tickers),
    Route("/v5/market/open-interest", interest.open_interest),
    Route("/v5/market/funding/history", interest.funding_history),
    Route("/v5/market/account-ratio", interest.account_ratio),
)

"""GET /fapi/v1/klines."""

import numpy as np

from exchange_sim.core.bars import Bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import Timeframe
from exchange_sim.handlers.binance.query import BinanceRefusalError, Query
from exchange_sim.handlers.view import MarketView

_DEFAULT, _MOST = 500, 1_500
_WEIGHTS = ((99, 1), (499, 2), (1_000, 5))
_HEAVIEST = 10
_MARK_ROW = '[%d,"%.8f","%.8f","%.8f","%.8f","0",%d,"0",60,"0","0","0"]'


def weight(query: Query) -> int:
    """Return what a request costs, by its limit."""
    try:
        limit = query.limit(default=_DEFAULT, most=_MOST)
    except BinanceRefusalError:
        return 1
    return next((cost for most, cost in _WEIGHTS if limit <= most), _HEAVIEST)


def klines(query: Query, view: MarketView, now: int) -> str:
    """Answer candles oldest first, the forming one last."""
    contract, timeframe = query.contract(view, now), query.interval()
    start, end = query.times()
    limit = query.limit(default=_DEFAULT, most=_MOST)
    bars = view.candles(contract.symbol, timeframe, now=now, limit=limit, start=start, end=end)
    return render(bars, contract, timeframe)


def mark_klines(query: Query, view: MarketView, now: int) -> str:
    """Answer candles of the mark price: no volumes, and a count of the seconds in between."""
    contract, timeframe = query.contract(view, now), query.interval()
    start, end = query.times()
    limit = query.limit(default=_DEFAULT, most=_MOST)
    bars = view.mark_candles(contract, timeframe, now=now, limit=limit, start=start, end=end)
    scale = 10.0**contract.price_decimals
    columns = (
        bars.open_time,
        *(column / scale for column in (bars.open, bars.high, bars.low, bars.close)),
        timeframe.close_times(bars.open_time) - 1,
    )
    lists = (np.asarray(column).tolist() for column in columns)
    return "[" + ",".join([_MARK_ROW % values for values in zip(*lists, strict=True)]) + "]"


def render(bars: Bars, contract: Contract, timeframe: Timeframe) -> str:
    """Write candles as Binance's twelve columns."""
    p, q = contract.price_decimals, contract.quantity_decimals
    prices = ",".join([f'"%.{p}f"'] * 4)
    row = f'[%d,{prices},"%.{q}f",%d,"%.{p + q}f",%d,"%.{q}f","%.{p + q}f","0"]'
    price, volume, turnover = 10.0**p, 10.0**q, 10.0 ** (p + q)
    columns = (
        bars.open_time,
        *(column / price for column in (bars.open, bars.high, bars.low, bars.close)),
        bars.volume / volume,
        timeframe.close_times(bars.open_time) - 1,
        bars.quote_volume / turnover,
        bars.trades,
        bars.taker_volume / volume,
        bars.taker_quote_volume / turnover,
    )
    lists = (np.asarray(column).tolist() for column in columns)
    return "[" + ",".join([row % values for values in zip(*lists, strict=True)]) + "]"

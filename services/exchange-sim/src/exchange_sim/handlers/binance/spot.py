"""Binance's spot data API (data-api.binance.vision): candles and the list of pairs."""

import json
from functools import lru_cache

import numpy as np

from exchange_sim.core.allowance import Limits
from exchange_sim.core.bars import Bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import Timeframe
from exchange_sim.handlers.binance import routes
from exchange_sim.handlers.binance.query import BinanceRefusalError, Query
from exchange_sim.handlers.view import MarketView

LIMITS = Limits(weight_per_minute=6_000)

_DEFAULT, _MOST = 500, 1_000


def klines(query: Query, view: MarketView, now: int) -> str:
    """Answer candles oldest first, the forming one last, with eight decimals everywhere."""
    contract, timeframe = query.contract(view, now), query.interval()
    start, end = query.times()
    limit = query.limit(default=_DEFAULT, most=_MOST)
    bars = view.candles(contract.symbol, timeframe, now=now, limit=limit, start=start, end=end)
    return "[" + ",".join(spot_rows(bars, contract, timeframe, row=_ROW)) + "]"


def spot_rows(
    bars: Bars, contract: Contract, timeframe: Timeframe, *, row: str, unit: int = 1
) -> list[str]:
    """Write candles by a pattern of eleven fields; `unit` is how finely it counts a millisecond."""
    price, volume = 10.0**contract.price_decimals, 10.0**contract.quantity_decimals
    columns = (
        bars.open_time * unit,
        *(column / price for column in (bars.open, bars.high, bars.low, bars.close)),
        bars.volume / volume,
        timeframe.close_times(bars.open_time) * unit - 1,
        bars.quote_volume / (price * volume),
        bars.trades,
        bars.taker_volume / volume,
        bars.taker_quote_volume / (price * volume),
    )
    lists = (np.asarray(column).tolist() for column in columns)
    return [row % values for values in zip(*lists, strict=True)]


def exchange_info(query: Query, view: MarketView, now: int) -> str:
    """Answer every pair, or those that `symbol` or `symbols` name."""
    contracts = list(view.contracts(now))
    wanted = query.text("symbols")
    if query.text("symbol") is not None:
        contracts = [query.contract(view, now)]
    elif wanted is not None:
        names = _names(wanted)
        contracts = [contract for contract in contracts if contract.symbol in names]
        if len(contracts) < len(names):
            raise BinanceRefusalError(-1121, "Invalid symbol.")
    pairs = ",".join(_pair(contract, contract.status(now)) for contract in contracts)
    return f'{{"timezone":"UTC","serverTime":{now},"simulated":true,"symbols":[{pairs}]}}'


def _names(text: str) -> set[str]:
    try:
        names = json.loads(text)
    except ValueError as e:
        raise BinanceRefusalError(-1100, "Illegal characters found in parameter 'symbols'.") from e
    return {str(name) for name in names} if isinstance(names, list) else set()


@lru_cache(maxsize=4_096)
def _pair(contract: Contract, status: str) -> str:
    tick = f"{10.0**-contract.tick_decimals:.8f}"
    step = f"{10.0**-contract.quantity_decimals:.8f}"
    return json.dumps(
        {
            "symbol": contract.symbol,
            "status": "TRADING" if status == "TRADING" else "BREAK",
            "baseAsset": contract.base,
            "baseAssetPrecision": 8,
            "quoteAsset": contract.quote,
            "quotePrecision": 8,
            "quoteAssetPrecision": 8,
            "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000",
                 "tickSize": tick},
                {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000000.00000000",
                 "stepSize": step},
                {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True,
                 "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
            ],
            "permissions": [],
            "permissionSets": [["SPOT"]],
        }
    )  # fmt: skip


_ROW = '[%d,"%.8f","%.8f","%.8f","%.8f","%.8f",%d,"%.8f",%d,"%.8f","%.8f","0"]'

ROUTES = (
    routes.Route("/api/v3/ping", routes.ping, routes.flat(1), clock=True),
    routes.Route("/api/v3/time", routes.time, routes.flat(1), clock=True),
    routes.Route("/api/v3/exchangeInfo", exchange_info, routes.flat(20)),
    routes.Route("/api/v3/klines", klines, routes.flat(2), candles=True),
)

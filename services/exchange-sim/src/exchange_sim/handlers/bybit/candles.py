"""GET /v5/market/kline."""

from exchange_sim.core.bars import Bars
from exchange_sim.core.contracts import Contract
from exchange_sim.handlers.bybit.query import Query
from exchange_sim.handlers.view import MarketView

_DEFAULT, _MOST = 200, 1_000


def kline(query: Query, view: MarketView, now: int) -> str:
    """Answer candles newest first, the forming one on top.

    With an `end` they are the latest up to it; with a `start` alone the first ones from it on.
    """
    contract = query.contract(view, now)
    _, timeframe = query.interval()
    limit = query.limit(default=_DEFAULT, most=_MOST)
    start, end = query.integer("start"), query.integer("end")
    forward = start is not None and end is None
    bars = view.candles(
        contract.symbol, timeframe, now=now, limit=limit, start=start if forward else None, end=end
    )
    if start is not None:
        bars = bars.between(start, now + 1)
    rows = ",".join(reversed(rows_of(bars, contract)))
    return f'{{"category":"linear","symbol":"{contract.symbol}","list":[{rows}]}}'


def rows_of(bars: Bars, contract: Contract) -> list[str]:
    """Write candles as Bybit's seven columns, oldest first."""
    p, q = contract.price_decimals, contract.quantity_decimals
    prices = ",".join([f'"%.{p}f"'] * 4)
    row = f'["%d",{prices},"%.{q}f","%.{min(p + q, 8)}f"]'
    price, volume = 10.0**p, 10.0**q
    columns = (
        bars.open_time,
        *(column / price for column in (bars.open, bars.high, bars.low, bars.close)),
        bars.volume / volume,
        bars.quote_volume / (price * volume),
    )
    lists = (column.tolist() for column in columns)
    return [row % values for values in zip(*lists, strict=True)]

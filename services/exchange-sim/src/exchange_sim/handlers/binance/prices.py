"""GET /fapi/v1/premiumIndex, ticker/24hr and ticker/bookTicker: prices as they stand now."""

import json
from collections.abc import Callable

from exchange_sim.core.contracts import Contract
from exchange_sim.core.derivatives import INTEREST
from exchange_sim.core.timeframes import DAY
from exchange_sim.handlers.binance.query import Query
from exchange_sim.handlers.view import Mark, MarketView

Row = dict[str, object]


def premium_index(query: Query, view: MarketView, now: int) -> str:
    """Answer mark and index price and the coming funding, for one contract or all."""
    contracts = query.contracts(view, now)
    marks = zip(contracts, view.marks(contracts, now), strict=True)
    return _one_or_all(
        query, [premium_row(contract, mark, now) for contract, mark in marks if mark]
    )


def day_ticker(query: Query, view: MarketView, now: int) -> str:
    """Answer the rolling 24 hours, for one contract or all."""
    return _one_or_all(query, _each(query, view, now, day_row))


def book_ticker(query: Query, view: MarketView, now: int) -> str:
    """Answer the best bid and ask, for one contract or all."""
    return _one_or_all(query, _each(query, view, now, _book))


def _each(
    query: Query,
    view: MarketView,
    now: int,
    row_of: Callable[[Contract, MarketView, int], Row | None],
) -> list[Row]:
    rows = (row_of(contract, view, now) for contract in query.contracts(view, now))
    return [row for row in rows if row is not None]


def _one_or_all(query: Query, rows: list[Row]) -> str:
    return json.dumps(rows[0] if query.text("symbol") is not None and rows else rows)


def premium_row(contract: Contract, mark: Mark, now: int) -> Row:
    """Return one contract's mark and index price and its coming funding."""
    scale = 10.0**contract.price_decimals
    pays = contract.perpetual
    interest = INTEREST * contract.funding_hours / 8.0
    return {
        "symbol": contract.symbol,
        "markPrice": f"{mark.mark / scale:.8f}",
        "indexPrice": f"{mark.index / scale:.8f}",
        "estimatedSettlePrice": f"{(mark.mark + mark.index) / 2 / scale:.8f}",
        "lastFundingRate": f"{mark.funding_rate:.8f}" if pays else "0.00000000",
        "interestRate": f"{interest:.8f}" if pays else "0.00000000",
        "nextFundingTime": mark.next_funding if pays else 0,
        "time": now,
    }


def day_row(contract: Contract, view: MarketView, now: int) -> Row | None:
    """Return one contract's last 24 hours, None without a trade."""
    day = view.day(contract, now)
    if not len(day):
        return None
    opened, high, low, close = (
        int(column[0]) for column in (day.open, day.high, day.low, day.close)
    )
    volume, turnover, trades = int(day.volume[0]), int(day.quote_volume[0]), int(day.trades[0])
    last_id = now // 100
    return {
        "symbol": contract.symbol,
        "priceChange": contract.price(close - opened),
        "priceChangePercent": f"{(close / opened - 1.0) * 100.0:.3f}",
        "weightedAvgPrice": contract.price(turnover / volume if volume else close),
        "lastPrice": contract.price(close),
        "lastQty": contract.quantity(max(1, volume // max(trades, 1))),
        "openPrice": contract.price(opened),
        "highPrice": contract.price(high),
        "lowPrice": contract.price(low),
        "volume": contract.quantity(volume),
        "quoteVolume": contract.turnover(turnover),
        "openTime": now - DAY,
        "closeTime": now,
        "firstId": last_id - trades,
        "lastId": last_id,
        "count": trades,
    }


def _book(contract: Contract, view: MarketView, now: int) -> Row | None:
    quote = view.quote(contract, now)
    if quote is None:
        return None
    return {
        "symbol": contract.symbol,
        "bidPrice": contract.price(quote.bid),
        "bidQty": contract.quantity(quote.bid_volume),
        "askPrice": contract.price(quote.ask),
        "askQty": contract.quantity(quote.ask_volume),
        "time": now,
        "lastUpdateId": now,
    }

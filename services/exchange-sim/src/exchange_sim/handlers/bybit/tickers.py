"""GET /v5/market/tickers: price, turnover, funding and open interest of one contract or all."""

import json

from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import HOUR
from exchange_sim.handlers.bybit.query import BybitRefusalError, Query
from exchange_sim.handlers.view import Mark, MarketView


def tickers(query: Query, view: MarketView, now: int) -> str:
    """Answer the named contract, or all that trade."""
    category = query.category()
    chosen = list(view.contracts(now)) if category == "linear" else []
    if query.text("symbol") is not None:
        chosen = [query.contract(view, now)]
    base = query.text("baseCoin")
    chosen = [
        contract
        for contract in chosen
        if contract.status(now) == "TRADING" and base in (None, contract.base)
    ]
    if query.text("symbol") is not None and not chosen:
        raise BybitRefusalError(10001, "params error: symbol invalid")
    marks = view.marks(chosen, now)
    rows = [
        ticker(contract, mark, view, now)
        for contract, mark in zip(chosen, marks, strict=True)
        if mark is not None
    ]
    return json.dumps({"category": category, "list": rows})


def ticker(contract: Contract, mark: Mark, view: MarketView, now: int) -> dict[str, str]:
    """Return one contract's row; open interest counts both sides, its `single` form one."""
    scale = 10.0**contract.price_decimals
    day, quote = view.day(contract, now), view.quote(contract, now)
    point = view.open_interest(contract, [now])[0]
    last, before = int(day.close[0]), int(day.open[0])
    single = point.amount
    value = single / 10.0**contract.quantity_decimals * mark.mark / scale
    hour_ago = view.price_at(contract, [now - HOUR])[0]
    perpetual = contract.perpetual
    return {
        "symbol": contract.symbol,
        "lastPrice": contract.price(last),
        "indexPrice": contract.price(mark.index),
        "markPrice": contract.price(mark.mark),
        "prevPrice24h": contract.price(before),
        "price24hPcnt": f"{last / before - 1.0:.6f}",
        "highPrice24h": contract.price(int(day.high[0])),
        "lowPrice24h": contract.price(int(day.low[0])),
        "prevPrice1h": contract.price(hour_ago),
        "openInterest": contract.quantity(2 * single),
        "openInterestValue": f"{2 * value:.2f}",
        "singleOpenInterest": contract.quantity(single),
        "singleOpenInterestValue": f"{value:.2f}",
        "turnover24h": f"{contract.turnover(int(day.quote_volume[0]))}",
        "volume24h": contract.quantity(int(day.volume[0])),
        "fundingRate": f"{mark.funding_rate:.8f}".rstrip("0") if perpetual else "",
        "nextFundingTime": str(mark.next_funding) if perpetual else "0",
        "predictedDeliveryPrice": "",
        "basisRate": "" if perpetual else f"{mark.mark / mark.index - 1.0:.8f}",
        "deliveryFeeRate": "" if perpetual else "0",
        "deliveryTime": "0" if contract.perpetual and not contract.delisting_announced
        else str(contract.settles),
        "ask1Size": contract.quantity(quote.ask_volume) if quote else "",
        "bid1Price": contract.price(quote.bid) if quote else "",
        "ask1Price": contract.price(quote.ask) if quote else "",
        "bid1Size": contract.quantity(quote.bid_volume) if quote else "",
        "basis": "" if perpetual else f"{(mark.mark - mark.index) / scale:.2f}",
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
        "fundingIntervalHour": str(contract.funding_hours) if perpetual else "",
        "basisRateYear": "",
        "fundingCap": f"{contract.funding_cap:g}" if perpetual else "",
    }  # fmt: skip

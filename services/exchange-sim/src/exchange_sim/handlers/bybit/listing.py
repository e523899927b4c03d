"""GET /v5/market/instruments-info: what is listed and on which terms, page by page."""

import json
from functools import lru_cache
from urllib.parse import quote

from exchange_sim.core.contracts import Contract
from exchange_sim.handlers.bybit.query import BybitRefusalError, Query
from exchange_sim.handlers.view import MarketView

_DEFAULT, _MOST = 500, 1_000
_STATUSES = {"PENDING_TRADING": "PreLaunch", "TRADING": "Trading", "SETTLING": "Closed"}
_KNOWN_STATUSES = ("PreLaunch", "Trading", "Delivering", "Closed")


def instruments(query: Query, view: MarketView, now: int) -> str:
    """Answer the contracts of one status, trading ones by default, by name.

    `simulated` is no field of Bybit's and marks this venue.
    """
    category, status = query.category(), query.text("status") or "Trading"
    if status not in _KNOWN_STATUSES:
        raise BybitRefusalError(10001, "params error: Status is invalid")
    limit = query.limit(default=_DEFAULT, most=_MOST)
    after = query.cursor().get("last", "")
    symbol, base = query.text("symbol"), query.text("baseCoin")
    chosen = sorted(
        (
            contract
            for contract in (view.contracts(now) if category == "linear" else ())
            if _STATUSES[contract.status(now)] == status
            and symbol in (None, contract.symbol)
            and base in (None, contract.base)
            and contract.symbol > after
        ),
        key=lambda contract: contract.symbol,
    )
    if symbol is not None and not chosen:
        raise BybitRefusalError(10001, "params error: symbol invalid")
    page = chosen[:limit]
    more = len(chosen) > limit
    cursor = quote(f"first={page[0].symbol}&last={page[-1].symbol}", safe="") if more else ""
    rows = ",".join(_instrument(contract, status) for contract in page)
    head = json.dumps({"category": category, "nextPageCursor": cursor, "simulated": True})
    return f'{head[:-1]},"list":[{rows}]}}'


@lru_cache(maxsize=8_192)
def _instrument(contract: Contract, status: str) -> str:
    decimals = contract.tick_decimals
    tick = f"{10.0**-decimals:.{decimals}f}"
    step = f"{10.0**-contract.quantity_decimals:.{contract.quantity_decimals}f}"
    most = contract.quantity(10.0**contract.quantity_decimals * 1_000_000)
    cap = f"{contract.funding_cap:.5f}".rstrip("0") if contract.perpetual else "0"
    announced = contract.announced if contract.listed > contract.settles else contract.listed
    return json.dumps(
        {
            "symbol": contract.symbol,
            "contractType": "LinearPerpetual" if contract.perpetual else "LinearFutures",
            "status": status,
            "baseCoin": contract.base,
            "quoteCoin": contract.quote,
            "launchTime": str(contract.announced if status == "PreLaunch" else announced),
            "deliveryTime": _delivery(contract, status),
            "deliveryFeeRate": "" if contract.perpetual else "0",
            "priceScale": str(decimals),
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "50.00", "leverageStep": "0.01"},
            "priceFilter": {
                "minPrice": tick,
                "maxPrice": f"{1_999_999:.{decimals}f}",
                "tickSize": tick,
            },
            "lotSizeFilter": {
                "maxOrderQty": most,
                "minOrderQty": step,
                "qtyStep": step,
                "postOnlyMaxOrderQty": most,
                "maxMktOrderQty": most,
                "minNotionalValue": "5",
            },
            "unifiedMarginTrade": True,
            "fundingInterval": contract.funding_hours * 60 if contract.perpetual else 0,
            "settleCoin": contract.quote,
            "copyTrading": "none" if contract.kind in ("stock", "commodity") else "both",
            "upperFundingRate": cap,
            "lowerFundingRate": f"-{cap}" if contract.perpetual else "0",
            "isPreListing": status == "PreLaunch",
            "preListingInfo": _PRE_LISTING if status == "PreLaunch" else None,
            "riskParameters": {"priceLimitRatioX": "0.05", "priceLimitRatioY": "0.1"},
            "displayName": "BTCUSDC" if contract.symbol == "BTCPERP" else "",
            "symbolType": contract.kind,
            "forbidUplWithdrawal": False,
            "symbolId": 1 + sum(contract.symbol.encode()),
        }
    )


_PRE_LISTING = {
    "curAuctionPhase": "NotStarted",
    "phases": [{"phase": "NotStarted", "startTime": "0", "endTime": ""}],
    "auctionFeeInfo": {"auctionFeeRate": "0", "takerFeeRate": "0", "makerFeeRate": "0"},
    "skipCallAuction": True,
}


def _delivery(contract: Contract, status: str) -> str:
    ends = not contract.perpetual or contract.delisting_announced or status == "Closed"
    return str(contract.settles) if ends else "0"

"""GET /v5/market/open-interest, funding/history and account-ratio: newest first, all of them."""

import json
from urllib.parse import quote

from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import HOUR, MINUTE, Timeframe
from exchange_sim.handlers.bybit.query import BybitRefusalError, Query
from exchange_sim.handlers.view import MarketView

_INTEREST_DEFAULT, _FUNDING_DEFAULT, _MOST = 50, 200, 200
_RATIO_DEFAULT, _RATIO_MOST = 50, 500


def open_interest(query: Query, view: MarketView, now: int) -> str:
    """Answer open interest on the interval's grid, back to the listing, with a cursor."""
    contract, step = query.contract(view, now), query.period("intervalTime")
    limit = query.limit(default=_INTEREST_DEFAULT, most=_MOST)
    times = _grid(query, contract, step, now, limit + 1)
    more, times = len(times) > limit, times[:limit]
    points = view.open_interest(contract, times)
    last = f"lastid={len(times)}&lasttime={times[-1] // 1000}" if more else ""
    return json.dumps(
        {
            "symbol": contract.symbol,
            "category": "linear",
            "list": [
                {
                    "openInterest": f"{2 * point.amount / 10**contract.quantity_decimals:.8f}",
                    "singleOpenInterest": contract.quantity(point.amount),
                    "timestamp": str(point.time),
                }
                for point in points
            ],
            "nextPageCursor": quote(last, safe=""),
        }
    )


def funding_history(query: Query, view: MarketView, now: int) -> str:
    """Answer past settlements up to `endTime`; a `startTime` alone is refused."""
    contract = query.contract(view, now)
    limit = query.limit(default=_FUNDING_DEFAULT, most=_MOST)
    start, end = query.integer("startTime"), query.integer("endTime")
    if start is not None and end is None:
        raise BybitRefusalError(10001, "params error: endTime is required with startTime")
    last = now if end is None else min(now, end)
    span = contract.funding_hours * HOUR * (limit + 1)
    paid = view.settlements(contract, start=last - span if start is None else start, end=last)
    rows = [
        {
            "symbol": contract.symbol,
            "fundingRate": f"{settlement.rate:.8f}",
            "fundingRateTimestamp": str(settlement.time // MINUTE * MINUTE),
        }
        for settlement in (paid if contract.perpetual else ())
    ]
    return json.dumps({"category": "linear", "list": rows[-limit:][::-1]})


def account_ratio(query: Query, view: MarketView, now: int) -> str:
    """Answer the share of accounts that are long and short."""
    contract, step = query.contract(view, now), query.period("period")
    limit = query.limit(default=_RATIO_DEFAULT, most=_RATIO_MOST)
    times = _grid(query, contract, step, now, limit)
    shares = view.long_shares(contract, times)
    rows = [
        {
            "symbol": contract.symbol,
            "buyRatio": f"{share:.4f}",
            "sellRatio": f"{1.0 - share:.4f}",
            "timestamp": str(time),
        }
        for time, share in zip(times, shares, strict=True)
    ]
    return json.dumps({"list": rows, "nextPageCursor": ""})


def _grid(
    query: Query, contract: Contract, timeframe: Timeframe, now: int, limit: int
) -> list[int]:
    step = timeframe.milliseconds
    start, end = query.integer("startTime"), query.integer("endTime")
    before = query.cursor().get("lasttime")
    last = min(now, now if end is None else end, contract.settles)
    if before is not None and before.isdigit():
        last = min(last, int(before) * 1000 - 1)
    oldest = max(contract.listed, 0 if start is None else start)
    newest = last // step * step
    return [time for time in range(newest, newest - step * limit, -step) if time >= oldest]

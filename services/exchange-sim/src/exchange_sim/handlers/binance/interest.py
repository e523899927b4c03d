"""GET /fapi/v1/fundingRate and openInterest, /futures/data/openInterestHist."""

import json

from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import DAY, HOUR, Timeframe
from exchange_sim.handlers.binance.query import BinanceRefusalError, Query
from exchange_sim.handlers.view import MarketView

_FUNDING_DEFAULT, _FUNDING_MOST = 100, 1_000
_RECENT = 8 * HOUR  # what a request without symbol and start looks back
PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_HISTORY_DEFAULT, _HISTORY_MOST = 30, 500
_HISTORY_KEPT = 30 * DAY
_SUPPLY = 190  # coins in circulation for each coin of usual open interest


def funding_rate(query: Query, view: MarketView, now: int) -> str:
    """Answer past settlements, oldest first: from `startTime`, or the latest ones."""
    start, end = query.times()
    limit = query.limit(default=_FUNDING_DEFAULT, most=_FUNDING_MOST)
    last = min(now, now if end is None else end)
    rows: list[tuple[int, str]] = []
    for contract in query.contracts(view, now):
        if contract.perpetual:
            span = contract.funding_hours * HOUR * (limit + 1)
            alone = last - (span if query.text("symbol") else _RECENT)
            rows += _settlements(contract, view, alone if start is None else start, last)
    rows.sort(key=lambda row: row[0])
    chosen = rows[-limit:] if start is None else rows[:limit]
    return "[" + ",".join(row for _, row in chosen) + "]"


def open_interest(query: Query, view: MarketView, now: int) -> str:
    """Answer the open interest of one contract, in its base asset."""
    contract = query.contract(view, now)
    point = view.open_interest(contract, [now])[0]
    amount = contract.quantity(point.amount)
    return json.dumps({"symbol": contract.symbol, "openInterest": amount, "time": now})


def open_interest_history(query: Query, view: MarketView, now: int) -> str:
    """Answer open interest on the period's grid, oldest first, of the latest 30 days only."""
    contract, period = query.contract(view, now), query.period(PERIODS)
    times = history_times(query, contract, period, now)
    supply = f"{contract.typical_open_interest * _SUPPLY:.8f}"
    scale = 10.0**contract.quantity_decimals
    return json.dumps(
        [
            {
                "symbol": contract.symbol,
                "sumOpenInterest": f"{point.amount / scale:.8f}",
                "sumOpenInterestValue": f"{point.value:.14f}",
                "CMCCirculatingSupply": supply,
                "timestamp": point.time,
            }
            for point in view.open_interest(contract, times)
        ]
    )


def history_times(query: Query, contract: Contract, period: Timeframe, now: int) -> list[int]:
    """Return the times on the period's grid that a request for statistics asks for."""
    limit = query.limit(default=_HISTORY_DEFAULT, most=_HISTORY_MOST)
    start, end = query.times()
    if start is not None and start < now - _HISTORY_KEPT:
        raise BinanceRefusalError(-1130, "parameter 'startTime' is invalid.")
    step = period.milliseconds
    last = min(now, now if end is None else end, contract.settles) // step * step
    oldest = max(now - _HISTORY_KEPT, contract.listed, 0 if start is None else start)
    times = list(range(-(-oldest // step) * step, last + 1, step))
    return times[-limit:] if start is None else times[:limit]


def _settlements(
    contract: Contract, view: MarketView, start: int, end: int
) -> list[tuple[int, str]]:
    settlements = view.settlements(contract, start=start, end=end)
    prices = view.price_at(contract, [settlement.time for settlement in settlements])
    scale = 10.0**contract.price_decimals
    return [
        (
            settlement.time,
            json.dumps(
                {
                    "symbol": contract.symbol,
                    "fundingTime": settlement.time,
                    "fundingRate": f"{settlement.rate:.8f}",
                    "markPrice": f"{price / scale:.8f}",
                    "rateType": "Regular",
                }
            ),
        )
        for settlement, price in zip(settlements, prices, strict=True)
    ]

"""GET /futures/data/globalLongShortAccountRatio and takerlongshortRatio."""

import json

from exchange_sim.handlers.binance.interest import PERIODS, history_times
from exchange_sim.handlers.binance.query import Query
from exchange_sim.handlers.view import MarketView


def accounts(query: Query, view: MarketView, now: int) -> str:
    """Answer the share of accounts that are long and short, oldest first."""
    contract, period = query.contract(view, now), query.period(PERIODS)
    times = history_times(query, contract, period, now)
    shares = view.long_shares(contract, times)
    return json.dumps(
        [
            {
                "symbol": contract.symbol,
                "longShortRatio": f"{share / (1.0 - share):.4f}",
                "longAccount": f"{share:.4f}",
                "shortAccount": f"{1.0 - share:.4f}",
                "timestamp": str(time),
            }
            for time, share in zip(times, shares, strict=True)
        ]
    )


def takers(query: Query, view: MarketView, now: int) -> str:
    """Answer the takers' buy and sell volumes of each closed period, oldest first."""
    contract, period = query.contract(view, now), query.period(PERIODS)
    times = history_times(query, contract, period, now)
    if not times:
        return "[]"
    bars = view.candles(
        contract.symbol, period, now=now, limit=len(times) + 1, start=times[0] - period.milliseconds
    )
    rows = zip(
        (bars.open_time + period.milliseconds).tolist(),
        bars.taker_volume.tolist(),
        bars.volume.tolist(),
        strict=True,
    )
    return json.dumps(
        [
            {
                "buySellRatio": f"{bought / max(volume - bought, 1):.4f}",
                "buyVol": contract.quantity(bought),
                "sellVol": contract.quantity(volume - bought),
                "timestamp": str(time),
            }
            for time, bought, volume in rows
            if time <= times[-1]
        ]
    )

"""What an archive file contains: the rows of a CSV, as each kind of file writes them."""

from datetime import UTC, datetime

from exchange_sim.core.archives import Archive
from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import MINUTE
from exchange_sim.handlers.binance.spot import spot_rows
from exchange_sim.handlers.view import MarketView

_CANDLES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore"
)
_FUNDING = "calc_time,funding_interval_hours,last_funding_rate"
_METRICS = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,"
    "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
    "sum_taker_long_short_vol_ratio"
)
_HEADERS = {"klines": _CANDLES, "fundingRate": _FUNDING, "metrics": _METRICS}
_EIGHT = "%d,%.8f,%.8f,%.8f,%.8f,%.8f,%d,%.8f,%d,%.8f,%.8f,0"
_FIVE_MINUTES = 5 * MINUTE


def content(archive: Archive, contract: Contract, view: MarketView, now: int) -> str | None:
    """Return the file as text, None when nothing was traded in its days."""
    rows = {"klines": _candles, "fundingRate": _funding, "metrics": _metrics}[archive.kind](
        archive, contract, view, now
    )
    if not rows:
        return None
    head = [_HEADERS[archive.kind]] if archive.header else []
    return "\n".join([*head, *rows]) + "\n"


def _candles(archive: Archive, contract: Contract, view: MarketView, now: int) -> list[str]:
    bars = view.candles(
        contract.symbol,
        archive.timeframe,
        now=now,
        limit=(archive.end - archive.start) // archive.timeframe.milliseconds + 1,
        start=archive.start,
        end=archive.end - 1,
    )
    row = _EIGHT
    if archive.market == "futures":
        p, q = contract.price_decimals, contract.quantity_decimals
        prices = ",".join([f"%.{p}f"] * 4)
        row = f"%d,{prices},%.{q}f,%d,%.{p + q}f,%d,%.{q}f,%.{p + q}f,0"
    return spot_rows(bars, contract, archive.timeframe, row=row, unit=archive.time_unit)


def _funding(archive: Archive, contract: Contract, view: MarketView, now: int) -> list[str]:
    paid = view.settlements(contract, start=archive.start, end=min(archive.end - 1, now))
    return [f"{row.time},{contract.funding_hours},{row.rate:.8f}" for row in paid]


def _metrics(archive: Archive, contract: Contract, view: MarketView, now: int) -> list[str]:
    first = max(archive.start, contract.listed)
    times = list(range(first, min(archive.end, contract.settles, now + 1), _FIVE_MINUTES))
    scale = 10.0**contract.quantity_decimals
    shares = view.long_shares(contract, times)
    return [
        f"{datetime.fromtimestamp(point.time / 1000, UTC):%Y-%m-%d %H:%M:%S},{contract.symbol},"
        f"{point.amount / scale:.16f},{point.value:.16f},,,{share / (1.0 - share):.8f},"
        for point, share in zip(view.open_interest(contract, times), shares, strict=True)
    ]

"""Derivatives, indicators on demand, and the whole market as facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ai_analyst.core.facts.building import Pen
from ai_analyst.core.facts.datum import Datum, Unit
from common.domain import Barometer, Derivatives, ScanCompleted

_INDICATORS: Final = {
    "rsi": Unit.LEVEL,
    "stoch_rsi_k": Unit.LEVEL,
    "stoch_rsi_d": Unit.LEVEL,
    "macd": Unit.PRICE,
    "macd_signal": Unit.PRICE,
    "macd_histogram": Unit.PRICE,
    "ema_9": Unit.PRICE,
    "ema_50": Unit.PRICE,
    "ema_200": Unit.PRICE,
    "supertrend": Unit.PRICE,
    "atr_percent": Unit.PERCENT,
    "bollinger_upper": Unit.PRICE,
    "bollinger_middle": Unit.PRICE,
    "bollinger_lower": Unit.PRICE,
    "relative_volume": Unit.MULTIPLE,
}
"""Columns of a frame that are told as facts; what a signal already carries is left to it."""


def indicator_facts(
    symbol: str, timeframe: str, row: Mapping[str, float | None], *, closed_at: datetime
) -> tuple[Datum, ...]:
    """Write the newest closed row of one timeframe; a column that is not there is missing."""
    pen = Pen(symbol, closed_at)
    for name, unit in _INDICATORS.items():
        pen.write(f"{timeframe}.{name}", row.get(name), unit, timeframe=timeframe)
    return tuple(pen.facts)


def derivatives_facts(derivatives: Derivatives) -> tuple[Datum, ...]:
    """Write funding, basis, open interest with its changes and who is long, each with its time."""
    told = derivatives
    pen = Pen(told.symbol, told.observed_at)
    pen.write("funding", _percent(told.funding_rate), Unit.PERCENT, note="next settlement")
    pen.write("funding_interval", told.funding_interval_hours, Unit.HOURS)
    pen.write("funding_8h", _percent(told.funding_rate_8h), Unit.PERCENT, timeframe="8h",
              note="per 8 hours")  # fmt: skip
    pen.write("funding_year", _percent(told.funding_rate_year), Unit.PERCENT, timeframe="year",
              note="per year, not compounded")  # fmt: skip
    pen.write("next_funding", told.next_funding_at, Unit.TIME)
    pen.write("mark", told.mark_price, Unit.PRICE)
    pen.write("index", told.index_price, Unit.PRICE)
    pen.write("basis", told.basis_bps, Unit.BPS, note="mark over index")
    counted = Pen(told.symbol, told.open_interest_at or told.observed_at)
    counted.write("open_interest", told.open_interest, Unit.AMOUNT)
    counted.write("open_interest_usd", told.open_interest_usd, Unit.USD, concept="open_interest")
    for window, change, in_usd in (
        ("1h", told.open_interest_change_1h, told.open_interest_usd_change_1h),
        ("4h", told.open_interest_change_4h, told.open_interest_usd_change_4h),
        ("24h", told.open_interest_change_24h, told.open_interest_usd_change_24h),
    ):
        for name, told_change, what in (
            ("open_interest_change", change, "contracts"),
            ("open_interest_usd_change", in_usd, "value"),
        ):
            counted.write(f"{name}_{window}", _percent(told_change), Unit.PERCENT, concept=name,
                          timeframe=window, note=what)  # fmt: skip
    counted.write("price_change_4h", _percent(told.price_change_4h), Unit.PERCENT,
                  concept="price_change", timeframe="4h")  # fmt: skip
    quadrant = told.quadrant_4h
    counted.write("quadrant_4h", quadrant and str(quadrant), Unit.WORD, concept="quadrant",
                  timeframe="4h", note="price and open interest over 4 h")  # fmt: skip
    positioned = Pen(told.symbol, told.long_short_at or told.observed_at)
    positioned.write("long_share", told.long_share, Unit.SHARE, note="of accounts with a position")
    positioned.write("long_short_ratio", told.long_short_ratio, Unit.MULTIPLE,
                     note="long accounts for each short one")  # fmt: skip
    return (*pen.facts, *counted.facts, *positioned.facts)


def missing_derivatives(symbol: str, now: datetime) -> tuple[Datum, ...]:
    """Say that nothing is known of a contract's funding and open interest."""
    pen = Pen(symbol, now)
    for name in ("funding", "funding_8h", "open_interest"):
        pen.write(name, None, Unit.PERCENT)
    return tuple(pen.facts)


def barometer_facts(barometer: Barometer) -> tuple[Datum, ...]:
    """Write the breadth and BTC's part in it."""
    pen = Pen("", barometer.as_of)
    pen.write("share_long", barometer.share_long, Unit.SHARE,
              note="share of contracts with a score above zero")  # fmt: skip
    pen.write("mean_trend", barometer.mean_trend, Unit.POINTS)
    pen.write("btc_trend", barometer.btc_trend, Unit.POINTS)
    pen.write("btc_regime", barometer.btc_regime, Unit.WORD)
    pen.write("scored", barometer.counted, Unit.COUNT)
    return tuple(pen.facts)


def scan_facts(completed: ScanCompleted) -> tuple[Datum, ...]:
    """Write what the last scan came to, and when the next is due."""
    pen = Pen("", completed.as_of)
    pen.write("scan.as_of", completed.as_of, Unit.TIME)
    pen.write("scan.next_close", completed.next_close, Unit.TIME)
    pen.write("scan.universe", completed.universe, Unit.COUNT)
    pen.write("scan.plans", len(completed.planned), Unit.COUNT)
    pen.write("scan.blocked", len(completed.blocked), Unit.COUNT)
    pen.write("scan.no_setup", len(completed.no_setup), Unit.COUNT)
    pen.write("scan.no_data", len(completed.no_data), Unit.COUNT)
    pen.write("scan.failures", len(completed.failures), Unit.COUNT)
    pen.write("scan.duration", completed.duration_seconds, Unit.SECONDS)
    return (*pen.facts, *barometer_facts(completed.barometer))


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else fraction * 100

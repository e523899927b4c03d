"""Gates about the contract and its data: can it be traded, and can the numbers be believed."""

from collections.abc import Mapping

from common.domain import (
    Derivatives,
    Direction,
    Gate,
    Instrument,
    Quality,
    Timeframe,
)
from common.domain.judging import measure, not_evaluated, refuse_above, refuse_below
from signals.core.gates import defects
from signals.core.rules import GateRules

_MILLION = 1e6


def liquidity(instrument: Instrument, rules: GateRules) -> Gate:
    """Refuse thin contracts: too little turnover, or a spread that eats the plan.

    Shows the spread when that alone refuses, the turnover otherwise.
    """
    turnover, spread = instrument.quote_volume_24h, instrument.spread_bps
    name = "spread" if spread is not None else "spread (assumed)"
    width = rules.assumed_spread_bps if spread is None else spread
    million = f"M {instrument.quote}"
    volume = "not known" if turnover is None else measure(turnover / _MILLION, million)
    detail = f"24h volume is {volume}, {name} is {measure(width, 'bps')}"
    enough = turnover is None or turnover >= rules.liquidity_quote_volume
    if enough and width > rules.liquidity_spread_bps:
        return refuse_above(
            "liquidity", width, rules.liquidity_spread_bps, what=name, unit="bps", detail=detail
        )
    if turnover is None:
        least = rules.liquidity_quote_volume / _MILLION
        return not_evaluated("liquidity", detail, least, million)
    return refuse_below(
        "liquidity",
        turnover / _MILLION,
        rules.liquidity_quote_volume / _MILLION,
        what="24h volume",
        unit=million,
        detail=detail,
    )


def funding(derivatives: Derivatives | None, direction: Direction | None, rules: GateRules) -> Gate:
    """Refuse the side that pays an extreme funding rate (per eight hours)."""
    rate = None if derivatives is None else derivatives.funding_rate_8h
    if direction is None:
        return not_evaluated("funding", "no direction", rules.funding_percent, "%")
    return refuse_above(
        "funding",
        None if rate is None else direction.sign * rate * 100.0,
        rules.funding_percent,
        what=f"8h funding paid by a {direction}",
        unit="%",
    )


def quality(found: Quality, rules: GateRules) -> Gate:
    """Refuse when the candles cannot be trusted, and name what is wrong with them."""
    named = defects.told(found.defects) if found.score < 1.0 else ""
    return refuse_below(
        "quality",
        found.score,
        rules.quality,
        what="data quality",
        detail=f"data quality {measure(found.score)}, at least {measure(rules.quality)}"
        + (f": {named}" if named else ""),
    )


def coverage(share: float, rules: GateRules) -> Gate:
    """Refuse when too few votes could be cast."""
    return refuse_below("coverage", share, rules.coverage, what="share of votes that could be cast")


def history(bars: Mapping[Timeframe, int], rules: GateRules) -> Gate:
    """Refuse when a timeframe has too few candles to be judged by; shows the shortest."""
    found = [
        (bars.get(timeframe, 0), needed, timeframe)
        for timeframe, needed in (
            (Timeframe.H1, rules.history_1h),
            (Timeframe.H4, rules.history_4h),
            (Timeframe.D1, rules.history_1d),
        )
    ]
    count, needed, timeframe = min(found, key=lambda one: one[0] / one[1])
    return refuse_below(
        "history",
        float(count),
        float(needed),
        what=f"{timeframe} history",
        unit="bars",
        timeframe=timeframe,
        detail="closed candles: " + ", ".join(f"{one[2]} {one[0]}" for one in found),
    )

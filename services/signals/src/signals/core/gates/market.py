"""Gates about the contract and its data: can it be traded, and can the numbers be believed."""

from collections.abc import Mapping

from common.domain import (
    Derivatives,
    Direction,
    Gate,
    Instrument,
    Quality,
    Timeframe,
    Verdict,
)
from common.domain.judging import measure, not_evaluated, refuse_above, refuse_below
from signals.core.rules import GateRules

_MILLION = 1e6


def liquidity(instrument: Instrument, rules: GateRules) -> Gate:
    """Refuse thin contracts: too little turnover, or a spread that eats the plan."""
    turnover = instrument.quote_volume_24h
    unit = f"M {instrument.quote}"
    volume = refuse_below(
        "liquidity",
        None if turnover is None else turnover / _MILLION,
        rules.liquidity_quote_volume / _MILLION,
        what="24h volume",
        unit=unit,
    )
    assumed = instrument.spread_bps is None
    spread = refuse_above(
        "liquidity",
        rules.assumed_spread_bps if instrument.spread_bps is None else instrument.spread_bps,
        rules.liquidity_spread_bps,
        what="spread (assumed)" if assumed else "spread",
        unit="bps",
    )
    shown = (
        spread
        if spread.verdict is Verdict.REFUSED and volume.verdict is not Verdict.REFUSED
        else volume
    )
    return shown.model_copy(update={"detail": f"{volume.detail}, {spread.detail}"})


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
    """Refuse when the candles cannot be trusted."""
    named = ", ".join(
        f"{defect.count} × {defect.name}" + (f" ({defect.timeframe})" if defect.timeframe else "")
        for defect in found.defects
    )
    return refuse_below(
        "quality",
        found.score,
        rules.quality,
        what="data quality",
        detail=f"data quality is {measure(found.score)}" + (f": {named}" if named else ""),
    )


def coverage(share: float, rules: GateRules) -> Gate:
    """Refuse when too few votes could be cast."""
    return refuse_below("coverage", share, rules.coverage, what="share of votes that could be cast")


def history(bars: Mapping[Timeframe, int], rules: GateRules) -> Gate:
    """Refuse when a timeframe has too few candles to be judged by; shows the shortest."""
    needed = {
        Timeframe.H1: rules.history_1h,
        Timeframe.H4: rules.history_4h,
        Timeframe.D1: rules.history_1d,
    }
    shortest = min(needed, key=lambda timeframe: bars.get(timeframe, 0) / needed[timeframe])
    counted = ", ".join(f"{timeframe} {bars.get(timeframe, 0)}" for timeframe in needed)
    return refuse_below(
        "history",
        float(bars.get(shortest, 0)),
        float(needed[shortest]),
        what=f"{shortest} history",
        unit="bars",
        timeframe=shortest,
        detail=f"closed candles: {counted}",
    )

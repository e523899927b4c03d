"""Gates that look around the setup: the higher timeframe, the regime, the market's leader."""

from typing import Final

from common.domain import (
    ANCHOR,
    Barometer,
    Direction,
    Gate,
    Regime,
    Timeframe,
    TimeframeReading,
    Verdict,
)
from common.domain.judging import measure, not_evaluated, refuse_below
from signals.core.rules import GateRules
from signals.core.terms import difference

_LEADER: Final = "BTC"
_AGAINST: Final = {
    Regime.TRENDING_UP: Direction.SHORT,
    Regime.TRENDING_DOWN: Direction.LONG,
}


def htf_conflict(daily: TimeframeReading, direction: Direction | None, rules: GateRules) -> Gate:
    """Refuse to trade against a clear daily trend."""
    trend = daily.trend_score
    if direction is None:
        return not_evaluated(
            "htf_conflict", "no direction", -rules.htf_conflict, "points", Timeframe.D1
        )
    return refuse_below(
        "htf_conflict",
        None if trend is None else direction.sign * trend,
        -rules.htf_conflict,
        what=f"1d trend in favour of a {direction}",
        unit="points",
        timeframe=Timeframe.D1,
    )


def regime_conflict(
    anchor: TimeframeReading, direction: Direction | None, rules: GateRules
) -> Gate:
    """Refuse to trade against the anchor's trend, or inside a range that leans nowhere."""
    reading = anchor.regime
    if reading is None or direction is None:
        return not_evaluated("regime_conflict", "the 4h regime is not known", timeframe=ANCHOR)
    if reading.regime in _AGAINST:
        lead = difference(reading.plus_di, reading.minus_di)
        return refuse_below(
            "regime_conflict",
            None if lead is None else direction.sign * lead,
            0.0,
            what=f"4h +DI − −DI in favour of a {direction}",
            unit="points",
            timeframe=ANCHOR,
            detail=f"4h is {reading.regime.replace('_', ' ')}",
        )
    strength = None if anchor.trend_score is None else abs(anchor.trend_score)
    if reading.regime is Regime.HIGH_VOLATILITY:
        return Gate(
            name="regime_conflict",
            verdict=Verdict.PASSED,
            value=strength,
            unit="points",
            timeframe=ANCHOR,
            detail="4h is high volatility: neither a trend to oppose nor a range",
            flip="refused when 4h trends the other way or ranges without a lean",
        )
    return refuse_below(
        "regime_conflict",
        strength,
        rules.regime_conflict,
        what="4h trend of either sign",
        unit="points",
        timeframe=ANCHOR,
        detail="" if strength is None else f"4h ranges, its trend is {measure(strength, 'points')}",
    )


def btc_conflict(
    base: str, direction: Direction | None, barometer: Barometer | None, rules: GateRules
) -> Gate:
    """Refuse an altcoin against a strong trend of BTC, as the previous scan found it."""
    trend = None if barometer is None else barometer.btc_trend
    if base == _LEADER:
        why = "BTC is not held against itself"
    elif trend is None:
        why = "no earlier scan knows BTC's trend"
    elif direction is None:
        why = "no direction"
    else:
        return refuse_below(
            "btc_conflict",
            direction.sign * trend,
            -rules.btc_conflict,
            what=f"BTC trend in favour of a {direction}",
            unit="points",
        )
    return not_evaluated("btc_conflict", why, -rules.btc_conflict, "points")

"""Conviction from 0 to 100, with every factor that made it. It is not a probability."""

from collections.abc import Sequence

from common.domain import ANCHOR, Barometer, Factor, Quality, Regime, Source, TimeframeReading
from signals.core.consensus import Consensus
from signals.core.rules import SignalRules
from signals.core.terms import clip, weighted_mean


def weigh_confidence(
    consensus: Consensus,
    readings: Sequence[TimeframeReading],
    quality: Quality,
    barometer: Barometer | None,
    rules: SignalRules,
) -> tuple[float | None, tuple[Factor, ...]]:
    """Return the confidence and its factors; None without a direction to be convinced of."""
    if consensus.score is None or consensus.direction is None:
        return None, ()
    parts = rules.confidence
    terms = {
        "agreement": (parts.agreement, _agreement(readings, consensus.sign)),
        "score_strength": (parts.score, min(1.0, abs(consensus.score) / parts.full_score)),
        "regime_fit": (parts.regime, _regime_fit(readings, consensus.sign, rules)),
    }
    factors = {
        "coverage": consensus.coverage,
        "quality": quality.score,
        "high_volatility": (
            parts.high_volatility if consensus.regime is Regime.HIGH_VOLATILITY else 1.0
        ),
        "btc_conflict": _btc_factor(barometer, consensus.sign, rules),
        "source": parts.spot if quality.source is Source.SPOT else 1.0,
    }
    confidence = 100.0 * (weighted_mean(terms.values()) or 0.0)
    for factor in factors.values():
        confidence *= factor
    named = {name: value for name, (_, value) in terms.items() if value is not None} | factors
    return (
        clip(confidence, 0.0, 100.0),
        tuple(Factor(name=name, value=value) for name, value in named.items()),
    )


def _agreement(readings: Sequence[TimeframeReading], sign: int) -> float | None:
    return weighted_mean(
        [
            (reading.weight * vote.weight, 1.0 if vote.value * sign > 0.0 else 0.0)
            for reading in readings
            for vote in reading.votes
            if vote.value is not None
        ]
    )


def _regime_fit(
    readings: Sequence[TimeframeReading], sign: int, rules: SignalRules
) -> float | None:
    anchor = next((reading for reading in readings if reading.timeframe is ANCHOR), None)
    if anchor is None or anchor.regime is None or anchor.trend_score is None:
        return None
    trendiness = anchor.regime.trendiness
    # also under the high-volatility label, which hides whether it trends or ranges
    if trendiness < rules.regime.trend_from:
        return 1.0 - trendiness
    return trendiness if sign * anchor.trend_score > 0.0 else 0.0


def _btc_factor(barometer: Barometer | None, sign: int, rules: SignalRules) -> float:
    if barometer is None or barometer.btc_trend is None:
        return 1.0
    against = sign * barometer.btc_trend < -rules.confidence.btc_conflict_trend
    return rules.confidence.btc_conflict if against else 1.0

"""One timeframe read: its regime, its votes, its score and its trend."""

from dataclasses import dataclass

from common.domain import TimeframeReading
from signals.core.regime import read_regime
from signals.core.rules import SignalRules
from signals.core.terms import difference, ratio
from signals.core.trend import read_trend
from signals.core.votes import cast_votes, count_votes, vote_weights
from signals.core.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one timeframe says, and how much of its vote could be cast."""

    told: TimeframeReading
    coverage: float


def read_timeframe(window: Window, reference: float | None, rules: SignalRules) -> Reading:
    """Score one timeframe by its own regime; what cannot be known is None."""
    row = window.last
    regime = read_regime(row, rules.regime)
    trendiness = rules.regime.unknown_trendiness if regime is None else regime.trendiness
    values = cast_votes(row, trendiness, rules.votes)
    votes, consensus, coverage = count_votes(values, vote_weights(trendiness, rules.votes))
    parts, trend = read_trend(window, values["ema_trend"], values["supertrend"], rules.trend)
    return Reading(
        told=TimeframeReading(
            timeframe=window.timeframe,
            weight=rules.timeframes.weight(window.timeframe),
            bars=window.bars,
            close=row.close,
            atr=row.atr,
            ema_21=row.ema_21,
            distance_to_ema_21_atr=ratio(difference(reference, row.ema_21), row.atr),
            regime=regime,
            votes=votes,
            score=None if consensus is None else 100.0 * consensus,
            trend_parts=parts,
            trend_score=trend,
        ),
        coverage=coverage,
    )

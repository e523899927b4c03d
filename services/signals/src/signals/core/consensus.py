"""All timeframes together: the fused score, its corrections, and whether it is strong enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.domain import ANCHOR, Direction, Modifier, Regime
from signals.core.reading import Reading
from signals.core.rules import ScoreRules
from signals.core.terms import clip, weighted_mean
from signals.core.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """What the timeframes agree on."""

    score: float | None
    trend: float | None
    coverage: float
    regime: Regime | None
    direction: Direction | None
    modifiers: tuple[Modifier, ...]
    candidate: bool
    threshold: float

    @property
    def sign(self) -> int:
        """+1 long, −1 short, 0 when there is no direction."""
        return 0 if self.direction is None else self.direction.sign


def fuse(readings: Sequence[Reading], anchor: Window, rules: ScoreRules) -> Consensus:
    """Weigh the timeframes; those without a single vote are left out and lower the coverage."""
    told = [reading.told for reading in readings]
    votes = _points([(one.weight, one.score) for one in told])
    total = sum(one.weight for one in told)
    present = sum(reading.told.weight * reading.coverage for reading in readings)
    regime = next(
        (one.regime.regime for one in told if one.timeframe is ANCHOR and one.regime), None
    )
    modifiers = () if votes is None else tuple(_modifiers(anchor, votes, rules))
    score = None if votes is None else clip(votes + sum(m.points for m in modifiers), -100.0, 100.0)
    threshold = (
        rules.candidate_high_volatility if regime is Regime.HIGH_VOLATILITY else rules.candidate
    )
    return Consensus(
        score=score,
        trend=_points([(one.weight, one.trend_score) for one in told]),
        coverage=min(1.0, present / total) if total > 0.0 else 0.0,
        regime=regime,
        direction=_direction(score),
        modifiers=modifiers,
        candidate=score is not None and abs(score) >= threshold,
        threshold=threshold,
    )


def _modifiers(anchor: Window, votes: float, rules: ScoreRules) -> list[Modifier]:
    found: list[Modifier] = []
    if anchor.patterns:
        # of equals the one that agrees with the votes, so that a mirrored market decides alike
        strongest = max(anchor.patterns, key=lambda one: (abs(one.strength), one.strength * votes))
        points = rules.pattern_points * clip(strongest.strength)
        found.append(Modifier(name=strongest.name, points=points))
    streak = anchor.last.ha_streak
    if streak is not None and abs(streak) >= rules.heikin_ashi_streak:
        points = rules.heikin_ashi_points if streak > 0 else -rules.heikin_ashi_points
        found.append(Modifier(name="heikin_ashi_streak", points=points))
    return found


def _points(terms: Sequence[tuple[float, float | None]]) -> float | None:
    mean = weighted_mean(terms)
    return None if mean is None else clip(mean, -100.0, 100.0)


def _direction(score: float | None) -> Direction | None:
    if not score:
        return None
    return Direction.LONG if score > 0.0 else Direction.SHORT

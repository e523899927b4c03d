"""Six opinions on one timeframe, each from −1 (short) to +1 (long), None without data."""

from collections.abc import Mapping
from typing import Final

from common.domain import Vote
from signals.core.rules import VoteRules
from signals.core.terms import clip, clipped_ratio, difference, ratio, sign, weighted_mean
from signals.core.window import Row

_NOISE: Final = 1e-9
"""A saturated K and D differ by rounding alone: that is no turn."""


def cast_votes(row: Row, trendiness: float, rules: VoteRules) -> dict[str, float | None]:
    """Ask every indicator for its vote, by name."""
    return {
        "ema_trend": _ema_trend(row, rules),
        "macd": _macd(row, rules),
        "rsi": _rsi(row.rsi, trendiness, rules),
        "stoch_rsi": _stoch_rsi(row.stoch_rsi_k, row.stoch_rsi_d, trendiness, rules),
        "obv": clipped_ratio(
            difference(row.obv, row.obv_ema_21),
            None if row.volume_sma_20 is None else rules.obv_volumes * row.volume_sma_20,
        ),
        "supertrend": _as_vote(sign(row.supertrend_direction)),
    }


def vote_weights(trendiness: float, rules: VoteRules) -> dict[str, float]:
    """Mix the weights of trend and range by how much of a trend there is."""
    ranging = rules.range.by_name
    return {
        name: trendiness * weight + (1.0 - trendiness) * ranging[name]
        for name, weight in rules.trend.by_name.items()
    }


def count_votes(
    values: Mapping[str, float | None], weights: Mapping[str, float]
) -> tuple[tuple[Vote, ...], float | None, float]:
    """Return the votes with their renormalised weights, their sum, and the share that was cast."""
    weighed = [(weights[name], value) for name, value in values.items()]
    cast = sum([weight for weight, value in weighed if value is not None])
    total = sum(weights.values())
    consensus = weighted_mean(weighed)
    votes = [
        Vote(
            name=name,
            value=value,
            # rounding must not push a share past the whole
            weight=clip(weights[name] / cast, 0.0, 1.0) if value is not None and cast else 0.0,
        )
        for name, value in values.items()
    ]
    return (
        tuple(votes),
        None if consensus is None else clip(consensus),
        clip(cast / total, 0.0, 1.0) if total > 0.0 else 0.0,
    )


def _ema_trend(row: Row, rules: VoteRules) -> float | None:
    atr = row.atr
    mean = weighted_mean(
        (
            (1.0, _in_atr(difference(row.ema_9, row.ema_21), atr, rules.ema_9_21_atr)),
            (1.0, _in_atr(difference(row.ema_21, row.ema_50), atr, rules.ema_21_50_atr)),
            (1.0, _in_atr(difference(row.ema_50, row.ema_200), atr, rules.ema_50_200_atr)),
        )
    )
    return None if mean is None else clip(mean)


def _macd(row: Row, rules: VoteRules) -> float | None:
    share = rules.macd_histogram_share
    mean = weighted_mean(
        (
            (share, _in_atr(row.macd_histogram, row.atr, rules.macd_histogram_atr)),
            (1.0 - share, _in_atr(row.macd, row.atr, rules.macd_line_atr)),
        )
    )
    return None if mean is None else clip(mean)


def _rsi(rsi: float | None, trendiness: float, rules: VoteRules) -> float | None:
    if rsi is None:
        return None
    trend = clip((rsi - 50.0) / rules.rsi_trend_span)
    oversold = clip((rules.rsi_oversold - rsi) / rules.rsi_range_span, 0.0, 1.0)
    overbought = clip((rsi - rules.rsi_overbought) / rules.rsi_range_span, 0.0, 1.0)
    return clip(trendiness * trend + (1.0 - trendiness) * (oversold - overbought))


def _stoch_rsi(
    fast: float | None, slow: float | None, trendiness: float, rules: VoteRules
) -> float | None:
    if fast is None or slow is None:
        return None
    turn = fast - slow
    room = 50.0 - fast
    turned = 1.0 if turn * room > _NOISE else rules.stoch_unturned
    trend = clip(turn / rules.stoch_trend_span)
    fade = clip(room / rules.stoch_range_span) * turned
    return clip(trendiness * trend + (1.0 - trendiness) * fade)


def _in_atr(value: float | None, atr: float | None, span: float) -> float | None:
    distance = ratio(value, atr)
    return None if distance is None else clip(distance / span)


def _as_vote(direction: int | None) -> float | None:
    return None if direction is None else float(direction)

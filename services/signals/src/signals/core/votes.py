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
    ranging = dict(rules.range)
    return {
        name: trendiness * weight + (1.0 - trendiness) * ranging[name]
        for name, weight in rules.trend
    }


def count_votes(
    values: Mapping[str, float | None], weights: Mapping[str, float]
) -> tuple[tuple[Vote, ...], float | None, float]:
    """Return the votes with their renormalised weights, their sum, and the share that was cast."""
    cast = sum(weights[name] for name, value in values.items() if value is not None)
    votes = tuple(
        Vote(
            name=name,
            value=value,
            weight=min(1.0, weights[name] / cast) if value is not None and cast > 0.0 else 0.0,
        )
        for name, value in values.items()
    )
    total = sum(weights.values())
    return (
        votes,
        weighted_mean((weights[name], value) for name, value in values.items()),
        min(1.0, cast / total) if total > 0.0 else 0.0,
    )


def _ema_trend(row: Row, rules: VoteRules) -> float | None:
    return weighted_mean(
        (1.0, _in_atr(difference(fast, slow), row.atr, span))
        for fast, slow, span in (
            (row.ema_9, row.ema_21, rules.ema_9_21_atr),
            (row.ema_21, row.ema_50, rules.ema_21_50_atr),
            (row.ema_50, row.ema_200, rules.ema_50_200_atr),
        )
    )


def _macd(row: Row, rules: VoteRules) -> float | None:
    share = rules.macd_histogram_share
    return weighted_mean(
        (
            (share, _in_atr(row.macd_histogram, row.atr, rules.macd_histogram_atr)),
            (1.0 - share, _in_atr(row.macd, row.atr, rules.macd_line_atr)),
        )
    )


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

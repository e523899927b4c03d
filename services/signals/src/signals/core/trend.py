"""The trend score of one timeframe, −100 to +100: five parts, each visible, each monotone."""

from common.domain import TrendPart
from signals.core.rules import TrendRules
from signals.core.terms import clip, clipped_ratio, difference, sign, weighted_mean
from signals.core.window import Window


def read_trend(
    window: Window, ema_vote: float | None, supertrend_vote: float | None, rules: TrendRules
) -> tuple[tuple[TrendPart, ...], float | None]:
    """Return the parts with renormalised weights, and the score; None when no part is known."""
    row = window.last
    parts = (
        ("ema", rules.ema, ema_vote),
        (
            "slope",
            rules.slope,
            clipped_ratio(difference(row.ema_21, window.ema_21_before), row.atr),
        ),
        ("directional", rules.directional, _directional(window, rules)),
        ("supertrend", rules.supertrend, supertrend_vote),
        ("structure", rules.structure, _structure(window)),
    )
    known = sum([weight for _, weight, value in parts if value is not None])
    total = weighted_mean([(weight, value) for _, weight, value in parts])
    told = [
        TrendPart(
            name=name,
            value=value,
            weight=clip(weight / known, 0.0, 1.0) if value is not None and known else 0.0,
        )
        for name, weight, value in parts
    ]
    return (
        tuple(told),
        None if total is None else clip(100.0 * total, -100.0, 100.0),
    )


def _directional(window: Window, rules: TrendRules) -> float | None:
    row = window.last
    if row.adx is None or row.plus_di is None or row.minus_di is None:
        return None
    lead = clipped_ratio(row.plus_di - row.minus_di, row.plus_di + row.minus_di)
    if lead is None:
        return None
    force = clip((row.adx - rules.adx_floor) / rules.adx_span, 0.0, 1.0)
    return clip(rules.directional_gain * lead * force)


def _structure(window: Window) -> float | None:
    row = window.last
    highs = sign(difference(row.last_swing_high, row.prior_swing_high))
    lows = sign(difference(row.last_swing_low, row.prior_swing_low))
    return weighted_mean(((0.5, highs), (0.5, lows)))

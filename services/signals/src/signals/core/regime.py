"""A timeframe's regime: does it trend, does it range, is it wild."""

from common.domain import Regime, RegimeReading
from signals.core.rules import RegimeRules
from signals.core.terms import clip, difference
from signals.core.window import Row


def read_regime(row: Row, rules: RegimeRules) -> RegimeReading | None:
    """Name the regime with the numbers that decided it; None when none of them is known."""
    width = row.bollinger_width_percentile
    if row.adx is None and width is None and row.atr_percentile is None:
        return None
    squeeze = width is not None and width < rules.squeeze_percentile
    trendiness = _trendiness(row.adx, squeeze=squeeze, rules=rules)
    return RegimeReading(
        regime=_name(row, trendiness, rules),
        trendiness=trendiness,
        squeeze=squeeze,
        adx=row.adx,
        plus_di=row.plus_di,
        minus_di=row.minus_di,
        bollinger_width_percentile=width,
        atr_percentile=row.atr_percentile,
    )


def _trendiness(adx: float | None, *, squeeze: bool, rules: RegimeRules) -> float:
    if adx is None:
        return rules.unknown_trendiness
    trendiness = clip((adx - rules.adx_floor) / rules.adx_span, 0.0, 1.0)
    return min(trendiness, rules.squeeze_trendiness) if squeeze else trendiness


def _name(row: Row, trendiness: float, rules: RegimeRules) -> Regime:
    if _at_least(row.atr_percentile, rules.high_volatility_atr_percentile) or _at_least(
        row.bollinger_width_percentile, rules.high_volatility_width_percentile
    ):
        return Regime.HIGH_VOLATILITY
    lead = difference(row.plus_di, row.minus_di)
    # a trend without a direction is not one that can be traded with
    if trendiness < rules.trend_from or not lead:
        return Regime.RANGING
    return Regime.TRENDING_UP if lead > 0.0 else Regime.TRENDING_DOWN


def _at_least(value: float | None, threshold: float) -> bool:
    return value is not None and value >= threshold

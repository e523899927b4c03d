from math import prod
from typing import Any

import pytest

from common.domain import Barometer, Quality, Signal, Source
from signals.core.signal import score_frame
from tests.support.facts import barometer
from tests.unit.signals.frames import downtrend, frame, load_rules

RULES = load_rules()
_FACTORS = ("coverage", "quality", "high_volatility", "btc_conflict", "source")


def _signal(**changes: Any) -> tuple[Signal, dict[str, float]]:
    signal = score_frame(frame(**changes), RULES)
    return signal, {factor.name: factor.value for factor in signal.confidence_factors}


def _btc(trend: float | None) -> Barometer:
    return barometer().model_copy(update={"btc_trend": trend})


def test_confidence_can_be_recomputed_from_its_factors() -> None:
    signal, factors = _signal(d1=downtrend(), h4={"obv": None}, quality=Quality(score=0.9))
    terms = (
        0.5 * factors["agreement"] + 0.3 * factors["score_strength"] + 0.2 * factors["regime_fit"]
    )

    assert signal.confidence == pytest.approx(
        100 * terms * prod(factors[name] for name in _FACTORS), abs=1e-9
    )


def test_agreement_is_the_weight_share_of_the_votes_with_the_scores_sign() -> None:
    _, factors = _signal(h4={"supertrend_direction": -1.0}, h1={"obv": -9000.0})

    assert factors["agreement"] == pytest.approx(1 - 0.45 * 0.25 - 0.20 * 0.15)


def test_score_strength_is_full_at_80() -> None:
    signal, factors = _signal(d1=downtrend())

    assert factors["score_strength"] == pytest.approx(min(1, abs(signal.score or 0) / 80))
    assert _signal()[1]["score_strength"] == 1.0


@pytest.mark.parametrize(
    ("anchor", "fit"),
    [
        ({"adx": 24.0}, 0.8),  # a trend with the trade
        ({"adx": 21.0}, 0.8),  # a range: 1 − t
        ({"adx": 24.0, "atr_percentile": 95.0}, 0.8),  # high volatility keeps t underneath
    ],
)
def test_regime_fit_is_t_in_a_trend_and_its_rest_in_a_range(
    anchor: dict[str, float], fit: float
) -> None:
    assert _signal(h4=anchor)[1]["regime_fit"] == pytest.approx(fit)


def test_a_trend_against_the_trade_fits_nothing() -> None:
    anchor = downtrend() | {"adx": 24.0, "macd": 9.0, "macd_histogram": 9.0, "obv": 99_000.0}

    signal, factors = _signal(h4=anchor)

    assert signal.direction == "long"
    assert (signal.timeframes[1].trend_score or 0) < 0
    assert factors["regime_fit"] == 0.0


def test_high_volatility_costs_a_quarter() -> None:
    assert _signal(h4={"atr_percentile": 90.0})[1]["high_volatility"] == 0.75
    assert _signal()[1]["high_volatility"] == 1.0


@pytest.mark.parametrize(
    ("trend", "factor"), [(-40.1, 0.8), (-40.0, 1.0), (90.0, 1.0), (None, 1.0)]
)
def test_a_btc_trend_against_the_trade_costs_a_fifth(trend: float | None, factor: float) -> None:
    assert _signal(barometer=_btc(trend))[1]["btc_conflict"] == factor


def test_quality_coverage_and_spot_candles_scale_confidence_down() -> None:
    _, factors = _signal(h4={"rsi": None}, quality=Quality(score=0.85, source=Source.SPOT))

    assert factors["quality"] == 0.85
    assert factors["source"] == 0.7
    assert factors["coverage"] == pytest.approx(1 - 0.15 - 0.45 * 0.10)


def test_an_unknown_regime_fit_is_left_out_and_the_others_weigh_more() -> None:
    anchor = {"adx": None, "bollinger_width_percentile": None, "atr_percentile": None}
    signal, factors = _signal(h4=anchor)

    assert "regime_fit" not in factors
    assert signal.confidence == pytest.approx(
        100 * (0.5 * factors["agreement"] + 0.3 * factors["score_strength"]) / 0.8
    )

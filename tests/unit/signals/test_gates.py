from math import isfinite
from typing import Any

import pytest

from common.domain import Barometer, Gate, Quality, Timeframe, Verdict
from signals.core.signal import score_frame
from tests.support.facts import barometer, derivatives, instrument
from tests.unit.signals.frames import downtrend, frame, load_rules

RULES = load_rules()
PASSED, REFUSED, NOT_EVALUATED = Verdict.PASSED, Verdict.REFUSED, Verdict.NOT_EVALUATED
NAMES = (
    "overextension",
    "trap_wick",
    "oversized",
    "htf_conflict",
    "regime_conflict",
    "btc_conflict",
    "liquidity",
    "funding",
    "quality",
    "coverage",
    "history",
)
_WICK = {"upper_wick_atr": 0.8, "body_atr": 0.3, "range_atr": 1.3, "relative_volume": 1.6}
_WHIPSAW = {
    "upper_wick_atr": 0.7,
    "lower_wick_atr": 0.8,
    "body_atr": 0.6,
    "range_atr": 2.1,
    "relative_volume": 2.0,
}


def _gate(name: str, **changes: Any) -> Gate:
    signal = score_frame(frame(**changes), RULES)
    return next(gate for gate in signal.gates if gate.name == name)


def _short(**anchor: float) -> dict[str, Any]:
    """A market in which the score is negative on every timeframe."""
    down = downtrend()
    return {"every": down, "h4": down | anchor}


def _btc(trend: float | None) -> Barometer:
    return barometer().model_copy(update={"btc_trend": trend})


def test_every_gate_is_judged_even_when_several_refuse() -> None:
    signal = score_frame(
        frame(
            h4={"close": 120.0, "true_range": 9.0},
            h1={"close": 120.0},
            quality=Quality(score=0.2),
            instrument=instrument(quote_volume_24h=1e6),
        ),
        RULES,
    )

    assert tuple(gate.name for gate in signal.gates) == NAMES
    refused = {gate.name for gate in signal.gates if gate.verdict is REFUSED}
    assert refused == {"overextension", "oversized", "liquidity", "quality"}


def test_every_gate_tells_value_threshold_and_what_would_flip_it() -> None:
    for gate in score_frame(frame(barometer=_btc(10.0)), RULES).gates:
        assert gate.verdict is PASSED, gate
        assert gate.value is not None
        assert isfinite(gate.value)
        assert gate.threshold is not None
        assert gate.detail
        assert gate.flip


@pytest.mark.parametrize(("close", "verdict"), [(104.0, PASSED), (104.01, REFUSED), (90.0, PASSED)])
def test_overextension_is_measured_in_the_trades_direction_only(
    close: float, verdict: Verdict
) -> None:
    gate = _gate("overextension", h1={"close": close})

    assert gate.verdict is verdict
    assert gate.value == pytest.approx((close - 100.0) / 2.0)


def test_a_value_just_beyond_its_threshold_is_not_written_as_the_threshold() -> None:
    gate = _gate("overextension", h1={"close": 104.0001})

    assert gate.verdict is REFUSED
    assert gate.detail == "distance above the 4h EMA 21 is 2.0001 ATR"
    assert gate.flip == "needs distance above the 4h EMA 21 at most 2 ATR, has 2.0001 ATR"


def test_overextension_is_mirrored_for_shorts() -> None:
    assert _gate("overextension", **_short(), h1=downtrend() | {"close": 95.9}).verdict is REFUSED
    assert _gate("overextension", **_short(), h1=downtrend() | {"close": 110.0}).verdict is PASSED


@pytest.mark.parametrize("timeframe", ["h4", "h1"])
def test_a_trap_wick_on_4h_or_1h_refuses(timeframe: str) -> None:
    gate = _gate("trap_wick", **{timeframe: _WICK})

    assert gate.verdict is REFUSED
    assert gate.timeframe == {"h4": "4h", "h1": "1h"}[timeframe]


@pytest.mark.parametrize(
    "less",
    [
        {"body_atr": 0.41},
        {"upper_wick_atr": 0.59, "range_atr": 1.1},
        {"range_atr": 1.61},
        {"relative_volume": 1.49},
    ],
)
def test_a_wick_is_no_trap_when_one_condition_fails(less: dict[str, float]) -> None:
    assert _gate("trap_wick", h4=_WICK | less).verdict is PASSED


@pytest.mark.parametrize(
    "edge",
    [
        {"body_atr": 0.4},
        {"upper_wick_atr": 0.6, "body_atr": 0.3, "range_atr": 1.2},
        {"range_atr": 1.6},
        {"relative_volume": 1.5},
    ],
)
def test_a_wick_is_a_trap_when_a_condition_just_holds(edge: dict[str, float]) -> None:
    assert _gate("trap_wick", h4=_WICK | edge).verdict is REFUSED


def test_a_wick_of_exactly_two_bodies_is_a_trap_however_their_prices_are_rounded() -> None:
    open_, close, high, low = 0.1000, 0.1015, 0.1045, 0.0998
    candle = {
        "upper_wick_atr": (high - close) / 0.0031,
        "body_atr": (close - open_) / 0.0031,
        "range_atr": (high - low) / 0.0031,
        "relative_volume": 3.2,
    }
    assert candle["upper_wick_atr"] / candle["body_atr"] < 2.0

    assert _gate("trap_wick", h4=candle).verdict is REFUSED


def test_a_tiny_body_counts_as_a_tenth_of_atr() -> None:
    small = {"upper_wick_atr": 0.6, "body_atr": 0.0, "range_atr": 0.7, "relative_volume": 1.6}

    assert _gate("trap_wick", h4=small).verdict is REFUSED


def test_a_favourable_wick_never_rejects() -> None:
    favourable = {"lower_wick_atr": 1.4, "upper_wick_atr": 0.0, "body_atr": 0.1, "range_atr": 1.5,
                  "relative_volume": 5.0}  # fmt: skip

    assert _gate("trap_wick", h4=favourable).verdict is PASSED


def test_a_lower_wick_traps_a_short() -> None:
    wick = {"lower_wick_atr": 0.8, "upper_wick_atr": 0.1, "body_atr": 0.3, "range_atr": 1.3}

    assert _gate("trap_wick", **_short(**wick, relative_volume=1.6)).verdict is REFUSED


@pytest.mark.parametrize("market", [{"h4": _WHIPSAW}, _short(**_WHIPSAW)])
def test_a_whipsaw_rejects_both_sides(market: dict[str, Any]) -> None:
    gate = _gate("trap_wick", **market)

    assert gate.verdict is REFUSED
    assert "whipsaw" in gate.detail


@pytest.mark.parametrize("less", [{"relative_volume": 1.99}, {"lower_wick_atr": 0.79}])
def test_a_whipsaw_needs_both_wicks_and_volume(less: dict[str, float]) -> None:
    assert _gate("trap_wick", h4=_WHIPSAW | less).verdict is PASSED


def test_a_trap_that_lacks_several_conditions_is_not_said_to_lack_one() -> None:
    quiet = {"upper_wick_atr": 0.3, "lower_wick_atr": 0.1, "relative_volume": 0.9}
    near = {"upper_wick_atr": 0.9, "lower_wick_atr": 0.5, "relative_volume": 2.5}

    assert (
        _gate("trap_wick", every=quiet).flip
        == "refused from against body 2 ×, size 0.6 ATR, share of range 0.5, "
        "volume 1.5 × average together"
    )
    assert (
        _gate("trap_wick", h4=near | {"body_atr": 0.6, "range_atr": 2.0}).flip
        == "refused from 1.5 ATR, has 1.4 ATR"
    )


def test_a_trap_of_unknown_volume_is_not_evaluated() -> None:
    gate = _gate("trap_wick", h4=_WICK | {"relative_volume": None})

    assert gate.verdict is NOT_EVALUATED
    assert "volume is not known" in gate.detail


def test_a_wick_too_small_to_trap_passes_whatever_the_volume_was() -> None:
    assert _gate("trap_wick", every={"relative_volume": None}).verdict is PASSED


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"h4": {"true_range": [5.0], "atr": [2.0, 3.0]}}, REFUSED),
        ({"h4": {"true_range": [4.99], "atr": [2.0, 1.0]}}, PASSED),
        ({"h1": {"true_range": [5.0]}}, REFUSED),
        ({"h1": {"true_range": [5.0, 1.0], "atr": [2.0, 9.0, 9.0]}}, REFUSED),
        ({"h1": {"true_range": [5.0, 1.0], "atr": [2.1, 1.0, 1.0]}}, PASSED),
        ({"h1": {"true_range": [9.0, 1.0, 1.0]}}, PASSED),
        ({"h4": {"true_range": [9.0, 1.0]}}, PASSED),
        ({"d1": {"true_range": [99.0]}}, PASSED),
    ],
)
def test_oversized_measures_the_last_candles_by_the_atr_of_the_bar_before(
    changes: dict[str, Any], verdict: Verdict
) -> None:
    assert _gate("oversized", **changes).verdict is verdict


def test_oversized_rejects_both_sides() -> None:
    assert _gate("oversized", **_short(true_range=9.0)).verdict is REFUSED


def test_htf_conflict_refuses_below_minus_40_points_of_the_daily_trend() -> None:
    gate = _gate("htf_conflict", d1=downtrend())

    assert gate.verdict is REFUSED
    assert gate.value == pytest.approx(
        score_frame(frame(d1=downtrend()), RULES).timeframes[0].trend_score
    )
    assert gate.threshold == -40.0
    assert _gate("htf_conflict").verdict is PASSED


def test_regime_conflict_refuses_a_trade_against_the_anchors_trend() -> None:
    against = {"plus_di": 10.0, "minus_di": 30.0}

    assert _gate("regime_conflict", h4=against).verdict is REFUSED
    assert _gate("regime_conflict").verdict is PASSED


def test_regime_conflict_refuses_a_range_that_leans_nowhere() -> None:
    flat = {
        "adx": 10.0, "ema_9": 100.0, "ema_50": 100.0, "ema_200": 100.0, "plus_di": 20.0,
        "minus_di": 20.0, "supertrend_direction": 0.0, "last_swing_low": 96.0,
    }  # fmt: skip
    leaning = flat | {"supertrend_direction": 1.0}

    assert _gate("regime_conflict", h4=flat).verdict is REFUSED
    assert _gate("regime_conflict", h4=leaning).verdict is PASSED


def test_regime_conflict_has_nothing_to_say_in_high_volatility() -> None:
    against = {"plus_di": 10.0, "minus_di": 30.0, "atr_percentile": 95.0}

    assert _gate("regime_conflict", h4=against).verdict is PASSED


@pytest.mark.parametrize(
    ("trend", "verdict"), [(-60.1, REFUSED), (-60.0, PASSED), (80.0, PASSED), (None, NOT_EVALUATED)]
)
def test_btc_conflict_refuses_alts_below_minus_60_points(
    trend: float | None, verdict: Verdict
) -> None:
    assert _gate("btc_conflict", barometer=_btc(trend)).verdict is verdict


def test_btc_conflict_is_not_evaluated_for_btc_nor_before_the_first_scan() -> None:
    assert _gate("btc_conflict", barometer=_btc(-99.0), symbol="BTCUSDT").verdict is NOT_EVALUATED
    assert _gate("btc_conflict").verdict is NOT_EVALUATED


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"quote_volume_24h": 20e6}, PASSED),
        ({"quote_volume_24h": 19.9e6}, REFUSED),
        ({"spread_bps": 10.0}, PASSED),
        ({"spread_bps": 10.1}, REFUSED),
        ({"spread_bps": None}, PASSED),
        ({"quote_volume_24h": None}, NOT_EVALUATED),
        ({"quote_volume_24h": None, "spread_bps": 11.0}, REFUSED),
    ],
)
def test_liquidity_needs_20_million_a_day_and_at_most_10_bps(
    fields: dict[str, Any], verdict: Verdict
) -> None:
    assert _gate("liquidity", instrument=instrument("SOLUSDT", **fields)).verdict is verdict


def test_a_missing_spread_is_marked_as_assumed() -> None:
    gate = _gate("liquidity", instrument=instrument("SOLUSDT", spread_bps=None))

    assert "assumed" in gate.detail
    assert "5 bps" in gate.detail


def test_liquidity_says_what_volume_it_needs() -> None:
    gate = _gate("liquidity", instrument=instrument("SOLUSDT", quote_volume_24h=12.3e6))

    assert gate.flip == "needs 24h volume of at least 20 M USDT, has 12.3 M USDT"


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [(0.001, PASSED), (0.00101, REFUSED), (-0.01, PASSED), (None, NOT_EVALUATED)],
)
def test_funding_refuses_a_long_that_pays_more_than_a_tenth_per_cent(
    rate: float | None, verdict: Verdict
) -> None:
    assert _gate("funding", derivatives=derivatives(funding_rate_8h=rate)).verdict is verdict


def test_funding_refuses_a_short_when_the_rate_is_very_negative() -> None:
    paid = derivatives(funding_rate_8h=-0.0011)

    assert _gate("funding", **_short(), derivatives=paid).verdict is REFUSED
    assert _gate("funding", derivatives=None).verdict is NOT_EVALUATED


@pytest.mark.parametrize(("score", "verdict"), [(0.8, PASSED), (0.79, REFUSED)])
def test_quality_refuses_below_four_fifths(score: float, verdict: Verdict) -> None:
    assert _gate("quality", quality=Quality(score=score)).verdict is verdict


def test_coverage_refuses_below_seven_tenths() -> None:
    assert _gate("coverage", without=(Timeframe.D1,)).verdict is REFUSED  # 0.65
    assert _gate("coverage", without=(Timeframe.H1,)).verdict is PASSED  # 0.80


@pytest.mark.parametrize(
    ("bars", "verdict"),
    [
        ({Timeframe.D1: 60, Timeframe.H4: 120, Timeframe.H1: 300}, PASSED),
        ({Timeframe.D1: 59, Timeframe.H4: 120, Timeframe.H1: 300}, REFUSED),
        ({Timeframe.D1: 60, Timeframe.H4: 119, Timeframe.H1: 300}, REFUSED),
        ({Timeframe.D1: 60, Timeframe.H4: 120, Timeframe.H1: 299}, REFUSED),
        ({Timeframe.H4: 120, Timeframe.H1: 300}, REFUSED),
    ],
)
def test_history_needs_60_days_120_four_hours_and_300_hours(
    bars: dict[Timeframe, int], verdict: Verdict
) -> None:
    assert _gate("history", bars=bars).verdict is verdict

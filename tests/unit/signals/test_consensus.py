import pytest

from common.domain import Direction, Quality, Regime, Signal, Source, Timeframe
from signals.core.signal import score_frame
from tests.unit.signals.frames import downtrend, frame, load_rules

RULES = load_rules()


def _score(signal: Signal) -> float:
    assert signal.score is not None
    return signal.score


def _votes_only(signal: Signal) -> float:
    return sum(
        100 * reading.weight * vote.weight * (vote.value or 0.0)
        for reading in signal.timeframes
        for vote in reading.votes
    )


def test_the_score_can_be_added_up_from_the_votes_of_the_signal() -> None:
    signal = score_frame(frame(d1={"rsi": 41.0}, h4={"obv": -2000.0}, h1={"macd": -0.4}), RULES)

    assert signal.score == pytest.approx(_votes_only(signal))


def test_a_missing_timeframe_is_left_out_and_reported_as_coverage() -> None:
    whole = score_frame(frame(), RULES)
    part = score_frame(frame(without=(Timeframe.D1,)), RULES)

    assert part.coverage == pytest.approx(0.65)
    assert part.score == pytest.approx(
        (0.45 * (whole.timeframes[1].score or 0) + 0.20 * (whole.timeframes[2].score or 0)) / 0.65
    )


def test_a_missing_vote_lowers_coverage_by_its_weight_in_its_timeframe() -> None:
    signal = score_frame(frame(h4={"obv": None}), RULES)

    assert signal.coverage == pytest.approx(1 - 0.45 * 0.15)


def test_the_trend_score_is_fused_by_the_timeframes_weights() -> None:
    signal = score_frame(frame(h1=downtrend()), RULES)
    by_timeframe = {one.timeframe: one.trend_score or 0.0 for one in signal.timeframes}

    assert signal.trend_score == pytest.approx(
        0.35 * by_timeframe[Timeframe.D1]
        + 0.45 * by_timeframe[Timeframe.H4]
        + 0.20 * by_timeframe[Timeframe.H1]
    )


def test_the_fused_regime_is_the_anchors() -> None:
    signal = score_frame(frame(d1=downtrend(), h4={"adx": 10.0}), RULES)

    assert signal.regime is Regime.RANGING


def test_only_the_strongest_pattern_of_the_anchors_last_candle_counts() -> None:
    plain = score_frame(frame(), RULES)
    patterns = {"pattern_hammer": [0.5], "pattern_dark_cloud": [-0.8]}
    signal = score_frame(frame(h4=patterns, h1={"pattern_marubozu": [1.0]}), RULES)

    assert [(one.name, one.points) for one in signal.modifiers] == [("dark_cloud", -4.0)]
    assert _score(signal) == pytest.approx(_score(plain) - 4.0)


def test_a_pattern_without_direction_moves_nothing() -> None:
    signal = score_frame(frame(h4={"pattern_doji": [1.0], "pattern_spinning_top": [1.0]}), RULES)

    assert signal.modifiers == ()


def test_a_pattern_on_an_earlier_candle_moves_nothing() -> None:
    signal = score_frame(frame(h4={"pattern_hammer": [1.0, 0.0]}), RULES)

    assert signal.modifiers == ()


@pytest.mark.parametrize(
    ("streak", "points"), [(2.0, 0.0), (3.0, 3.0), (9.0, 3.0), (-3.0, -3.0), (-2.0, 0.0)]
)
def test_a_heikin_ashi_streak_of_three_moves_the_score_by_three(
    streak: float, points: float
) -> None:
    plain = score_frame(frame(d1=downtrend(), h4={"ha_streak": 0.0}), RULES)
    signal = score_frame(frame(d1=downtrend(), h4={"ha_streak": streak}), RULES)

    assert _score(signal) - _score(plain) == pytest.approx(points)


def test_the_score_never_leaves_minus_100_to_100() -> None:
    full = {"rsi": 90.0, "stoch_rsi_k": 95.0, "stoch_rsi_d": 80.0, "ha_streak": 5.0,
            "pattern_marubozu": 1.0, "ema_9": 105.0, "ema_50": 90.0, "ema_200": 80.0,
            "macd": 5.0, "macd_histogram": 2.0, "obv": 1e6}  # fmt: skip

    assert score_frame(frame(every=full), RULES).score == 100.0


@pytest.mark.parametrize(("regime", "threshold"), [({}, 50.0), ({"atr_percentile": 92.0}, 60.0)])
def test_a_candidate_needs_50_and_60_in_high_volatility(
    regime: dict[str, float], threshold: float
) -> None:
    signal = score_frame(frame(h4=regime), RULES)

    assert signal.candidate_threshold == threshold
    assert signal.candidate is (abs(_score(signal)) >= threshold)


def test_the_direction_is_the_scores_sign_even_when_it_is_weak() -> None:
    weak = score_frame(
        frame(d1=downtrend(), h4={"supertrend_direction": -1.0, "obv": -9000.0}), RULES
    )

    assert not weak.candidate
    assert weak.direction is (Direction.LONG if _score(weak) > 0 else Direction.SHORT)


def test_there_is_no_score_when_nothing_can_vote() -> None:
    signal = score_frame(frame(without=tuple(Timeframe)), RULES)

    assert signal.score is None
    assert signal.direction is None
    assert signal.confidence is None
    assert not signal.candidate
    assert signal.levels is None
    assert signal.coverage == 0.0


def test_every_number_that_decided_is_in_the_signal() -> None:
    signal = score_frame(frame(), RULES)
    anchor = signal.timeframes[1]

    assert [one.timeframe for one in signal.timeframes] == ["1d", "4h", "1h"]
    assert anchor.regime is not None
    assert (anchor.regime.adx, anchor.regime.plus_di, anchor.regime.minus_di) == (30.0, 30.0, 10.0)
    assert anchor.distance_to_ema_21_atr == pytest.approx(0.5)
    assert sum(vote.weight for vote in anchor.votes) == pytest.approx(1.0)
    assert sum(part.weight for part in anchor.trend_parts) == pytest.approx(1.0)
    assert signal.levels is not None
    assert signal.levels.reference == 101.0


def test_spot_candles_cast_no_volume_votes() -> None:
    signal = score_frame(frame(quality=Quality(score=1.0, source=Source.SPOT)), RULES)

    assert {v.name for one in signal.timeframes for v in one.votes if v.value is None} == {"obv"}
    assert signal.coverage == pytest.approx(0.85)

import pytest

from signals.core.votes import cast_votes, count_votes, vote_weights
from signals.core.window import Row
from tests.unit.signals.frames import UPTREND, load_rules

RULES = load_rules().votes


def _vote(name: str, trendiness: float = 1.0, /, **values: float | None) -> float | None:
    known = {field: UPTREND[field] for field in Row._fields if field in UPTREND}
    return cast_votes(Row(**(known | values)), trendiness, RULES)[name]


def test_ema_trend_is_the_mean_of_three_clipped_distances_in_atr() -> None:
    vote = _vote("ema_trend", ema_9=100.5, ema_21=100.0, ema_50=99.0, ema_200=101.0, atr=2.0)

    assert vote == pytest.approx((0.5 / 1.0 + 1.0 / 2.0 + -2.0 / 4.0) / 3)


def test_ema_trend_leaves_out_an_ema_that_is_not_known() -> None:
    vote = _vote("ema_trend", ema_9=100.5, ema_21=100.0, ema_50=99.0, ema_200=None, atr=2.0)

    assert vote == pytest.approx((0.5 + 0.5) / 2)


def test_macd_is_half_histogram_and_half_line_in_atr() -> None:
    vote = _vote("macd", macd_histogram=0.15, macd=-0.3, atr=2.0)

    assert vote == pytest.approx(0.5 * 0.15 / (0.15 * 2) + 0.5 * -0.3 / (0.75 * 2))


@pytest.mark.parametrize(
    ("rsi", "trendiness", "vote"),
    [
        (57.5, 1.0, 0.5),
        (80.0, 1.0, 1.0),
        (35.0, 0.0, 0.5),
        (50.0, 0.0, 0.0),
        (65.0, 0.0, -0.5),
        (80.0, 0.0, -1.0),
        (65.0, 0.5, 0.5 * 1.0 + 0.5 * -0.5),
    ],
)
def test_rsi_follows_in_a_trend_and_fades_in_a_range(
    rsi: float, trendiness: float, vote: float
) -> None:
    assert _vote("rsi", trendiness, rsi=rsi) == pytest.approx(vote)


@pytest.mark.parametrize(
    ("fast", "slow", "trendiness", "vote"),
    [
        (95.0, 90.0, 1.0, 0.5),  # overbought is no short in a trend
        (20.0, 10.0, 0.0, 1.0),  # turned up from oversold
        (20.0, 30.0, 0.0, 0.5),  # oversold, but still falling
        (80.0, 70.0, 0.0, -0.5),
        (80.0, 90.0, 0.0, -1.0),
        (65.0, 60.0, 0.0, -0.25),
        (100.0, 100.0, 0.0, -0.5),
    ],
)
def test_stoch_rsi_follows_in_a_trend_and_fades_a_turn_in_a_range(
    fast: float, slow: float, trendiness: float, vote: float
) -> None:
    assert _vote("stoch_rsi", trendiness, stoch_rsi_k=fast, stoch_rsi_d=slow) == pytest.approx(vote)


def test_obv_is_measured_in_four_average_volumes() -> None:
    assert _vote("obv", obv=3000.0, obv_ema_21=1000.0, volume_sma_20=1000.0) == pytest.approx(0.5)
    assert _vote("obv", obv=-9000.0, obv_ema_21=1000.0, volume_sma_20=1000.0) == -1.0


def test_supertrend_votes_with_its_direction() -> None:
    assert _vote("supertrend", supertrend_direction=1.0) == 1.0
    assert _vote("supertrend", supertrend_direction=-1.0) == -1.0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ema_trend", {"atr": None}),
        ("ema_trend", {"atr": 0.0}),
        ("macd", {"macd": None, "macd_histogram": None}),
        ("rsi", {"rsi": None}),
        ("stoch_rsi", {"stoch_rsi_d": None}),
        ("obv", {"volume_sma_20": 0.0}),
        ("obv", {"obv": None}),
        ("supertrend", {"supertrend_direction": None}),
    ],
)
def test_a_vote_without_its_data_is_not_cast(name: str, values: dict[str, float | None]) -> None:
    assert _vote(name, **values) is None


def test_weights_are_mixed_by_trendiness_and_always_add_up_to_one() -> None:
    weights = vote_weights(0.25, RULES)

    assert weights["rsi"] == pytest.approx(0.25 * 0.10 + 0.75 * 0.25)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_missing_votes_are_left_out_and_lower_the_coverage() -> None:
    weights = {"a": 0.5, "b": 0.3, "c": 0.2}

    votes, consensus, coverage = count_votes({"a": 1.0, "b": None, "c": -1.0}, weights)

    assert consensus == pytest.approx((0.5 - 0.2) / 0.7)
    assert coverage == pytest.approx(0.7)
    assert [vote.weight for vote in votes] == pytest.approx([0.5 / 0.7, 0.0, 0.2 / 0.7])


def test_no_vote_at_all_is_no_consensus() -> None:
    _, consensus, coverage = count_votes({"a": None}, {"a": 1.0})

    assert consensus is None
    assert coverage == 0.0

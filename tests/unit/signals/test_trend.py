import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Timeframe, TrendPart
from signals.core.trend import read_trend
from signals.core.window import Row, Window
from tests.unit.signals.frames import UPTREND, load_rules

RULES = load_rules().trend


def _trend(
    ema_vote: float | None = 1.0,
    supertrend: float | None = 1.0,
    before: float | None = 99.0,
    **values: float | None,
) -> tuple[dict[str, TrendPart], float | None]:
    known = {field: UPTREND[field] for field in Row._fields if field in UPTREND}
    window = Window(
        timeframe=Timeframe.H4, bars=600, last=Row(**(known | values)), ema_21_before=before
    )
    parts, score = read_trend(window, ema_vote, supertrend, RULES)
    return {part.name: part for part in parts}, score


def test_slope_is_the_change_of_ema_21_over_five_bars_in_atr() -> None:
    parts, _ = _trend(before=99.5, ema_21=100.0, atr=2.0)

    assert parts["slope"].value == pytest.approx(0.25)


def test_direction_counts_as_far_as_adx_gives_it_force() -> None:
    parts, _ = _trend(plus_di=25.0, minus_di=15.0, adx=20.0)

    assert parts["directional"].value == pytest.approx(2 * (10 / 40) * 0.5)


@pytest.mark.parametrize(
    ("highs", "lows", "structure"),
    [
        ((103.0, 102.0), (98.0, 97.0), 1.0),
        ((103.0, 102.0), (96.0, 97.0), 0.0),
        ((101.0, 102.0), (96.0, 97.0), -1.0),
        ((102.0, 102.0), (98.0, 97.0), 0.5),
        ((None, None), (96.0, 97.0), -1.0),
    ],
)
def test_structure_is_half_swing_highs_and_half_swing_lows(
    highs: tuple[float, float], lows: tuple[float, float], structure: float
) -> None:
    parts, _ = _trend(
        last_swing_high=highs[0],
        prior_swing_high=highs[1],
        last_swing_low=lows[0],
        prior_swing_low=lows[1],
    )

    assert parts["structure"].value == structure


def test_the_score_adds_the_parts_by_their_weights() -> None:
    parts, score = _trend(ema_vote=0.4, supertrend=-1.0)
    values = {name: part.value or 0.0 for name, part in parts.items()}

    assert score == pytest.approx(
        100
        * (
            0.30 * values["ema"]
            + 0.20 * values["slope"]
            + 0.20 * values["directional"]
            + 0.15 * values["supertrend"]
            + 0.15 * values["structure"]
        )
    )


def test_a_part_that_is_not_known_is_left_out_and_the_others_weigh_more() -> None:
    parts, score = _trend(
        ema_vote=0.5, supertrend=None, before=None, adx=None, last_swing_high=None,
        prior_swing_high=None, last_swing_low=None, prior_swing_low=None,
    )  # fmt: skip

    assert score == pytest.approx(50.0)
    assert parts["ema"].weight == 1.0
    assert parts["slope"].weight == 0.0


def test_no_part_at_all_is_no_trend_score() -> None:
    window = Window(timeframe=Timeframe.H4, bars=0)

    assert read_trend(window, None, None, RULES)[1] is None


@given(
    low=st.floats(-1, 1),
    high=st.floats(-1, 1),
    before=st.floats(95, 105),
    rise=st.floats(0, 5),
)
def test_the_score_never_falls_when_a_part_rises(
    low: float, high: float, before: float, rise: float
) -> None:
    less, more = sorted((low, high))

    _, weak = _trend(ema_vote=less, before=before, plus_di=20.0)
    _, strong = _trend(ema_vote=more, before=before - rise, plus_di=25.0)

    assert weak is not None
    assert strong is not None
    assert strong >= weak - 1e-9

import pytest

from common.domain import Direction, Regime, Verdict
from tests.unit.planner.setups import decided, gate, levels, planned, price, signal

LONG, SHORT = Direction.LONG, Direction.SHORT


def test_without_a_swing_the_stop_is_one_and_a_half_atr_away() -> None:
    plan = planned(signal(101.0))

    assert plan.stop == price("98.00")
    assert plan.stop_kind == "atr"
    assert plan.risk == price("3.00")


def test_in_high_volatility_the_stop_is_two_atr_away() -> None:
    assert planned(signal(101.0, regime=Regime.HIGH_VOLATILITY)).stop == price("97.00")


@pytest.mark.parametrize(
    ("swings", "stop", "kind"),
    [
        ((99.5,), "99.00", "structure"),  # 0.25 ATR behind it, exactly 1.0 ATR away
        ((99.51,), "98.00", "atr"),  # a little too near
        ((96.5,), "96.00", "structure"),  # exactly 2.5 ATR away
        ((96.49,), "98.00", "atr"),  # a little too far
        ((102.0, 98.7), "98.20", "structure"),  # the newest lies above the entry
        ((96.0, 98.7), "98.00", "atr"),  # only the last swing beyond the entry is asked
        ((98.7, 96.0), "98.20", "structure"),
    ],
)
def test_a_longs_stop_lies_behind_the_last_swing_low_if_that_is_1_to_2_and_a_half_atr_away(
    swings: tuple[float, ...], stop: str, kind: str
) -> None:
    plan = planned(signal(levels=levels(101.0, anchor_swing_lows=swings)))

    assert (plan.stop, plan.stop_kind) == (price(stop), kind)


def test_a_shorts_stop_lies_behind_the_last_swing_high() -> None:
    own = levels(99.0, anchor_swing_highs=(101.3,), anchor_swing_lows=(97.0,))

    plan = planned(signal(99.0, SHORT, levels=own))

    assert (plan.stop, plan.stop_kind) == (price("101.80"), "structure")


def test_a_pullbacks_stop_is_measured_from_its_planned_entry() -> None:
    assert planned(signal(103.0)).stop == price("98.50")


@pytest.mark.parametrize(("atr", "verdict"), [(5.3, Verdict.PASSED), (5.4, Verdict.REFUSED)])
def test_a_stop_further_than_8_per_cent_is_too_wide(atr: float, verdict: Verdict) -> None:
    decision = decided(signal(levels=levels(100.0, anchor_atr=atr)))
    found = gate(decision, "stop_too_wide")

    assert found.verdict is verdict
    assert found.value == pytest.approx(atr * 1.5)
    assert found.threshold == 8

from datetime import timedelta

import pytest

from common.domain import Direction, EntryKind
from tests.support.facts import AS_OF
from tests.unit.planner.setups import levels, planned, price, signal

SHORT = Direction.SHORT


def test_targets_lie_at_one_and_a_half_and_three_r_and_share_the_position() -> None:
    first, second = planned(signal(101.0)).targets

    assert (first.price, second.price) == (price("105.50"), price("110.00"))
    assert (first.gross_r, second.gross_r) == (1.5, 3.0)
    assert (first.close_share, second.close_share) == (0.5, 0.5)


def test_the_stop_goes_to_entry_plus_costs_at_the_first_target() -> None:
    plan = planned(signal(101.0))

    assert float(plan.break_even) == pytest.approx(101.0 + plan.costs.total, abs=0.01)
    assert float(plan.break_even) >= 101.0 + plan.costs.total
    assert float(planned(signal(99.0, SHORT)).break_even) <= 99.0 - plan.costs.total * 0.98


def test_times_to_the_targets_grow_with_the_square_of_r_over_atr() -> None:
    first, second = planned(signal(101.0)).targets  # R / ATR = 1.5

    assert first.eta.p25_hours == pytest.approx(2.2 * 2.25 * 4)
    assert first.eta.p50_hours == pytest.approx(3.9 * 2.25 * 4)
    assert first.eta.p75_hours == pytest.approx(6.2 * 2.25 * 4)
    assert second.eta.p25_hours == pytest.approx(7.1 * 2.25 * 4)
    assert second.eta.p50_hours == pytest.approx(11.1 * 2.25 * 4)
    assert second.eta.p75_hours == pytest.approx(17 * 2.25 * 4)


@pytest.mark.parametrize(
    ("swing", "bars"),
    [
        (None, 38.25),  # 17 · 1.5²
        (99.5, 17.0),  # R = 1 ATR
        (96.5, 90),  # 17 · 2.5² = 106: held at 90
    ],
)
def test_a_plan_expires_at_the_second_targets_upper_quartile(
    swing: float | None, bars: float
) -> None:
    own = levels(101.0, anchor_swing_lows=() if swing is None else (swing,))

    plan = planned(signal(levels=own))

    assert plan.expires_at == AS_OF + timedelta(hours=4 * bars)


@pytest.mark.parametrize(
    ("own", "warning"),
    [
        ({"anchor_swing_highs": (103.7,)}, "resistance at 0.9 R (4h swing)"),
        ({"daily_swing_highs": (104.9, 104.0)}, "resistance at 1.0 R (1d swing)"),
        ({"anchor_swing_highs": (105.5,)}, None),  # at the target itself
        ({"anchor_swing_highs": (100.9,)}, None),  # already behind
        ({"anchor_swing_lows": (103.7,)}, None),
    ],
)
def test_an_opposing_swing_before_the_first_target_is_a_warning(
    own: dict[str, tuple[float, ...]], warning: str | None
) -> None:
    warnings = planned(signal(levels=levels(101.0, **own))).warnings

    assert warnings == (() if warning is None else (warning,))


def test_a_short_is_warned_of_support() -> None:
    own = levels(99.0, anchor_swing_lows=(96.0,))

    assert planned(signal(99.0, SHORT, levels=own)).warnings == ("support at 1.0 R (4h swing)",)


@pytest.mark.parametrize(
    ("swings", "warnings"),
    [
        ((102.5,), ()),  # between entry and price: already broken
        ((102.5, 104.0), ("resistance at 0.8 R (4h swing)",)),
    ],
)
def test_a_pull_back_is_warned_only_of_what_price_has_not_broken(
    swings: tuple[float, ...], warnings: tuple[str, ...]
) -> None:
    plan = planned(signal(levels=levels(103.0, anchor_swing_highs=swings)))

    assert plan.entry.kind is EntryKind.PULLBACK
    assert plan.warnings == warnings

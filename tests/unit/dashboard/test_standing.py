"""Can a plan still be taken? Its state by price, by time and by what the planner told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Direction, EntryKind, OutcomeStep, TradePlan
from dashboard.core.standing import State, standing
from tests.support import facts

NOW = facts.AS_OF + timedelta(minutes=10)

# A long at 100 with ATR 2: stop 97, chase 101, TP1 104.5, TP2 109; a pull-back's zone is 99 to 100
# and it was proposed at 102.
BY_PRICE = [
    (EntryKind.MARKET, 96.0, State.BEYOND_STOP),
    (EntryKind.MARKET, 97.0, State.BEYOND_STOP),
    (EntryKind.MARKET, 98.5, State.PAST_ZONE),
    (EntryKind.MARKET, 99.5, State.IN_ZONE),
    (EntryKind.MARKET, 100.0, State.IN_ZONE),
    (EntryKind.MARKET, 101.0, State.IN_ZONE),
    (EntryKind.MARKET, 101.2, State.MISSED),
    (EntryKind.MARKET, 104.5, State.BEYOND_TP1),
    (EntryKind.MARKET, 109.0, State.BEYOND_TP2),
    (EntryKind.PULLBACK, 98.9, State.PAST_ZONE),
    (EntryKind.PULLBACK, 99.5, State.IN_ZONE),
    (EntryKind.PULLBACK, 100.4, State.WAITING),
    (EntryKind.PULLBACK, 102.0, State.WAITING),
    (EntryKind.PULLBACK, 103.2, State.MISSED),
    (EntryKind.PULLBACK, 105.0, State.BEYOND_TP1),
]


def mirrored(price: float) -> float:
    return 200.0 - price


@pytest.mark.parametrize(("kind", "mark", "state"), BY_PRICE)
def test_the_mark_price_decides_the_state_of_a_long(
    kind: EntryKind, mark: float, state: State
) -> None:
    plan = facts.plan(kind=kind)

    assert standing(plan, (), mark, NOW).state is state


@pytest.mark.parametrize(("kind", "mark", "state"), BY_PRICE)
def test_a_short_is_judged_as_a_mirrored_long(kind: EntryKind, mark: float, state: State) -> None:
    plan = facts.plan(direction=Direction.SHORT, kind=kind)

    assert standing(plan, (), mirrored(mark), NOW).state is state


def test_a_filled_pull_back_that_ran_away_is_missed_and_no_longer_waits() -> None:
    plan = facts.plan(kind=EntryKind.PULLBACK)
    filled = (facts.outcome(plan, OutcomeStep.FILLED),)

    assert standing(plan, filled, 102.0, NOW).state is State.MISSED
    assert standing(plan, filled, 100.5, NOW).state is State.IN_ZONE


def test_without_a_mark_price_nothing_is_guessed() -> None:
    stands = standing(facts.plan(), (), None, NOW)

    assert stands.state is State.NO_MARK
    assert (stands.distance_atr, stands.distance_percent, stands.net_rr_now) == (None, None, None)


def test_what_the_planner_told_comes_before_the_price() -> None:
    plan = facts.plan()

    stands = standing(plan, (facts.outcome(plan, OutcomeStep.STOPPED),), 100.0, NOW)

    assert stands.state is State.STOPPED
    assert stands.state.ended


@pytest.mark.parametrize("step", [step for step in OutcomeStep if step.final])
def test_every_final_step_ends_the_plan(step: OutcomeStep) -> None:
    plan = facts.plan()

    assert standing(plan, (facts.outcome(plan, step),), 100.0, NOW).state.ended


def test_a_first_target_once_hit_is_remembered_when_price_returns() -> None:
    plan = facts.plan()

    stands = standing(plan, (facts.outcome(plan, OutcomeStep.TP1),), 100.2, NOW)

    assert stands.first_target_hit
    assert stands.filled
    assert not stands.state.ended


def test_a_plan_expires_by_the_venues_time() -> None:
    plan = facts.plan()

    assert standing(plan, (), 100.0, plan.expires_at).state is State.EXPIRED
    assert standing(plan, (), 100.0, plan.expires_at - timedelta(seconds=1)).state is State.IN_ZONE
    assert standing(plan, (), 100.0, None).state is State.IN_ZONE


def test_a_pull_back_not_filled_in_time_is_over_but_a_filled_one_is_not() -> None:
    plan = facts.plan(kind=EntryKind.PULLBACK)

    assert standing(plan, (), 100.0, plan.entry.fill_by).state is State.NOT_FILLED
    filled = (facts.outcome(plan, OutcomeStep.FILLED),)
    assert standing(plan, filled, 100.0, plan.entry.fill_by).state is State.IN_ZONE


def test_distance_is_positive_when_price_ran_ahead_in_the_trades_direction() -> None:
    long = standing(facts.plan(), (), 101.0, NOW)
    short = standing(facts.plan(direction=Direction.SHORT), (), 99.0, NOW)

    assert long.distance_atr == pytest.approx(0.5)
    assert long.distance_percent == pytest.approx(1.0)
    assert short.distance_atr == pytest.approx(0.5)
    assert short.distance_percent == pytest.approx(-1.0)


def test_net_reward_to_risk_at_the_mark_counts_half_at_each_target_and_all_costs() -> None:
    plan = facts.plan()

    at_entry = standing(plan, (), 100.0, NOW).net_rr_now
    late = standing(plan, (), 102.0, NOW).net_rr_now

    assert at_entry == pytest.approx((0.5 * 4.5 + 0.5 * 9.0 - 0.25) / (3.0 + 0.25))
    assert late == pytest.approx((0.5 * 2.5 + 0.5 * 7.0 - 0.25) / (5.0 + 0.25))
    assert standing(plan, (), 97.0, NOW).net_rr_now is None


@given(mark=st.floats(min_value=50, max_value=150), kind=st.sampled_from(EntryKind))
def test_every_price_has_a_state_and_the_mirror_has_the_same(mark: float, kind: EntryKind) -> None:
    def state(plan: TradePlan, price: float) -> State:
        return standing(plan, (), price, NOW).state

    long, short = facts.plan(kind=kind), facts.plan(direction=Direction.SHORT, kind=kind)

    assert state(long, mark) is state(short, 200.0 - mark) or _on_an_edge(mark)


def _on_an_edge(mark: float) -> bool:
    return any(abs(mark - edge) < 1e-9 for edge in (97, 99, 100, 101, 103, 104.5, 109))

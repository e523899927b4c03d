"""How plans ended: every plan counts once, and nothing makes a loss look smaller than it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.core.record import Ending, FirstTarget, PlanLife, figures_of, record_of
from common.domain import Aspect, Direction, EntryKind, Eta, OutcomeStep, Regime
from tests.support import facts

ETA = Eta(p25_hours=20, p50_hours=35, p75_hours=56)
OPEN = PlanLife(
    venue="binance",
    direction=Direction.LONG,
    entry=EntryKind.MARKET,
    regime=Regime.TRENDING_UP,
    confidence=63.0,
    proposed_at=facts.AS_OF,
)


def life(
    step: OutcomeStep, net_r: float | None, *, hours: float = 1, at_target: float | None = None
) -> PlanLife:
    """A plan that was entered, reached its target after `at_target` hours, and ended."""
    return replace(
        OPEN,
        entered=True,
        first_target=None if at_target is None else FirstTarget(hours=at_target, told=ETA),
        ending=Ending(step=step, at=facts.AS_OF + timedelta(hours=hours), net_r=net_r),
    )


LOST = life(OutcomeStep.STOPPED, -1.0)
WON = life(OutcomeStep.TP2, 2.0, at_target=30)
MISSED = replace(life(OutcomeStep.NOT_FILLED, 0.0), entered=False)
UNCLEAR = life(OutcomeStep.AMBIGUOUS, None)


def test_an_empty_record_has_no_number_that_was_not_counted() -> None:
    told = figures_of(())

    assert (told.plans, told.entered, sum(told.ends.values())) == (0, 0, 0)
    assert told.first_target_share is None
    assert told.first_target_times is None
    assert told.mean_net_r is None
    assert told.total_net_r is None
    assert told.worst_run is None


def test_plans_that_were_never_entered_change_no_result() -> None:
    alone = figures_of([LOST] * 30)
    beside = figures_of([LOST] * 30 + [MISSED] * 30)

    assert alone.mean_net_r is not None
    assert alone.mean_net_r.value == -1.0
    assert beside.mean_net_r == alone.mean_net_r
    assert beside.first_target_share == alone.first_target_share
    assert (beside.plans, beside.never_entered, beside.decided) == (60, 30, 30)


def test_what_nobody_knows_is_counted_beside_and_neither_won_nor_lost() -> None:
    blind = replace(life(OutcomeStep.NO_DATA, None), entered=False)
    told = figures_of([WON] * 20 + [LOST] * 20 + [UNCLEAR, blind])

    assert (told.unknown, told.decided, told.entered) == (2, 40, 41)
    assert (told.ends[OutcomeStep.AMBIGUOUS], told.ends[OutcomeStep.NO_DATA]) == (1, 1)
    assert (told.first_target_reached, told.first_target_known) == (20, 40)
    assert told.total_net_r == 20.0


def test_a_first_target_counts_when_it_is_reached_even_if_the_rest_is_not_known() -> None:
    runner = replace(WON, ending=None)
    moved_stop = life(OutcomeStep.AMBIGUOUS, None, at_target=10)
    fresh = replace(OPEN, entered=True)

    told = figures_of([runner, moved_stop, fresh, OPEN])

    assert (told.first_target_reached, told.first_target_known) == (2, 2)
    assert (told.running, told.waiting, told.unknown, told.decided) == (2, 1, 1, 0)


def test_a_plan_that_expired_short_of_its_target_did_not_reach_it() -> None:
    told = figures_of([life(OutcomeStep.EXPIRED, 0.8), life(OutcomeStep.INVALIDATED, -0.2)])

    assert (told.first_target_reached, told.first_target_known) == (0, 2)


def test_nothing_is_estimated_of_fewer_than_thirty() -> None:
    few, enough = figures_of([WON] * 29), figures_of([WON] * 30)

    assert (few.mean_net_r, few.first_target_share, few.first_target_times) == (None, None, None)
    assert few.total_net_r == 58.0
    assert enough.mean_net_r is not None
    assert enough.first_target_share is not None
    assert enough.first_target_times is not None


def test_hours_to_the_target_are_held_against_what_was_told() -> None:
    slow = life(OutcomeStep.TP2, 2.0, at_target=60)

    told = figures_of([WON] * 24 + [slow] * 8).first_target_times

    assert told is not None
    assert (told.median_hours, told.told_hours, told.within_told) == (30, 35, 0.75)


def test_the_worst_run_is_the_one_that_cost_most() -> None:
    results = [-1.0, -1.0, 2.0, -0.1, -0.1, -0.1, 0.0, -0.5, 1.0, -1.5]
    lives = [life(OutcomeStep.STOPPED, net, hours=at) for at, net in enumerate(results)]

    told = figures_of(lives[::-1]).worst_run

    assert told is not None
    assert (told.losses, told.net_r) == (2, -2.0)


def test_every_aspect_tells_all_plans_apart() -> None:
    short = replace(
        LOST,
        direction=Direction.SHORT,
        entry=EntryKind.PULLBACK,
        regime=None,
        confidence=100.0,
        venue="bybit",
        proposed_at=facts.AS_OF - timedelta(days=6),
    )

    told = record_of([WON, LOST, short], simulated=True)

    assert {(part.aspect, part.value): part.figures.plans for part in told.parts} == {
        (Aspect.DIRECTION, "long"): 2,
        (Aspect.DIRECTION, "short"): 1,
        (Aspect.ENTRY, "market"): 2,
        (Aspect.ENTRY, "pullback"): 1,
        (Aspect.REGIME, "trending_up"): 2,
        (Aspect.REGIME, "unknown"): 1,
        (Aspect.CONFIDENCE, "60-80"): 2,
        (Aspect.CONFIDENCE, "80-100"): 1,
        (Aspect.VENUE, "binance"): 2,
        (Aspect.VENUE, "bybit"): 1,
        (Aspect.MONTH, "2026-01"): 2,
        (Aspect.MONTH, "2025-12"): 1,
    }


@given(st.lists(st.sampled_from([OPEN, replace(OPEN, entered=True), LOST, WON, MISSED, UNCLEAR])))
def test_every_plan_is_counted_exactly_once(lives: list[PlanLife]) -> None:
    told = figures_of(lives)

    counted: dict[str, Any] = told.model_dump()
    kinds = ("waiting", "running", "never_entered", "decided", "unknown")
    assert sum(counted[kind] for kind in kinds) == len(lives) == told.plans
    assert told.entered == sum(one.entered for one in lives)
    assert sum(told.ends.values()) == len(lives) - told.waiting - told.running
    assert told.total_net_r == pytest.approx(
        2.0 * lives.count(WON) - lives.count(LOST) if told.decided else None
    )

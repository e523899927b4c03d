"""How verdicts fared: nothing is said of few results, vetoes are held against what came of them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ai_analyst.core.record import record
from ai_analyst.core.verdicts import Judged, Verdict
from common.domain import Direction, ModelRecord, Stance
from tests.support.analyst_market import NOW


def judged(
    place: int, stance: Stance = Stance.AGREE, *, net_r: float | None = None, **changes: object
) -> Judged:
    made = Verdict(
        venue="binance",
        symbol=f"C{place}USDT",
        scan_id="binance.20260105T080000Z.scheduled.0",
        direction=Direction.LONG if place % 2 else Direction.SHORT,
        stance=stance,
        lean=Direction.LONG,
        reasons=("one", "two"),
        struck=("three",),
        model="qwen3:4b",
        prompt_version="abc",
        asked_at=NOW + timedelta(days=place),
    )
    known = net_r is not None
    return Judged(replace(made, **changes), filled=known, ended=known, net_r=net_r)  # type: ignore[arg-type]  # the test's own fields


def only(*found: Judged) -> ModelRecord:
    (one,) = record(found).models
    return one


def test_nobody_asked_has_no_record() -> None:
    assert record(()).models == ()


def test_no_mean_is_told_of_fewer_than_thirty_results() -> None:
    few = only(*(judged(place, net_r=1.0) for place in range(29)))
    enough = only(*(judged(place, net_r=1.0) for place in range(30)))

    assert (few.decided, few.mean_net_r) == (29, None)
    assert (enough.decided, enough.mean_net_r) == (30, 1.0)


def test_plans_without_a_known_result_are_counted_and_not_averaged() -> None:
    told = only(*(judged(place, net_r=2.0) for place in range(30)), judged(99), judged(100))

    assert (told.verdicts, told.decided, told.mean_net_r) == (32, 30, 2.0)


def test_a_plan_that_was_never_entered_is_no_result_and_makes_no_loss_smaller() -> None:
    lost = [judged(place, net_r=-1.0) for place in range(30)]
    missed = [replace(judged(place, net_r=0.0), filled=False) for place in range(50, 80)]
    hidden = replace(judged(99), filled=True, ended=True)

    told = only(*lost, *missed, hidden)

    assert (told.decided, told.unfilled, told.unknown) == (30, 30, 1)
    assert told.mean_net_r == -1.0


def test_a_mean_comes_with_how_far_it_can_be_off() -> None:
    told = only(*(judged(place, net_r=1.0 if place % 2 else -1.0) for place in range(100)))

    assert told.mean_net_r == pytest.approx(0)
    assert told.margin_net_r == pytest.approx(1.96 * np.std([1.0, -1.0] * 50, ddof=1) / 10)


def test_plans_of_one_day_are_one_bet_and_make_no_mean_surer() -> None:
    results = [1.0 if place % 3 else -1.0 for place in range(90)]
    apart = only(*(judged(place, net_r=net) for place, net in enumerate(results)))
    together = only(*(judged(place, net_r=net, asked_at=NOW) for place, net in enumerate(results)))

    assert together.mean_net_r == apart.mean_net_r
    assert together.margin_net_r is not None
    assert apart.margin_net_r is not None
    assert together.margin_net_r > 9 * apart.margin_net_r


def test_vetoes_are_held_against_what_came_of_the_plans() -> None:
    losers = [judged(place, Stance.VETO, net_r=-1.0) for place in range(30)]
    winners = [judged(place, net_r=1.0) for place in range(100, 130)]

    told = only(*losers, *winners)

    assert told.mean_net_r == pytest.approx(0)
    assert told.mean_net_r_without_vetoes == pytest.approx(1.0)
    assert {one.stance: one.mean_net_r for one in told.stances} == {
        Stance.AGREE: 1.0,
        Stance.CAUTION: None,
        Stance.VETO: -1.0,
    }


def test_a_bias_to_one_side_shows() -> None:
    told = only(*(judged(place, Stance.AGREE if place % 2 else Stance.VETO) for place in range(10)))

    assert (told.longs, told.longs_agreed, told.shorts, told.shorts_agreed) == (5, 5, 5, 0)


def test_disagreement_is_over_the_repeats_of_one_plan_and_never_the_mirror() -> None:
    told = only(
        judged(1),
        judged(1, Stance.VETO, attempt=1),
        judged(1, Stance.VETO, mirrored=True),
        judged(2),
    )

    assert (told.verdicts, told.repeated, told.disagreement) == (2, 1, 0.5)


def test_a_lean_must_turn_with_the_prices_to_count_as_turned() -> None:
    told = only(
        judged(1),
        judged(1, mirrored=True, lean=Direction.SHORT),
        judged(2),
        judged(2, mirrored=True, lean=Direction.LONG),
        judged(3),
        judged(3, mirrored=True, lean=None),
    )

    assert (told.mirrored, told.turned) == (2, 1)


def test_each_model_and_each_version_of_its_prompts_has_its_own_record() -> None:
    models = record(
        [judged(1), judged(2), judged(1, prompt_version="def"), judged(1, model="llama")]
    ).models

    assert [(one.model, one.prompt_version, one.verdicts) for one in models] == [
        ("qwen3:4b", "abc", 2),
        ("llama", "abc", 1),
        ("qwen3:4b", "def", 1),
    ]

from collections.abc import Iterable
from datetime import timedelta

import pytest

from common.domain import Bar, EntryKind, Outcome, OutcomeStep, Timeframe
from planner.core.candle import Status
from planner.core.following import catch_up, fall_silent, resume
from planner.core.life import Life, begin
from planner.core.rules import FollowingRules
from planner.core.tape import Tape
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.bars import HOUR, bar, plan, quiet

RULES = FollowingRules(gap_hours=4, silence_hours=24)
MINUTE = Timeframe.M1
NO_DATA, DELISTED = OutcomeStep.NO_DATA, OutcomeStep.DELISTED


def _follow(bars: Iterable[Bar], life: Life | None = None) -> tuple[Life, list[OutcomeStep]]:
    followed, told = catch_up(life or begin(plan())[0], Tape(bars), RULES)
    return followed, [outcome.step for outcome in told]


def _minutes(count: int, start: int = 0) -> list[Bar]:
    return [
        bar(one / 60, 101, 101.2, 100.8, 101, timeframe=MINUTE)
        for one in range(start, start + count)
    ]


def test_candles_are_followed_in_time_whatever_order_they_come_in() -> None:
    bars = [bar(2, 101, 105, 100.5, 103), *quiet(2), bar(3, 103, 109, 102, 108)]

    assert _follow(bars)[1] == [OutcomeStep.TP1, OutcomeStep.TP2]
    assert _follow(reversed(bars))[1] == [OutcomeStep.TP1, OutcomeStep.TP2]


def test_a_candle_that_is_missing_is_waited_for() -> None:
    first, third = bar(0, 101, 101.5, 100.5, 101), bar(2, 101, 105, 100.5, 103)
    life, steps = _follow([first, third])

    assert steps == []
    assert life.seen_until == AS_OF + HOUR
    assert _follow([first, *quiet(1, start=1), third], life)[1] == [OutcomeStep.TP1]


def test_a_hole_that_lasts_ends_a_plan_as_no_data_neither_lost_nor_won() -> None:
    life, told = catch_up(begin(plan())[0], Tape([*quiet(1), *quiet(4, start=2)]), RULES)

    assert [outcome.step for outcome in told] == [NO_DATA]
    assert told[0].occurred_at == AS_OF + 5 * HOUR
    assert (told[0].gross_r, told[0].net_r, told[0].price) == (None, None, None)
    assert life.status is Status.ENDED
    assert _follow([*quiet(1), *quiet(2, start=2)])[1] == []


def test_the_finest_candles_are_preferred() -> None:
    hour = bar(0, 101, 105, 96, 97)
    minutes = [bar(0, 101, 105, 100.5, 104, timeframe=MINUTE), *_minutes(58, start=1)]
    last = bar(59 / 60, 101, 101, 96, 97, timeframe=MINUTE)

    assert _follow([hour])[1] == [OutcomeStep.AMBIGUOUS]
    assert _follow([hour, *minutes, last])[1] == [OutcomeStep.TP1, OutcomeStep.BREAK_EVEN]


def test_a_coarse_candle_over_minutes_that_were_seen_says_nothing_new() -> None:
    life, _ = _follow(_minutes(60))

    assert _follow([*_minutes(60), bar(0, 101, 120, 80, 101)], life) == (life, [])


def test_a_missing_minute_is_bridged_by_its_hour() -> None:
    hole = [*_minutes(20), *_minutes(10, start=30)]
    hour = bar(0, 101, 105, 100.5, 103)

    assert _follow(hole)[1] == []
    assert _follow([*hole, hour])[1] == [OutcomeStep.TP1]


def test_an_hour_is_no_bridge_when_the_plan_changed_inside_it() -> None:
    reached = bar(10 / 60, 101, 105, 100.5, 104, timeframe=MINUTE)
    hole = [*_minutes(10), reached, *_minutes(5, start=11), *_minutes(10, start=30)]

    life, steps = _follow([*hole, bar(0, 101, 105, 99, 103)])

    assert steps == [OutcomeStep.TP1]
    assert life.seen_until == AS_OF + timedelta(minutes=16)


def test_candles_longer_than_an_hour_are_not_followed() -> None:
    assert _follow([bar(0, 101, 120, 80, 100, timeframe=Timeframe.H4)])[1] == []


def test_a_plan_whose_candles_stop_coming_ends_as_no_data_after_a_day() -> None:
    life, _ = begin(plan())

    assert fall_silent(life, AS_OF + 23.9 * HOUR, RULES, Tape(), None) == (life, ())
    ended, told = fall_silent(life, AS_OF + 30 * HOUR, RULES, Tape(), None)
    assert [outcome.step for outcome in told] == [NO_DATA]
    assert told[0].as_of == AS_OF + 24 * HOUR
    assert ended.status is Status.ENDED


def test_a_plan_whose_contract_has_ended_ends_as_delisted_neither_lost_nor_won() -> None:
    tape, ends_at = Tape(quiet(6)), AS_OF + 6 * HOUR
    life, _ = catch_up(begin(plan())[0], tape, RULES)

    assert fall_silent(life, ends_at + 3.9 * HOUR, RULES, tape, ends_at) == (life, ())
    ended, told = fall_silent(life, ends_at + 4 * HOUR, RULES, tape, ends_at)

    assert [(outcome.step, outcome.occurred_at) for outcome in told] == [(DELISTED, ends_at)]
    assert float(told[0].price or 0) == 101.0  # the last close: what was settled is not known
    assert (told[0].gross_r, told[0].net_r) == (None, None)
    assert ended.status is Status.ENDED
    assert fall_silent(ended, ends_at + 9 * HOUR, RULES, tape, ends_at) == (ended, ())


def test_an_end_that_was_put_off_ends_no_plan() -> None:
    tape, ends_at = Tape(quiet(8)), AS_OF + 6 * HOUR
    life, _ = catch_up(begin(plan())[0], tape, RULES)

    assert fall_silent(life, ends_at + 5 * HOUR, RULES, tape, ends_at) == (life, ())


def _outcomes(*steps: OutcomeStep) -> list[Outcome]:
    return [
        facts.outcome(plan(), step, after=(place + 1) * HOUR) for place, step in enumerate(steps)
    ]


def test_a_plan_is_taken_up_again_where_it_was() -> None:
    bars = [bar(0, 101, 105, 100.5, 103), *quiet(5, start=1, price=103.0)]
    before, told = catch_up(begin(plan())[0], Tape(bars), RULES)
    published = (*begin(plan())[1], *told)

    life, untold = resume(plan(), published, Tape(bars), AS_OF + 6 * HOUR)
    after, more = catch_up(life, Tape(bars), RULES)

    assert untold == ()
    assert more == ()
    assert after == before


def test_an_outcome_that_was_lost_in_a_crash_is_found_again() -> None:
    bars = [bar(0, 101, 105, 100.5, 103), *quiet(1, start=1, price=103.0)]
    life, untold = resume(plan(), (), Tape(bars), AS_OF + 2 * HOUR)
    _, more = catch_up(life, Tape(bars), RULES)

    assert [one.step for one in untold] == [OutcomeStep.FILLED]
    assert [one.step for one in more] == [OutcomeStep.TP1]


def test_an_ended_plan_is_not_taken_up_again() -> None:
    told = _outcomes(OutcomeStep.FILLED, OutcomeStep.STOPPED)

    life, untold = resume(plan(), told, Tape(quiet(9)), AS_OF + 9 * HOUR)

    assert life.status is Status.ENDED
    assert untold == ()


def test_candles_older_than_the_stream_keeps_were_seen_if_the_planner_was_alive() -> None:
    recent = quiet(3, start=100)
    alive, _ = resume(plan(), begin(plan())[1], Tape(recent), AS_OF + 101 * HOUR)
    away, _ = resume(plan(), begin(plan())[1], Tape(recent), AS_OF + 50 * HOUR)

    assert _follow(recent, alive)[1] == []
    assert _follow(recent, alive)[0].seen_until == AS_OF + 103 * HOUR
    assert _follow(recent, away)[1] == [NO_DATA]


def test_a_waiting_plan_is_taken_up_waiting() -> None:
    life, untold = resume(plan(kind=EntryKind.PULLBACK), (), Tape(), AS_OF)

    assert life.status is Status.WAITING
    assert untold == ()


@pytest.mark.parametrize(
    ("slowest", "decided", "oldest"),
    [
        (None, None, 15),  # a day
        (None, 36, 34),
        (None, 99, 38),  # a simulated clock was ahead
        (36, 39, 35),  # the candle up to which the plan was followed, too
    ],
)
def test_candles_wait_for_open_plans_and_for_the_next_decision_alone(
    slowest: float | None, decided: float | None, oldest: float
) -> None:
    tape = Tape(quiet(40))

    tape.prune(*(None if one is None else AS_OF + one * HOUR for one in (slowest, decided)))

    assert tape.oldest() == AS_OF + oldest * HOUR

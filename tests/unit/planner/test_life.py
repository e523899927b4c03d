from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain import Bar, Direction, EntryKind, Outcome, OutcomeStep, Timeframe
from planner.core.candle import Status
from planner.core.life import Life, advance, begin, lose_sight, supersede
from tests.support.facts import AS_OF
from tests.unit.planner.bars import HOUR, bar, mirrored, plan, quiet

PULLBACK = EntryKind.PULLBACK
FILLED, TP1, TP2 = OutcomeStep.FILLED, OutcomeStep.TP1, OutcomeStep.TP2
STOPPED, BREAK_EVEN, AMBIGUOUS = (
    OutcomeStep.STOPPED,
    OutcomeStep.BREAK_EVEN,
    OutcomeStep.AMBIGUOUS,
)
COSTS = 0.25  # of the sample plan, per unit
RISK = 3.0


def _live(bars: Sequence[Bar], kind: EntryKind = EntryKind.MARKET) -> tuple[Life, list[Outcome]]:
    life, told = begin(plan(kind=kind))
    outcomes = list(told)
    for one in bars:
        life, told = advance(life, one)
        outcomes.extend(told)
    return life, outcomes


def _steps(bars: Sequence[Bar], kind: EntryKind = EntryKind.MARKET) -> list[OutcomeStep]:
    return [outcome.step for outcome in _live(bars, kind)[1]]


def _net(earned: float) -> float:
    return (earned - COSTS) / (RISK + COSTS)


def test_a_market_entry_fills_at_its_proposal_at_the_planned_price() -> None:
    life, outcomes = _live([])

    assert life.status is Status.FILLED
    assert [one.step for one in outcomes] == [FILLED]
    assert outcomes[0].occurred_at == outcomes[0].as_of == AS_OF
    assert outcomes[0].price == life.plan.entry.price
    assert outcomes[0].gross_r is None


def test_a_pullback_waits_until_price_comes_back() -> None:
    waiting = [bar(0, 102, 103, 100.01, 102)]

    assert _steps(waiting, PULLBACK) == []
    assert _steps([*waiting, bar(1, 102, 102.5, 100.0, 101)], PULLBACK) == [FILLED]


def test_a_pullback_not_filled_after_three_anchor_bars_ends_without_a_result() -> None:
    bars = quiet(12, price=103.0)

    assert _steps(bars[:11], PULLBACK) == []
    life, outcomes = _live(bars, PULLBACK)
    assert [one.step for one in outcomes] == [OutcomeStep.NOT_FILLED]
    assert outcomes[0].occurred_at == AS_OF + timedelta(hours=12)
    assert (outcomes[0].gross_r, outcomes[0].net_r, outcomes[0].price) == (0.0, 0.0, None)
    assert life.status is Status.ENDED


@pytest.mark.parametrize(
    ("bars", "steps", "earned"),
    [
        pytest.param([bar(0, 100, 101, 97, 98)], [STOPPED], -3.0, id="stopped"),
        pytest.param([bar(0, 95, 96, 94, 95)], [STOPPED], -5.0, id="gap below the stop"),
        pytest.param(
            [bar(0, 101, 104.5, 100.5, 103), bar(1, 103, 109, 102, 108)],
            [TP1, TP2],
            0.5 * 4.5 + 0.5 * 9,
            id="both targets",
        ),
        pytest.param(
            [bar(0, 101, 109.5, 100.5, 109)], [TP1, TP2], 0.5 * 4.5 + 0.5 * 9, id="in one candle"
        ),
        pytest.param(
            [bar(0, 101, 105, 100.5, 103), bar(1, 103, 104, 100.2, 101)],
            [TP1, BREAK_EVEN],
            0.5 * 4.5 + 0.5 * 0.2,
            id="break-even",
        ),
        pytest.param(
            [bar(0, 101, 105, 100.5, 103), bar(1, 99, 100, 98, 99)],
            [TP1, BREAK_EVEN],
            0.5 * 4.5 + 0.5 * -1,
            id="gap below break-even",
        ),
        pytest.param(
            [bar(0, 101, 105, 100, 100.1)],
            [TP1, BREAK_EVEN],
            0.5 * 4.5 + 0.5 * 0.2,
            id="a close below break-even says what came last",
        ),
        pytest.param(
            [bar(0, 105, 106, 96, 97)],
            [TP1, BREAK_EVEN],
            0.5 * 4.5 + 0.5 * 0.2,
            id="an open above the target says what came first",
        ),
        pytest.param(
            [bar(0, 101, 105, 100.5, 103), bar(1, 110, 110, 100, 105)],
            [TP1, TP2],
            0.5 * 4.5 + 0.5 * 9,
            id="an open above the second target says what came first",
        ),
    ],
)
def test_a_filled_plan_ends_with_its_result_in_r(
    bars: list[Bar], steps: list[OutcomeStep], earned: float
) -> None:
    life, outcomes = _live(bars)

    assert [one.step for one in outcomes] == [FILLED, *steps]
    assert outcomes[-1].gross_r == pytest.approx(earned / RISK)
    assert outcomes[-1].net_r == pytest.approx(_net(earned))
    assert all(one.gross_r is None for one in outcomes[:-1])
    assert life.ending == outcomes[-1]


def test_a_plain_stop_costs_exactly_one_net_r() -> None:
    assert _live([bar(0, 100, 101, 97, 98)])[1][-1].net_r == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("bars", "steps"),
    [
        pytest.param([bar(0, 100, 105, 96, 100)], [AMBIGUOUS], id="stop and first target"),
        pytest.param(
            [bar(0, 101, 105, 100.1, 103)], [TP1, AMBIGUOUS], id="first target and its new stop"
        ),
        pytest.param(
            [bar(0, 101, 105, 100.5, 103), bar(1, 103, 110, 100, 105)],
            [TP1, AMBIGUOUS],
            id="break-even and second target",
        ),
    ],
)
def test_a_stop_and_a_target_in_one_candle_are_ambiguous(
    bars: list[Bar], steps: list[OutcomeStep]
) -> None:
    _, outcomes = _live(bars)

    assert [one.step for one in outcomes] == [FILLED, *steps]
    assert (outcomes[-1].gross_r, outcomes[-1].net_r, outcomes[-1].price) == (None, None, None)


@pytest.mark.parametrize(
    ("candle", "steps"),
    [
        pytest.param(bar(0, 102, 103, 96, 98), [FILLED, STOPPED], id="through entry to the stop"),
        pytest.param(bar(0, 102, 105, 99, 101), [FILLED, AMBIGUOUS], id="target before or after"),
        pytest.param(bar(0, 102, 105, 99, 104.6), [FILLED, TP1, AMBIGUOUS], id="target at the end"),
        pytest.param(bar(0, 102, 105, 96, 104.6), [FILLED, AMBIGUOUS], id="stop and target"),
    ],
)
def test_what_the_filling_candle_shows_beyond_the_fill(
    candle: Bar, steps: list[OutcomeStep]
) -> None:
    assert _steps([candle], PULLBACK) == steps


def test_finer_candles_settle_what_a_coarse_one_cannot() -> None:
    minute = Timeframe.M1
    fine = [
        bar(0, 100, 105, 100.5 - 0.5, 104, timeframe=minute),
        bar(1 / 60, 104, 104, 96, 97, timeframe=minute),
    ]

    assert _steps([bar(0, 100, 105, 96, 97)]) == [FILLED, AMBIGUOUS]
    assert _steps(fine)[-1] in {AMBIGUOUS, BREAK_EVEN}
    assert _steps([bar(0, 101, 105, 100.5, 104, timeframe=minute), fine[1]]) == [
        FILLED,
        TP1,
        BREAK_EVEN,
    ]


def test_an_open_plan_expires_at_the_close_of_its_last_hour() -> None:
    held = plan().expires_at - AS_OF
    bars = quiet(held // HOUR)

    assert _steps(bars[:-1]) == [FILLED]
    _, outcomes = _live(bars)
    assert outcomes[-1].step is OutcomeStep.EXPIRED
    assert outcomes[-1].occurred_at == plan().expires_at
    assert outcomes[-1].gross_r == pytest.approx(1.0 / RISK)


def test_a_runner_expires_with_its_first_half_taken() -> None:
    held = plan().expires_at - AS_OF
    bars = [bar(0, 101, 105, 100.5, 103), *quiet(held // HOUR - 1, start=1, price=103.0)]

    assert _live(bars)[1][-1].gross_r == pytest.approx((0.5 * 4.5 + 0.5 * 3) / RISK)


def test_a_candle_seen_before_changes_nothing() -> None:
    bars = [*quiet(3), bar(3, 101, 105, 100.5, 103)]
    life, told = _live(bars)

    for one in bars:
        again, more = advance(life, one)
        assert (again, more) == (life, ())
    assert [one.step for one in told] == [FILLED, TP1]


def test_candles_from_before_the_plan_are_ignored() -> None:
    assert _steps([bar(-1, 100, 120, 80, 100)]) == [FILLED]


def test_an_ended_plan_stays_ended() -> None:
    life, _ = _live([bar(0, 100, 101, 97, 98)])

    assert advance(life, bar(1, 100, 120, 80, 100)) == (life, ())
    assert lose_sight(life, AS_OF + 9 * HOUR) == (life, ())


def test_an_opposite_plan_invalidates_at_its_reference_price() -> None:
    life, _ = _live(quiet(4))
    successor = plan(Direction.SHORT, as_of=AS_OF + 4 * HOUR, reference=101.5)

    ended, told = supersede(life, successor)

    assert [one.step for one in told] == [OutcomeStep.INVALIDATED]
    assert told[0].occurred_at == AS_OF + 4 * HOUR
    assert told[0].gross_r == pytest.approx(1.5 / RISK)
    assert told[0].scan_id == life.plan.scan_id
    assert ended.status is Status.ENDED


def test_a_waiting_plan_is_invalidated_without_a_result() -> None:
    life, _ = _live(quiet(4, price=103.0), PULLBACK)

    _, told = supersede(life, plan(Direction.SHORT, as_of=AS_OF + 4 * HOUR))

    assert (told[0].gross_r, told[0].price) == (0.0, None)


def test_candles_on_their_way_still_end_a_plan_before_it_is_invalidated() -> None:
    life, _ = _live(quiet(3))
    superseded, told = supersede(life, plan(Direction.SHORT, as_of=AS_OF + 4 * HOUR))

    assert told == ()
    _, stopped = advance(superseded, bar(3, 101, 101, 96, 97))
    _, lived = advance(superseded, bar(3, 101, 101, 100, 100.5))
    assert [one.step for one in stopped] == [STOPPED]
    assert [one.step for one in lived] == [OutcomeStep.INVALIDATED]


_walks = st.lists(
    st.tuples(st.floats(-4, 4), st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=60
)


def _walk(moves: list[tuple[float, float, float]]) -> list[Bar]:
    price, bars = 100.0, []
    for hour, (move, up, down) in enumerate(moves):
        close = max(20.0, round(price + move, 2))
        high = round(max(price, close) + up, 2)
        low = round(min(price, close) - down, 2)
        bars.append(bar(hour, price, high, low, close))
        price = close
    return bars


@settings(max_examples=80, deadline=None)
@given(_walks, st.sampled_from(EntryKind))
def test_every_life_has_at_most_one_ending_and_tells_no_step_twice(
    moves: list[tuple[float, float, float]], kind: EntryKind
) -> None:
    life, outcomes = _live(_walk(moves), kind)
    steps = [one.step for one in outcomes]

    assert len(set(steps)) == len(steps)
    assert [step.final for step in steps[:-1]] == [False] * len(steps[:-1])
    assert (life.status is Status.ENDED) is bool(steps and steps[-1].final)
    for one in outcomes:
        assert one.as_of == one.occurred_at
        assert one.net_r is None or one.gross_r is not None
        assert one.net_r is None or one.net_r <= one.gross_r or one.gross_r <= -1  # type: ignore[operator]


@settings(max_examples=80, deadline=None)
@given(_walks, st.sampled_from(EntryKind))
def test_a_short_lives_as_a_long_in_a_mirror(
    moves: list[tuple[float, float, float]], kind: EntryKind
) -> None:
    bars = [one for one in _walk(moves) if one.high < 180]
    life, told = begin(plan(Direction.SHORT, kind))
    outcomes = list(told)
    for candle in bars:
        life, told = advance(life, mirrored(candle))
        outcomes.extend(told)

    _, expected = _live(bars, kind)

    assert [one.step for one in outcomes] == [one.step for one in expected]
    for one, other in zip(outcomes, expected, strict=True):
        assert one.gross_r == pytest.approx(other.gross_r, abs=1e-9)

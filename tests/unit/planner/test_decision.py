from datetime import timedelta

import pytest

from common.domain import Direction, OutcomeStep, Quality, RejectionKind, Verdict
from planner.core.history import Ending, History, PastPlan
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.setups import decided, gate, levels, planned, rejected, signal

HOUR = timedelta(hours=1)
LONG, SHORT = Direction.LONG, Direction.SHORT
REFUSED, PASSED = Verdict.REFUSED, Verdict.PASSED

_OVEREXTENDED = facts.gate("overextension", REFUSED, value=2.4, threshold=2.0, flip="needs 2.0")
_YOUNG = facts.gate(
    "history",
    REFUSED,
    value=20.0,
    threshold=300.0,
    detail="closed candles: 1h 20",
    flip="needs 300",
)


def test_a_signal_whose_every_gate_passes_becomes_a_plan() -> None:
    plan = planned(signal(101.0))

    assert plan.key == f"decision.binance.SOLUSDT.{plan.scan_id}"
    assert plan.direction is LONG
    assert {one.verdict for one in plan.gates} == {PASSED}


def test_the_signals_gates_are_passed_through_before_the_planners_own() -> None:
    decision = decided(signal(101.0, gates=(_OVEREXTENDED,)))

    assert [one.name for one in decision.gates] == [
        "overextension",
        "no_entry",
        "stop_too_wide",
        "net_rr",
        "open_plan",
        "cooldown",
    ]
    assert decision.gates[0] == _OVEREXTENDED


def test_a_weak_score_is_no_setup_whatever_the_gates_say() -> None:
    rejection = rejected(signal(101.0, score=42.0, gates=(_OVEREXTENDED,)))

    assert rejection.kind is RejectionKind.NO_SETUP
    assert rejection.direction is LONG
    assert rejection.reason == "score +42.0 is weaker than the 50 of either sign that a setup needs"
    assert rejection.nearest_flip == "needs score +50, has +42.0"


def test_a_score_that_just_misses_is_not_written_as_the_one_it_needs() -> None:
    rejection = rejected(signal(101.0, score=49.996))

    assert "score +49.996 is weaker than the 50 of" in rejection.reason
    assert rejection.nearest_flip == "needs score +50, has +49.996"


def test_a_weak_short_needs_a_lower_score() -> None:
    rejection = rejected(signal(99.0, SHORT, score=42.0))

    assert rejection.direction is SHORT
    assert rejection.nearest_flip == "needs score -50, has -42.0"


def test_a_strong_score_that_a_gate_refuses_is_blocked() -> None:
    rejection = rejected(signal(101.0, gates=(_OVEREXTENDED,)))

    assert rejection.kind is RejectionKind.BLOCKED
    assert rejection.reason.startswith("overextension: ")
    assert rejection.nearest_flip == "needs 2.0"


def test_of_several_refusals_the_nearest_flip_is_named_and_the_others_listed() -> None:
    far = facts.gate("oversized", REFUSED, value=9.0, threshold=2.5, flip="needs 2.5")

    rejection = rejected(signal(101.0, gates=(far, _OVEREXTENDED)))

    assert rejection.nearest_flip == "needs 2.0; not enough alone: also refused by oversized"
    assert rejection.reason.endswith("; also refused by oversized")


def test_no_score_is_no_data() -> None:
    nothing = signal(101.0).model_copy(
        update={"score": None, "direction": None, "confidence": None, "candidate": False}
    )

    rejection = rejected(nothing)

    assert rejection.kind is RejectionKind.NO_DATA
    assert gate(rejection, "no_entry").verdict is Verdict.NOT_EVALUATED
    assert gate(rejection, "open_plan").verdict is Verdict.NOT_EVALUATED


def test_too_little_history_is_no_data_even_with_a_strong_score() -> None:
    rejection = rejected(signal(101.0, gates=(_OVEREXTENDED, _YOUNG)))

    assert rejection.kind is RejectionKind.NO_DATA
    assert rejection.reason == "too little history: closed candles: 1h 20"
    assert rejection.nearest_flip == "needs 300"


@pytest.mark.parametrize("missing", ["anchor_atr", "anchor_ema_21"])
def test_a_strong_score_without_levels_is_no_data(missing: str) -> None:
    rejection = rejected(signal(levels=levels(101.0, **{missing: None})))

    assert rejection.kind is RejectionKind.NO_DATA
    assert rejection.reference == 101.0


def test_a_gate_that_was_not_evaluated_passes() -> None:
    unknown = facts.gate("btc_conflict", Verdict.NOT_EVALUATED, value=None)

    assert planned(signal(101.0, gates=(unknown,))).gates[0] == unknown


def test_the_decision_carries_what_the_signal_said() -> None:
    sent = signal(101.0, quality=Quality(score=0.9))
    plan = planned(sent)

    assert (plan.score, plan.trend_score, plan.confidence) == (
        sent.score,
        sent.trend_score,
        sent.confidence,
    )
    assert (plan.regime, plan.quality_score, plan.reference) == (sent.regime, 0.9, 101.0)
    assert plan.simulated is sent.simulated


def _history(
    *,
    direction: Direction = LONG,
    proposed: float = 48.0,
    step: OutcomeStep | None = None,
    ended: float = 0.0,
) -> History:
    plan = facts.plan("SOLUSDT", direction, as_of=AS_OF - proposed * HOUR)
    ending = None if step is None else Ending(step=step, at=AS_OF - ended * HOUR)
    return History.before(AS_OF, [PastPlan(plan=plan, ending=ending)])


def test_an_open_plan_refuses_another_in_its_direction() -> None:
    rejection = rejected(signal(101.0), _history())

    assert rejection.kind is RejectionKind.BLOCKED
    assert gate(rejection, "open_plan").verdict is REFUSED
    assert gate(rejection, "open_plan").value == 1.0


def test_an_open_plan_does_not_refuse_the_opposite_direction() -> None:
    decision = decided(signal(101.0), _history(direction=SHORT))

    assert gate(decision, "open_plan").verdict is PASSED


@pytest.mark.parametrize(
    ("step", "hours", "verdict"),
    [
        (OutcomeStep.STOPPED, 11.0, REFUSED),
        (OutcomeStep.STOPPED, 12.0, PASSED),
        (OutcomeStep.TP2, 3.0, REFUSED),
        (OutcomeStep.TP2, 4.0, PASSED),
        (OutcomeStep.BREAK_EVEN, 5.0, PASSED),
        (OutcomeStep.INVALIDATED, 1.0, REFUSED),
        (OutcomeStep.NOT_FILLED, 3.5, REFUSED),
        (OutcomeStep.EXPIRED, 4.0, PASSED),
    ],
)
def test_the_cooldown_is_12_hours_after_a_stop_and_4_after_another_end(
    step: OutcomeStep, hours: float, verdict: Verdict
) -> None:
    decision = decided(signal(101.0), _history(step=step, ended=hours))

    assert gate(decision, "cooldown").verdict is verdict
    assert gate(decision, "open_plan").verdict is PASSED


def test_the_longest_remaining_cooldown_is_shown() -> None:
    plan = facts.plan("SOLUSDT", as_of=AS_OF - 99 * HOUR)
    endings = ((OutcomeStep.STOPPED, 10.0), (OutcomeStep.TP2, 1.0))
    history = History.before(
        AS_OF,
        [
            PastPlan(plan=plan, ending=Ending(step=step, at=AS_OF - hours * HOUR))
            for step, hours in endings
        ],
    )

    found = gate(decided(signal(101.0), history), "cooldown")

    assert (found.value, found.threshold) == (1.0, 4.0)


def test_only_plans_and_ends_strictly_before_the_scan_are_seen() -> None:
    now = _history(proposed=0.0)
    ended_now = _history(step=OutcomeStep.STOPPED, ended=0.0)

    assert gate(decided(signal(101.0), now), "open_plan").verdict is PASSED
    assert gate(decided(signal(101.0), ended_now), "open_plan").verdict is REFUSED
    assert gate(decided(signal(101.0), ended_now), "cooldown").verdict is PASSED

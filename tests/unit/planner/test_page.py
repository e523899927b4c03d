from datetime import timedelta
from typing import Any

from common.domain import (
    Direction,
    Outcome,
    OutcomeStep,
    Rejection,
    ScanKind,
    Signal,
    Source,
    TradePlan,
    Verdict,
    scan_id,
)
from planner.core.page import Answer, Page
from tests.support import facts
from tests.support.facts import AS_OF, VENUE
from tests.unit.planner.bars import HOUR, bar, quiet
from tests.unit.planner.setups import RULES, gate, signal

LONG, SHORT = Direction.LONG, Direction.SHORT


def at(hours: float, direction: Direction = LONG, *, number: int = 0, **changes: Any) -> Signal:
    """A strong signal so many hours after the first, price at 100.5 or 99.5."""
    as_of = AS_OF + hours * HOUR
    reference = 100.5 if direction is LONG else 99.5
    fields = {"as_of": as_of, "deadline": as_of + timedelta(minutes=5)} | changes
    sent = signal(reference, direction, **fields)
    return sent.model_copy(update={"scan_id": facts.scan_of(as_of, number=number)})


def steps(answer: Answer) -> list[OutcomeStep]:
    return [fact.step for fact in answer if isinstance(fact, Outcome)]


def proposed(answer: Answer) -> TradePlan:
    assert isinstance(answer[0], TradePlan)
    return answer[0]


def refused(answer: Answer) -> Rejection:
    assert isinstance(answer[0], Rejection)
    assert len(answer) == 1
    return answer[0]


def test_a_plan_comes_first_then_its_fill() -> None:
    answer = Page(RULES).answer_signal(at(0))

    assert proposed(answer).direction is LONG
    assert steps(answer) == [OutcomeStep.FILLED]


def test_a_redelivered_signal_gets_byte_for_byte_the_same_decision() -> None:
    page = Page(RULES)
    first = page.answer_signal(at(0))
    page.answer_bar(bar(0, 100.5, 101, 90, 91))  # stopped in the meantime
    page.answer_signal(at(4))

    again = page.answer_signal(at(0))

    assert [fact.model_dump_json() for fact in again] == [fact.model_dump_json() for fact in first]


def test_a_redelivered_candle_is_answered_the_same_way() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    stop = bar(0, 100.5, 101, 90, 91)

    assert steps(page.answer_bar(stop)) == [OutcomeStep.STOPPED]
    assert steps(page.answer_bar(stop)) == [OutcomeStep.STOPPED]


def test_what_a_page_remembers_does_not_grow_with_every_scan() -> None:
    page = Page(RULES)
    signals = [at(4 * number) for number in range(20)]

    for sent in signals:
        page.answer_signal(sent)

    assert [page.answered(sent) for sent in signals] == [False] * 12 + [True] * 8


def test_a_second_plan_in_the_same_direction_waits_for_the_first_to_end() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))

    rejection = refused(page.answer_signal(at(4)))

    assert gate(rejection, "open_plan").verdict == "refused"
    assert len(page.open_plans) == 1


def test_a_stopped_contract_cools_down_for_12_hours() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    page.answer_bar(bar(0, 100.5, 101, 90, 91))  # stopped at +1 h

    assert gate(refused(page.answer_signal(at(12))), "cooldown").value == 11.0
    assert proposed(page.answer_signal(at(16))).as_of == AS_OF + 16 * HOUR


def test_a_decision_sees_only_what_ended_strictly_before_it() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    for candle in [*quiet(3), bar(3, 100.5, 101, 90, 91)]:  # stopped at +4 h exactly
        page.answer_bar(candle)

    rejection = refused(page.answer_signal(at(4)))

    assert gate(rejection, "open_plan").verdict == "refused"
    assert gate(rejection, "cooldown").verdict == "passed"


def test_a_late_signal_is_decided_from_what_was_known_before_it() -> None:
    page = Page(RULES)
    page.answer_signal(at(8))

    assert proposed(page.answer_signal(at(4))).as_of == AS_OF + 4 * HOUR


def test_an_opposite_plan_ends_the_old_one_and_is_proposed() -> None:
    page = Page(RULES)
    first = proposed(page.answer_signal(at(0)))
    for candle in quiet(4):
        page.answer_bar(candle)

    answer = page.answer_signal(at(4, SHORT))

    assert proposed(answer).direction is SHORT
    assert steps(answer) == [OutcomeStep.INVALIDATED, OutcomeStep.FILLED]
    ended = answer[1]
    assert ended.scan_id == first.scan_id
    assert [plan.direction for plan in page.open_plans] == [SHORT]


def test_an_opposite_signal_that_a_gate_refuses_ends_nothing() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    blocked = at(4, SHORT, gates=(facts.gate("funding", Verdict.REFUSED),))

    refused(page.answer_signal(blocked))

    assert [plan.direction for plan in page.open_plans] == [LONG]


def test_the_next_signal_after_an_opposite_plan_sees_the_old_one_ended() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    page.answer_signal(at(4, SHORT))  # its last candles are still on their way

    decision = refused(page.answer_signal(at(6)))

    assert gate(decision, "open_plan").verdict == "passed"
    assert gate(decision, "cooldown").value == 2.0


def test_candles_that_outran_their_plan_are_not_lost() -> None:
    page = Page(RULES)
    page.answer_bar(bar(0, 100.5, 101, 90, 91))

    assert steps(page.answer_signal(at(0))) == [OutcomeStep.FILLED, OutcomeStep.STOPPED]


def test_a_forced_scan_decides_the_same_as_the_scan_before_it() -> None:
    page = Page(RULES)
    first = proposed(page.answer_signal(at(0)))

    forced = proposed(page.answer_signal(at(0, number=1)))

    assert forced.model_copy(update={"scan_id": first.scan_id}) == first


def test_a_replay_decides_and_leaves_no_trace() -> None:
    page = Page(RULES)
    replayed = at(0).model_copy(update={"scan_id": scan_id(VENUE, AS_OF, ScanKind.REPLAY, 0)})

    assert len(page.answer_signal(replayed)) == 1
    assert page.open_plans == ()
    assert proposed(page.answer_signal(at(4))).as_of == AS_OF + 4 * HOUR


def test_a_plan_that_was_never_published_is_forgotten_with_all_it_did() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    for candle in quiet(4):
        page.answer_bar(candle)
    page.answer_signal(at(4, SHORT))

    page.forget(at(4, SHORT))

    assert [plan.direction for plan in page.open_plans] == [LONG]
    assert not page.answered(at(4, SHORT))


def test_silence_is_told_before_it_is_acted_upon() -> None:
    page = Page(RULES)
    page.answer_signal(at(0))
    later = AS_OF + 25 * HOUR

    assert steps(page.silent(later)) == [OutcomeStep.NO_DATA]
    assert steps(page.silent(later)) == [OutcomeStep.NO_DATA]
    page.close_silent(later)
    assert page.silent(later) == ()
    assert page.open_plans == ()


def test_a_restored_page_goes_on_as_the_old_one_would_have() -> None:
    old = Page(RULES)
    told: list[Any] = [*old.answer_signal(at(0))]
    candles = [*quiet(2), bar(2, 101, 106, 100.7, 105)]
    for candle in candles:
        told.extend(old.answer_bar(candle))
    plans = [fact for fact in told if isinstance(fact, TradePlan)]
    outcomes = [fact for fact in told if isinstance(fact, Outcome)]

    new = Page(RULES)
    assert new.restore(plans, outcomes, candles, AS_OF) == ()

    falling = bar(3, 105, 105, 90, 91)
    assert new.answer_bar(falling) == old.answer_bar(falling)
    for later in (at(4), at(8), at(16)):
        assert new.answer_signal(later) == old.answer_signal(later)


def test_a_restored_page_tells_what_a_crash_left_untold() -> None:
    old = Page(RULES)
    first = proposed(old.answer_signal(at(0)))
    second = proposed(old.answer_signal(at(4, SHORT)))
    new = Page(RULES)

    told = new.restore([second, first], [], quiet(4), AS_OF + 4 * HOUR)

    assert sorted(steps(told)) == ["filled", "filled", "invalidated"]


def lent_plan(source: Source) -> tuple[Page, tuple[TradePlan, Outcome]]:
    """A page with a plan whose levels were read on another market's candles, and its fill."""
    page, sent = Page(RULES), at(0)
    quality = sent.quality.model_copy(update={"source": source})
    plan, filled = page.answer_signal(sent.model_copy(update={"quality": quality}))
    assert isinstance(plan, TradePlan)
    assert isinstance(filled, Outcome)
    return page, (plan, filled)


def lent(source: Source) -> Page:
    return lent_plan(source)[0]


def test_a_plan_made_on_another_market_is_followed_there_and_says_so() -> None:
    page = lent(Source.OTHER_VENUE)
    (stopped,) = page.answer_bar(bar(0, 100.5, 101, 90, 91, source=Source.OTHER_VENUE))

    assert isinstance(stopped, Outcome)
    assert (stopped.step, stopped.source) == (OutcomeStep.STOPPED, Source.OTHER_VENUE)


def test_no_third_markets_candles_decide_a_plan() -> None:
    spot = bar(0, 100.5, 101, 90, 91, source=Source.SPOT)
    for source in (Source.VENUE, Source.OTHER_VENUE):
        page = lent(source)
        assert page.answer_bar(spot) == ()
        late = [bar(0, 100.5, 101, 100, 100.5), *quiet(5, start=1)]
        assert [page.answer_bar(one) for one in late] == [()] * 6  # nor are hours missing for it


def test_what_the_venue_tells_late_changes_nothing_that_another_market_has_told() -> None:
    away = [bar(hour, 101, 101.5, 100.5, 101, source=Source.OTHER_VENUE) for hour in range(3)]
    back = [bar(0, 100.5, 101, 100, 100.5), bar(1, 101, 101, 90, 91), *quiet(2, start=2)]
    old, (plan, filled) = lent_plan(Source.OTHER_VENUE)
    assert [old.answer_bar(one) for one in (*away, *back)] == [()] * 7

    new = Page(RULES)
    assert new.restore([plan], [filled], [*away, *back], AS_OF) == ()
    for page in (old, new):
        (stopped,) = page.answer_bar(bar(4, 101, 101, 90, 91))
        assert isinstance(stopped, Outcome)
        assert (stopped.step, stopped.source) == (OutcomeStep.STOPPED, Source.VENUE)

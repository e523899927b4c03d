from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from common.bus import Bus
from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.domain import Direction, Fact, Outcome, OutcomeStep, Rejection, TradePlan
from common.errors import InvalidMessageError
from common.service import Runtime, running
from common.settings import SettingsSource
from planner.app import wire
from planner.handlers import Planner
from tests.support.eventually import eventually
from tests.support.facts import AS_OF
from tests.unit.planner.bars import HOUR, bar, quiet
from tests.unit.planner.rules import CONFIG
from tests.unit.planner.setups import RULES
from tests.unit.planner.test_page import at

SHORT = Direction.SHORT


def _planner(bus: Bus, now: datetime = AS_OF) -> Planner:
    return Planner(bus=bus, clock=ManualClock(now), rules=RULES)


async def _publish(bus: Bus, *answers: Sequence[Fact]) -> None:
    for answer in answers:
        for fact in answer:
            await bus.publish(fact)


async def _all(bus: Bus, kind: type[Fact]) -> list[Fact]:
    return [fact async for fact in bus.replay(kind)]


@asynccontextmanager
async def _service(bus: MemoryBus, clock: ManualClock) -> AsyncIterator[None]:
    settings = SettingsSource.load({"SCANNER_CONFIG": str(CONFIG)})
    runtime = Runtime(name="planner", instance="1", bus=bus, clock=clock, settings=settings)
    async with running(runtime, wire(runtime)):
        yield


async def test_every_signal_of_a_batch_gets_its_one_decision() -> None:
    sent = [at(0), at(0, SHORT, score=20.0).model_copy(update={"symbol": "ETHUSDT"})]

    told = await _planner(MemoryBus()).decide(sent)

    assert [type(answer[0]) for answer in told] == [TradePlan, Rejection]


async def test_nothing_is_decided_past_the_deadline() -> None:
    planner = _planner(MemoryBus(), AS_OF + timedelta(minutes=6))

    assert await planner.decide([at(0)]) == [()]
    assert planner.open_plans == ()


async def test_a_decision_at_the_deadline_is_in_time() -> None:
    planner = _planner(MemoryBus(), AS_OF + timedelta(minutes=5))

    assert len((await planner.decide([at(0)]))[0]) == 2


async def test_a_decision_whose_publishing_failed_is_forgotten_after_its_deadline() -> None:
    clock = ManualClock(AS_OF)
    planner = Planner(bus=MemoryBus(), clock=clock, rules=RULES)
    await planner.decide([at(0)])

    clock.advance(timedelta(hours=1))
    told = await planner.decide([at(0)])

    assert told == [()]
    assert planner.open_plans == ()


async def test_a_published_decision_that_comes_again_late_stays() -> None:
    bus, clock = MemoryBus(), ManualClock(AS_OF)
    planner = Planner(bus=bus, clock=clock, rules=RULES)
    await _publish(bus, *await planner.decide([at(0)]))

    clock.advance(timedelta(hours=1))
    told = await planner.decide([at(0)])

    assert told == [()]
    assert len(planner.open_plans) == 1


async def test_a_restarted_planner_decides_and_follows_as_if_it_had_never_stopped() -> None:
    bus = MemoryBus()
    old = _planner(bus)
    candles = [*quiet(2), bar(2, 101, 106, 100.7, 105)]
    await _publish(bus, candles, *await old.decide([at(0)]), *await old.follow(candles))

    new = _planner(bus)
    await new.rebuild()

    assert new.open_plans == old.open_plans
    falling = [bar(3, 105, 105, 90, 91)]
    assert await new.follow(falling) == await old.follow(falling)
    later = [at(4, SHORT), at(8), at(20)]
    assert await new.decide(later) == await old.decide(later)


async def test_a_restarted_planner_answers_a_redelivered_signal_with_its_published_decision() -> (
    None
):
    bus = MemoryBus()
    first = await _planner(bus).decide([at(0)])
    await _publish(bus, *first)
    new = _planner(bus)
    await new.rebuild()

    again = await new.decide([at(0)])

    assert [fact.model_dump_json() for fact in again[0]] == [first[0][0].model_dump_json()]


async def test_outcomes_that_a_crash_left_untold_are_told_at_the_start() -> None:
    bus = MemoryBus()
    decided = await _planner(bus).decide([at(0)])
    await _publish(bus, decided[0][:1], [bar(0, 100.5, 101, 90, 91)])

    await _planner(bus).rebuild()

    steps = [fact.step for fact in await _all(bus, Outcome) if isinstance(fact, Outcome)]
    assert steps == [OutcomeStep.FILLED, OutcomeStep.STOPPED]


async def test_a_restart_tells_nothing_that_was_told() -> None:
    bus = MemoryBus()
    planner = _planner(bus)
    candles = [*quiet(2), bar(2, 101, 106, 100.7, 105)]
    await _publish(bus, candles, *await planner.decide([at(0)]), *await planner.follow(candles))
    before = len(await _all(bus, Outcome))

    await _planner(bus).rebuild()

    assert len(await _all(bus, Outcome)) == before == 2


async def test_another_fact_is_an_invalid_message() -> None:
    planner = _planner(MemoryBus())

    with pytest.raises(InvalidMessageError, match="planner decides on a Signal"):
        await planner.decide([quiet(1)[0]])
    with pytest.raises(InvalidMessageError, match="planner follows plans by Bars"):
        await planner.follow([at(0)])


async def test_the_service_decides_and_follows_what_the_bus_brings() -> None:
    bus, clock = MemoryBus(), ManualClock(AS_OF)

    async with _service(bus, clock):
        await bus.publish(at(0))
        await eventually(lambda: _count(bus, TradePlan, 1))
        await bus.publish(bar(0, 100.5, 101, 90, 91))
        await eventually(lambda: _count(bus, Outcome, 2))


async def test_a_plan_whose_candles_stop_coming_is_ended_by_the_service() -> None:
    bus, clock = MemoryBus(), ManualClock(AS_OF)

    async with _service(bus, clock):
        await bus.publish(at(0))
        await eventually(lambda: _count(bus, Outcome, 1))
        clock.advance(25 * HOUR)
        await eventually(lambda: _count(bus, Outcome, 2))

    last = (await _all(bus, Outcome))[-1]
    assert isinstance(last, Outcome)
    assert last.step is OutcomeStep.NO_DATA


async def _count(bus: Bus, kind: type[Fact], expected: int) -> bool:
    return len(await _all(bus, kind)) == expected

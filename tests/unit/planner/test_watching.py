"""Which contracts are told as watched, and when."""

from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import ValidationError
from typing_extensions import override

from common.bus import Bus
from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.codec import encode
from common.domain import Direction, EntryKind, Fact, Signal, WatchList
from common.errors import BusUnavailableError
from planner.handlers import Planner
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.bars import HOUR, bar, plan
from tests.unit.planner.setups import RULES
from tests.unit.planner.test_page import at

STOPPING = bar(0, 100.5, 101, 90, 91)


def _planner(bus: Bus) -> Planner:
    return Planner(bus=bus, clock=ManualClock(AS_OF), rules=RULES)


def _of(symbol: str, sent: Signal) -> Signal:
    return sent.model_copy(update={"symbol": symbol})


async def _lists(bus: Bus) -> list[WatchList]:
    return [fact async for fact in bus.replay(WatchList) if isinstance(fact, WatchList)]


async def _watched(bus: Bus) -> list[tuple[str, ...]]:
    return [tuple(one.since) for one in await _lists(bus)]


async def test_a_plan_puts_its_contract_on_the_list_and_its_end_takes_it_off() -> None:
    bus = MemoryBus()
    planner = _planner(bus)

    await planner.decide([at(0), _of("ETHUSDT", at(0))])
    await planner.follow([STOPPING])

    assert await _watched(bus) == [("ETHUSDT", "SOLUSDT"), ("ETHUSDT",)]
    first, second = await _lists(bus)
    assert (first.as_of, first.revision) == (AS_OF, 0)
    assert (second.as_of, second.revision) == (AS_OF + HOUR, 1)
    assert first.since == {"ETHUSDT": AS_OF, "SOLUSDT": AS_OF}
    assert first.simulated


async def test_a_contract_waiting_for_its_entry_is_watched() -> None:
    bus = MemoryBus()
    await bus.publish(plan(kind=EntryKind.PULLBACK))

    await _planner(bus).rebuild()

    assert await _watched(bus) == [("SOLUSDT",)]


async def test_a_list_is_told_only_when_its_contracts_change() -> None:
    bus = MemoryBus()
    planner = _planner(bus)

    await planner.decide([at(0)])
    await planner.decide([at(0), at(4), at(8, Direction.SHORT), _of("ETHUSDT", at(0, score=10.0))])
    await planner.follow([bar(1, 101, 101.5, 100.6, 101)])

    assert await _watched(bus) == [("SOLUSDT",)]


async def test_venues_have_lists_of_their_own() -> None:
    bus = MemoryBus()
    elsewhere = at(0).model_copy(update={"venue": "bybit"})

    await _planner(bus).decide([at(0), elsewhere])

    told = await _lists(bus)
    assert {one.venue for one in told} == {at(0).venue, "bybit"}
    assert [tuple(one.since) for one in told] == [("SOLUSDT",)] * 2


class _Listening(MemoryBus):
    """Remembers every list that was handed to it, stored or not."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[bytes] = []

    @override
    async def publish(self, fact: Fact) -> None:
        if isinstance(fact, WatchList):
            self.handed.append(encode(fact))
        await super().publish(fact)


async def test_a_start_tells_the_same_list_again_byte_for_byte() -> None:
    bus = _Listening()
    for fact in (await _planner(bus).decide([at(0)]))[0]:
        await bus.publish(fact)

    await _planner(bus).rebuild()

    assert bus.handed == [encode((await _lists(bus))[0])] * 2
    assert await _watched(bus) == [("SOLUSDT",)]


async def test_a_start_without_open_plans_tells_an_empty_list() -> None:
    bus = MemoryBus()
    await bus.publish(facts.rejection("ETHUSDT"))

    await _planner(bus).rebuild()

    assert await _watched(bus) == [()]


async def test_a_start_that_knows_no_venue_tells_nothing() -> None:
    bus = MemoryBus()

    await _planner(bus).rebuild()

    assert await _lists(bus) == []


async def test_a_restart_goes_on_counting_its_lists() -> None:
    bus = MemoryBus()
    for fact in (await _planner(bus).decide([at(0)]))[0]:
        await bus.publish(fact)
    await bus.publish(STOPPING)

    await _planner(bus).rebuild()

    assert [(tuple(one.since), one.revision) for one in await _lists(bus)] == [
        (("SOLUSDT",), 0),
        ((), 1),
    ]


async def test_a_decision_taken_back_takes_its_contract_off_the_list() -> None:
    bus, clock = MemoryBus(), ManualClock(AS_OF)
    planner = Planner(bus=bus, clock=clock, rules=RULES)
    await planner.decide([at(0)])

    clock.advance(timedelta(hours=1))
    await planner.decide([at(0)])

    assert await _watched(bus) == [("SOLUSDT",), ()]


class _Failing(MemoryBus):
    """Refuses the first list."""

    refusals = 1

    @override
    async def publish(self, fact: Fact) -> None:
        if isinstance(fact, WatchList) and self.refusals:
            self.refusals -= 1
            raise BusUnavailableError("the broker is away")
        await super().publish(fact)


async def test_a_list_that_could_not_be_told_is_told_when_the_signal_comes_again() -> None:
    bus = _Failing()
    planner = _planner(bus)
    with suppress(BusUnavailableError):
        await planner.decide([at(0)])
    assert await _lists(bus) == []

    await planner.decide([at(0)])

    assert await _watched(bus) == [("SOLUSDT",)]


def test_a_list_out_of_order_is_refused() -> None:
    since = {"B": AS_OF, "A": AS_OF}

    with pytest.raises(ValidationError, match="contracts must be in order, was B, A"):
        WatchList(venue="binance", simulated=True, as_of=AS_OF, revision=0, since=since)

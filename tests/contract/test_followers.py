"""What every bus promises about following, replaying and asking for the latest."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from common.bus import Bus, Start
from common.bus.messages import FACT
from common.domain import (
    DeadLetter,
    Fact,
    Marks,
    Outcome,
    OutcomeStep,
    Rejection,
    ScanCompleted,
    ScanStarted,
    TradePlan,
)
from tests.support.brokers import Broker
from tests.support.eventually import eventually
from tests.support.facts import (
    AS_OF,
    dead_letter,
    marks,
    outcome,
    plan,
    rejection,
    scan_completed,
    scan_started,
)


class Follower:
    """Collect what a follower yields, in the background."""

    def __init__(self, facts: AsyncIterator[Fact]) -> None:
        self.seen: list[Fact] = []
        self._task = asyncio.create_task(self._collect(facts))

    async def saw(self, count: int) -> list[Fact]:
        await eventually(lambda: len(self.seen) >= count, saying=f"{count} facts, {self.seen}")
        return self.seen

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _collect(self, facts: AsyncIterator[Fact]) -> None:
        async for fact in facts:
            self.seen.append(fact)


async def told(bus: Bus, *facts: Fact) -> None:
    for fact in facts:
        await bus.publish(fact)


async def test_all_begins_at_the_oldest_and_goes_on(bus: Bus) -> None:
    await told(bus, rejection("AAAUSDT"), rejection("BBBUSDT"))
    follower = Follower(bus.follow(Rejection, start=Start.ALL))
    await follower.saw(2)
    await told(bus, rejection("CCCUSDT"))

    seen = await follower.saw(3)
    await follower.stop()

    assert [fact.key.split(".")[2] for fact in seen] == ["AAAUSDT", "BBBUSDT", "CCCUSDT"]


async def test_latest_begins_with_the_last_of_every_subject(bus: Bus) -> None:
    later = AS_OF + timedelta(hours=1)
    await told(bus, rejection("AAAUSDT"), rejection("BBBUSDT"), rejection("AAAUSDT", as_of=later))
    follower = Follower(bus.follow(Rejection, start=Start.LATEST))
    await follower.saw(2)
    await told(bus, rejection("CCCUSDT"))

    seen = await follower.saw(3)
    await follower.stop()

    assert [(fact.symbol, fact.as_of) for fact in seen if isinstance(fact, Rejection)] == [
        ("BBBUSDT", AS_OF),
        ("AAAUSDT", later),
        ("CCCUSDT", AS_OF),
    ]


async def test_new_begins_with_what_is_told_afterwards(bus: Bus) -> None:
    await told(bus, rejection("AAAUSDT"))
    follower = Follower(bus.follow(Rejection))
    number = 0

    async def heard() -> bool:
        nonlocal number
        number += 1
        await bus.publish(rejection(f"N{number}USDT"))
        return bool(follower.seen)

    await eventually(heard)
    await follower.stop()

    assert all(fact.key.split(".")[2].startswith("N") for fact in follower.seen)


async def test_kinds_of_several_streams_and_untold_ones_are_followed_together(bus: Bus) -> None:
    await told(bus, plan("AAAUSDT"), scan_started(), dead_letter())
    follower = Follower(bus.follow(TradePlan, ScanStarted, DeadLetter, Marks, start=Start.ALL))
    await follower.saw(3)

    async def heard_marks() -> bool:
        await bus.publish(marks({"AAAUSDT": 1.0}))
        return any(isinstance(fact, Marks) for fact in follower.seen)

    await eventually(heard_marks)
    await follower.stop()

    assert {type(fact) for fact in follower.seen} == {TradePlan, ScanStarted, DeadLetter, Marks}


async def test_tokens_narrow_what_is_followed(bus: Bus) -> None:
    await told(bus, rejection("AAAUSDT"), rejection("BBBUSDT"), rejection("AAAUSDT", venue="bybit"))

    seen = [fact async for fact in bus.replay(Rejection, venue="binance", symbol="AAAUSDT")]

    assert [fact.key for fact in seen] == [rejection("AAAUSDT").key]


async def test_an_unknown_token_is_refused(bus: Bus) -> None:
    with pytest.raises(ValueError, match="has no subject token"):
        [fact async for fact in bus.replay(ScanStarted, symbol="AAAUSDT")]


async def test_a_replay_is_everything_kept_in_order_and_then_ends(bus: Bus) -> None:
    facts = [rejection(f"A{number}USDT") for number in range(150)]
    await told(bus, *facts)

    seen = [fact async for fact in bus.replay(TradePlan, Rejection)]

    assert seen == facts


async def test_a_replay_of_nothing_ends_at_once(bus: Bus) -> None:
    assert [fact async for fact in bus.replay(Outcome)] == []


async def test_the_latest_of_every_subject_is_one_each(bus: Bus) -> None:
    first = plan("AAAUSDT")
    steps = (outcome(first, OutcomeStep.FILLED), outcome(first, OutcomeStep.TP1))
    await told(bus, *steps, outcome(plan("BBBUSDT"), OutcomeStep.FILLED))

    seen = [fact async for fact in bus.latest(Outcome)]

    assert [(fact.key.split(".")[2], fact.step) for fact in seen if isinstance(fact, Outcome)] == [
        ("AAAUSDT", OutcomeStep.TP1),
        ("BBBUSDT", OutcomeStep.FILLED),
    ]


async def test_followers_skip_what_cannot_be_read(broker: Broker, bus: Bus) -> None:
    await broker.publish_raw("scans.completed.binance", {FACT: "ScanCompleted/1"}, b"{}")
    await told(bus, scan_completed())

    seen = [fact async for fact in bus.replay(ScanCompleted)]

    assert seen == [scan_completed()]


async def test_followers_each_see_everything(bus: Bus) -> None:
    followers = [Follower(bus.follow(Rejection, start=Start.ALL)) for _ in range(3)]
    await told(bus, rejection("AAAUSDT"))

    for follower in followers:
        assert [fact.key for fact in await follower.saw(1)] == [rejection("AAAUSDT").key]
        await follower.stop()

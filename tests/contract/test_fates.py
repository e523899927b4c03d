"""What becomes of a message, over every bus: told once, put back, or set aside by name."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from common.bus import Bus, Consumer
from common.bus.messages import FACT, SCAN_ID
from common.clock import SystemClock
from common.domain import DeadLetter, Fact, Rejection, Signal
from common.errors import InvalidDataError, TransientError
from common.service import Handle, Runtime, Service, Stage, running
from common.settings import SettingsSource
from common.streams import STREAMS, stream_of
from tests.support.brokers import Broker
from tests.support.eventually import eventually
from tests.support.facts import dead_letter, rejection, scan_of, signal

PROMPT = (timedelta(milliseconds=20),)
PLANNER = Consumer(name="planner", facts=(Signal,), max_deliveries=3, backoff=PROMPT)


@dataclass
class Handler:
    """Decide every signal, and do to some symbols what the test asks for."""

    errors: dict[str, Exception] = field(default_factory=dict)
    """What a symbol raises."""
    times: int = 1000
    """How often it raises it."""
    batches: list[list[str]] = field(default_factory=list)

    async def __call__(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        symbols = [fact.symbol for fact in facts if isinstance(fact, Signal)]
        self.batches.append(symbols)
        for symbol in symbols:
            if symbol in self.errors and self._seen(symbol) <= self.times:
                raise self.errors[symbol]
        return [[rejection(symbol)] for symbol in symbols]

    def _seen(self, symbol: str) -> int:
        return sum(symbol in batch for batch in self.batches)


def planner(bus: Bus, handle: Handle, **changes: Any) -> tuple[Runtime, Service]:
    runtime = Runtime(
        name="planner",
        instance="1",
        bus=bus,
        clock=SystemClock(),
        settings=SettingsSource(),
    )
    consumer = Consumer(**({**_fields(PLANNER), **changes}))
    return runtime, Service(stages=(Stage(consumer=consumer, handle=handle),))


async def test_every_signal_is_decided_once(bus: Bus) -> None:
    symbols = [f"A{number}USDT" for number in range(40)]
    await asyncio.gather(*(bus.publish(signal(symbol)) for symbol in symbols))

    async with running(*planner(bus, Handler())):
        await eventually(lambda: _has(bus, Rejection, 40))

    assert sorted(await _symbols(bus, Rejection)) == sorted(symbols)
    assert await _kept(bus, DeadLetter) == []


async def test_a_culprit_is_named_and_its_neighbours_are_decided(bus: Bus) -> None:
    handler = Handler({"BADUSDT": ValueError("close must be positive, was -1")})
    await _tell(bus, "AAAUSDT", "BADUSDT", "CCCUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _has(bus, DeadLetter, 1))
        await eventually(lambda: _has(bus, Rejection, 2))

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert (letter.service, letter.venue, letter.symbol) == ("planner", "binance", "BADUSDT")
    assert letter.scan_id == scan_of()
    assert letter.deliveries == 3
    assert letter.reason == "ValueError: close must be positive, was -1"
    assert letter.fact == "Signal/1"
    assert sorted(await _symbols(bus, Rejection)) == ["AAAUSDT", "CCCUSDT"]


async def test_a_message_that_comes_again_is_handled_alone(bus: Bus) -> None:
    handler = Handler({"BADUSDT": ValueError("no")})
    await _tell(bus, "AAAUSDT", "BADUSDT", "CCCUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _has(bus, DeadLetter, 1))

    assert handler.batches[0] == ["AAAUSDT", "BADUSDT", "CCCUSDT"]
    assert [batch for batch in handler.batches[4:] if "BADUSDT" in batch] == [["BADUSDT"]] * 2


async def test_a_passing_cause_is_waited_for(bus: Bus) -> None:
    handler = Handler({"SLOWUSDT": TransientError("the venue is away")}, times=2)
    await _tell(bus, "SLOWUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _has(bus, Rejection, 1))

    assert len(handler.batches) == 3
    assert await _kept(bus, DeadLetter) == []


async def test_a_full_stream_is_waited_for_and_uses_up_no_deliveries(broker: Broker) -> None:
    decisions = stream_of(Rejection)
    small = replace(decisions, max_bytes=3000, max_age=timedelta(seconds=2))
    bus = await broker.connect(
        streams=[small if stream is decisions else stream for stream in STREAMS]
    )
    handler = Handler()
    await bus.publish(rejection("FULLUSDT"))
    await _tell(bus, "LATEUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _tells(bus, "LATEUSDT"), within=30)

    assert len(handler.batches) > PLANNER.max_deliveries
    assert await _kept(bus, DeadLetter) == []


async def test_a_cause_that_does_not_pass_ends_as_a_dead_letter(bus: Bus) -> None:
    handler = Handler({"SLOWUSDT": TransientError("the venue is away")})
    await _tell(bus, "SLOWUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _has(bus, DeadLetter, 1))

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "TransientError: the venue is away"


async def test_a_recorder_waits_as_long_as_it_takes_with_one_delivery(bus: Bus) -> None:
    handler = Handler({"AAAUSDT": TransientError("Postgres is away")}, times=20)
    await _tell(bus, "AAAUSDT", "BBBUSDT")

    async with running(*planner(bus, handler, retry_forever=True, ack_wait=timedelta(seconds=30))):
        await eventually(lambda: _has(bus, Rejection, 2))

    assert handler.batches == [["AAAUSDT", "BBBUSDT"]] * 21
    assert await _kept(bus, DeadLetter) == []


async def test_impossible_data_is_set_aside_at_once(bus: Bus) -> None:
    handler = Handler({"BADUSDT": InvalidDataError("volume must be finite, was inf")})
    await _tell(bus, "BADUSDT")

    async with running(*planner(bus, handler)):
        await eventually(lambda: _has(bus, DeadLetter, 1))

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert letter.deliveries == 1


async def test_a_malformed_message_is_set_aside_and_named_by_its_subject(
    broker: Broker, bus: Bus
) -> None:
    await _tell(bus, "AAAUSDT")
    headers = {FACT: "Signal/1", SCAN_ID: scan_of()}
    await broker.publish_raw("signals.scored.binance.BADUSDT", headers, b'{"score": NaN}')

    async with running(*planner(bus, Handler())):
        await eventually(lambda: _has(bus, DeadLetter, 1))
        await eventually(lambda: _has(bus, Rejection, 1))

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert (letter.symbol, letter.scan_id, letter.deliveries) == ("BADUSDT", scan_of(), 1)
    assert letter.reason.startswith("Signal/1 cannot be read")


async def test_a_dead_letter_nobody_can_handle_makes_no_other(bus: Bus) -> None:
    seen: list[Fact] = []

    async def fail(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        seen.extend(facts)
        raise ValueError("no")

    await bus.publish(dead_letter())
    async with running(*planner(bus, fail, facts=(DeadLetter,), max_deliveries=2)):
        await eventually(lambda: len(seen) == 2)

    assert await _kept(bus, DeadLetter) == [dead_letter()]


async def test_a_message_whose_consumer_died_of_it_becomes_a_dead_letter(bus: Bus) -> None:
    consumer = Consumer(
        name="signals", facts=(Signal,), ack_wait=timedelta(milliseconds=100), max_deliveries=2
    )
    await _tell(bus, "BADUSDT")
    for _ in range(2):
        async for _batch in bus.consume(consumer):
            break  # the process died here
    await asyncio.sleep(0.15)  # the broker waits this long for the dead
    waiting = asyncio.create_task(_take_none(bus, consumer))

    async with running(*planner(bus, Handler())):
        await eventually(lambda: _has(bus, DeadLetter, 1))
    waiting.cancel()

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert (letter.service, letter.symbol, letter.scan_id) == ("signals", "BADUSDT", scan_of())
    assert letter.reason.startswith("signals did not survive it")


async def test_a_batch_in_hand_is_finished_before_the_service_ends(bus: Bus) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        begun.set()
        await finish.wait()
        return [[rejection(fact.symbol)] for fact in facts if isinstance(fact, Signal)]

    await _tell(bus, "AAAUSDT")
    async with running(*planner(bus, slow)):
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, finish.set)

    assert await _symbols(bus, Rejection) == ["AAAUSDT"]


async def test_a_handler_that_answers_for_too_few_fails_its_messages(bus: Bus) -> None:
    async def forgetful(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        return [[] for _ in facts[1:]]

    await _tell(bus, "AAAUSDT")
    async with running(*planner(bus, forgetful, max_deliveries=1)):
        await eventually(lambda: _has(bus, DeadLetter, 1))

    (letter,) = await _kept(bus, DeadLetter)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "RuntimeError: handler must answer 1 facts, was 0"


async def _take_none(bus: Bus, consumer: Consumer) -> None:
    async for _batch in bus.consume(consumer):
        raise AssertionError("the broker should have given it up")


async def _tell(bus: Bus, *symbols: str) -> None:
    for symbol in symbols:
        await bus.publish(signal(symbol))


async def _kept(bus: Bus, kind: type[Fact]) -> list[Fact]:
    return [fact async for fact in bus.replay(kind)]


async def _has(bus: Bus, kind: type[Fact], count: int) -> bool:
    return len(await _kept(bus, kind)) >= count


async def _symbols(bus: Bus, kind: type[Fact]) -> list[str]:
    return [fact.symbol for fact in await _kept(bus, kind) if isinstance(fact, Rejection)]


async def _tells(bus: Bus, symbol: str) -> bool:
    return symbol in await _symbols(bus, Rejection)


def _fields(consumer: Consumer) -> dict[str, Any]:
    return {name: getattr(consumer, name) for name in consumer.__dataclass_fields__}

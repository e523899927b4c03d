"""kill -9 of the real nats-server in the middle of everything loses nothing and doubles nothing."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from nats.aio.msg import Msg

from common.bus import Bus, Consumer, Start
from common.bus.nats import NatsBus
from common.clock import SystemClock
from common.domain import Fact, Rejection, Signal
from common.errors import BusUnavailableError
from common.sections import BusSettings
from common.service import Runtime, Service, Stage, running
from common.settings import SettingsSource
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.support.eventually import eventually
from tests.support.facts import marks, rejection, signal

pytestmark = pytest.mark.connected

PLANNER = Consumer(name="planner", facts=(Signal,), batch=8, ack_wait=timedelta(seconds=2))


@pytest.fixture
async def bus(own_nats_server: NatsServer) -> AsyncIterator[NatsBus]:
    bus = NatsBus(BusSettings(url=own_nats_server.url))
    await bus.connect()
    yield bus
    await bus.close()


def _runtime(bus: Bus) -> Runtime:
    return Runtime(
        name="planner", instance="1", bus=bus, clock=SystemClock(), settings=SettingsSource()
    )


async def _decide(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
    return [[rejection(fact.symbol)] for fact in facts if isinstance(fact, Signal)]


async def test_every_signal_is_decided_once_though_the_broker_dies_twice(
    own_nats_server: NatsServer, bus: NatsBus
) -> None:
    symbols = [f"A{number}USDT" for number in range(300)]
    followed: list[str] = []

    async def follow() -> None:
        async for fact in bus.follow(Rejection, start=Start.ALL):
            followed.append(fact.key)  # noqa: PERF401 - seen one by one while it goes on

    async def publish() -> None:
        for symbol in symbols:
            await bus.publish(signal(symbol))

    stage = Stage(consumer=PLANNER, handle=_decide)
    async with running(_runtime(bus), Service(stages=(stage,))):
        tasks = [asyncio.create_task(follow()), asyncio.create_task(publish())]
        for count in (60, 160):
            await eventually(lambda count=count: len(followed) >= count, within=20)  # type: ignore[misc]
            own_nats_server.kill()
            await asyncio.to_thread(own_nats_server.start)
        await eventually(lambda: len(followed) >= len(symbols), within=30)
        await tasks[1]
        tasks[0].cancel()

    decided = [fact.symbol async for fact in bus.replay(Rejection) if isinstance(fact, Rejection)]
    assert sorted(decided) == sorted(symbols)
    assert sorted(followed) == sorted(rejection(symbol).key for symbol in symbols)


async def test_listeners_and_answers_come_back_with_the_broker(
    own_nats_server: NatsServer, bus: NatsBus
) -> None:
    heard: list[Fact] = []

    async def listen() -> None:
        async for fact in bus.follow(type(marks({}))):
            heard.append(fact)  # noqa: PERF401 - seen one by one while it goes on

    listening = asyncio.create_task(listen())
    own_nats_server.kill()
    with pytest.raises(BusUnavailableError):
        await _until_refused(bus)
    assert bus.unavailable() == f"NATS does not answer at {own_nats_server.url}"
    await asyncio.to_thread(own_nats_server.start)
    await eventually(lambda: bus.unavailable() is None, within=20)

    async def heard_again() -> bool:
        await bus.publish(marks({"AAAUSDT": 1.0}))
        return bool(heard)

    await eventually(heard_again, within=10)
    listening.cancel()


async def test_a_broker_that_is_not_there_is_one_sentence() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    bus = NatsBus(BusSettings(url=url))

    with pytest.raises(BusUnavailableError, match=f"NATS does not answer at {url}"):
        await bus.connect()
    await bus.close()


async def test_work_that_blocks_the_event_loop_keeps_its_messages(bus: NatsBus) -> None:
    consumer = Consumer(name="planner", facts=(Signal,), ack_wait=timedelta(seconds=0.5))
    handled: list[int] = []
    taken_by_rival: list[int] = []

    async def rival() -> None:
        other = NatsBus(BusSettings(url=bus._settings.url))
        await other.connect()
        try:
            async with asyncio.timeout(2):
                async for batch in other.consume(consumer):
                    taken_by_rival.append(len(batch))  # noqa: PERF401 - kept when time runs out
        except TimeoutError:
            await other.close()

    async def block(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        handled.append(len(facts))
        thread = threading.Thread(target=lambda: asyncio.run(rival()))
        thread.start()
        thread.join()  # two seconds in which this event loop does nothing
        return await _decide(facts)

    await bus.publish(signal("AAAUSDT"))
    await bus.publish(signal("BBBUSDT"))
    stage = Stage(consumer=consumer, handle=block)
    async with running(_runtime(bus), Service(stages=(stage,))):
        await eventually(lambda: _decided(bus, 2), within=15)

    assert handled == [2]
    assert taken_by_rival == []


async def _decided(bus: Bus, count: int) -> bool:
    return len([fact async for fact in bus.replay(Rejection)]) == count


async def _until_refused(bus: Bus) -> None:
    async with asyncio.timeout(10):
        while True:
            await bus.publish(marks({}))
            await asyncio.sleep(0.01)


async def test_a_cluster_that_forms_or_heals_is_asked_until_it_answers(bus: NatsBus) -> None:
    refusals = [10005, 10008, 10118, 10119]  # no peers, no leader, stream or consumer offline
    client = bus._connection.client

    async def refuse(message: Msg) -> None:
        error = {"error": {"err_code": refusals.pop(0)}} if refusals else {}
        await message.respond(json.dumps(error | {"asked": message.subject}).encode())

    await client.subscribe("cluster.info", cb=refuse)
    answer = await bus._requests.call("cluster.info", b"")

    assert answer == {"asked": "cluster.info"}

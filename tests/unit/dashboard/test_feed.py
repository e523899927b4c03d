"""The feed over a bus: from the last known to live, charts and scans on request, what is wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from common import codec
from common.bus import Bus, Reply
from common.bus.memory import MemoryBus
from common.domain import FrameRequest, Heartbeat, PlanRecordRequest, Timeframe
from common.errors import BusUnavailableError, InvalidMessageError, VenueUnavailableError
from dashboard.core.board import ContractId
from dashboard.handlers import Feed
from dashboard.settings import DashboardSettings
from tests.support import facts, sample_market
from tests.support.eventually import eventually
from tests.unit.dashboard.test_record import ENOUGH, record

BTC = ContractId(facts.VENUE, "BTCUSDT")


@asynccontextmanager
async def running_feed(
    connect: Callable[[], Awaitable[Bus]], settings: DashboardSettings | None = None
) -> AsyncIterator[Feed]:
    feed = Feed(connect, settings or DashboardSettings(), instance="test")
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.wait({task})


def connected(bus: MemoryBus) -> Callable[[], Awaitable[Bus]]:
    async def connect() -> Bus:
        return bus

    return connect


async def test_it_begins_with_the_last_known_and_goes_on_live() -> None:
    bus = MemoryBus()
    await bus.publish(facts.plan())

    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: BTC in feed.board.contracts)
        await bus.publish(facts.marks({"BTCUSDT": 100.5}))
        await bus.publish(facts.plan("ETHUSDT"))
        await eventually(lambda: len(feed.board.contracts) == 2 and feed.board.mark(BTC) == 100.5)

        assert feed.link.connected


async def test_it_knows_every_dead_letter_that_is_kept_not_just_the_last_of_a_service() -> None:
    bus = MemoryBus()
    for sequence in (7, 8, 9):
        await bus.publish(facts.dead_letter(sequence=sequence))

    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: len(feed.board.dead_letters) == 3)

        assert [one.stream_sequence for one in feed.board.dead_letters] == [9, 8, 7]


async def test_it_asks_the_fetcher_for_the_venues_time() -> None:
    bus = MemoryBus()
    await sample_market.answer_questions(bus)
    await bus.publish(facts.scan_completed())

    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: facts.VENUE in feed.board.clocks)

        assert feed.board.clocks[facts.VENUE].fact.simulated


async def test_it_tells_that_it_lives() -> None:
    bus = MemoryBus()
    heard: list[str] = []

    async def listen() -> None:
        async for fact in bus.follow(Heartbeat):
            assert isinstance(fact, Heartbeat)
            heard.append(fact.service)

    listening = asyncio.create_task(listen())
    async with running_feed(connected(bus)):
        await eventually(lambda: "dashboard" in heard)
    listening.cancel()
    await asyncio.wait({listening})


async def test_a_chart_is_asked_for_once_a_scan() -> None:
    bus = MemoryBus()
    asked: list[FrameRequest] = []

    async def answer(body: bytes) -> Reply:
        asked.append(FrameRequest.model_validate_json(body))
        return Reply(body=codec.encode(facts.chart_frame(rows=asked[-1].rows)))

    await bus.answer(FrameRequest.subject, answer)
    async with running_feed(connected(bus), DashboardSettings(chart_rows=120)) as feed:
        await eventually(lambda: feed.link.connected)
        first = await feed.chart(BTC, Timeframe.H4, "scan 1")
        again = await feed.chart(BTC, Timeframe.H4, "scan 1")
        await feed.chart(BTC, Timeframe.H4, "scan 2")

    assert again is first
    assert first.frames[Timeframe.H4].height == 120
    assert len(asked) == 2


async def test_charts_kept_are_bounded() -> None:
    bus = MemoryBus()
    await sample_market.answer_questions(bus)

    async with running_feed(connected(bus), DashboardSettings(kept_charts=2)) as feed:
        await eventually(lambda: feed.link.connected)
        for number in range(5):
            await feed.chart(BTC, Timeframe.H4, f"scan {number}")

        assert len(feed._charts) == 2


async def test_a_refused_chart_or_scan_says_why() -> None:
    bus = MemoryBus()

    async def refuse(_: bytes) -> Reply:
        return Reply(error="no candles of BTCUSDT yet")

    async def nonsense(_: bytes) -> Reply:
        return Reply(body=b"not arrow")

    await bus.answer(FrameRequest.subject, refuse)
    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: feed.link.connected)
        with pytest.raises(VenueUnavailableError, match="no candles of BTCUSDT yet"):
            await feed.chart(BTC, Timeframe.H4, "scan")
        with pytest.raises(BusUnavailableError):
            await feed.scan_now(facts.VENUE, force=False)

    other = MemoryBus()
    await other.answer(FrameRequest.subject, nonsense)
    async with running_feed(connected(other)) as feed:
        await eventually(lambda: feed.link.connected)
        with pytest.raises(InvalidMessageError):
            await feed.chart(BTC, Timeframe.H4, "scan")


async def test_a_scan_on_demand_names_the_scan_that_answers() -> None:
    bus = MemoryBus()
    await sample_market.answer_questions(bus)

    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: feed.link.connected)
        reply = await feed.scan_now(facts.VENUE, force=True)

    assert reply.scan_id == facts.scan_of()
    assert not reply.reused


async def test_the_record_is_asked_for_since_a_time() -> None:
    bus = MemoryBus()
    asked: list[PlanRecordRequest] = []

    async def answer(body: bytes) -> Reply:
        asked.append(PlanRecordRequest.model_validate_json(body))
        return Reply(body=record(ENOUGH).model_dump_json().encode())

    await bus.answer(PlanRecordRequest.subject, answer)
    async with running_feed(connected(bus)) as feed:
        await eventually(lambda: feed.link.connected)
        told = await feed.plan_record(facts.AS_OF)

    assert told == record(ENOUGH)
    assert asked == [PlanRecordRequest(since=facts.AS_OF)]


async def test_a_broker_out_of_reach_is_said_until_it_is_there() -> None:
    bus = MemoryBus()
    attempts: list[int] = []

    async def connect() -> Bus:
        attempts.append(1)
        if len(attempts) == 1:
            raise BusUnavailableError("connection refused")
        return bus

    async with running_feed(connect) as feed:
        await eventually(lambda: feed.link.detail == "connection refused")
        assert not feed.link.connected
        with pytest.raises(BusUnavailableError, match="not connected yet"):
            await feed.chart(BTC, Timeframe.H4, "scan")

        await eventually(lambda: feed.link.connected)

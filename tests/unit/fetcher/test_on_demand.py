from datetime import timedelta

from common.clock import ClockReading, SimulatedClock, SystemClock
from common.domain import CandleSet, ScanKind, Timeframe
from common.errors import VenueUnavailableError
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import CLOSE, FIRST, Stage


async def test_a_close_that_was_scanned_is_answered_with_that_scan() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        reply = await stage.scan()

    assert (reply.scan_id, reply.reused) == (FIRST, True)


async def test_a_running_scan_of_the_same_close_is_the_answer() -> None:
    stage = Stage()
    async with stage.fetcher():
        await stage.started()
        reply = await stage.scan()

    assert (reply.scan_id, reply.reused) == (FIRST, True)


async def test_the_newest_hour_is_scanned_on_demand() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        stage.clock.move_to(CLOSE + timedelta(hours=2, minutes=50))
        reply = await stage.scan()
        completed = await stage.completed(reply.scan_id)

    assert (reply.scan_id, reply.reused) == ("binance.20260310T100000Z.demand.0", False)
    assert completed.kind is ScanKind.DEMAND
    assert not completed.failures
    one = (await stage.sent(reply.scan_id))["BTCUSDT"]
    assert one.as_of == CLOSE + timedelta(hours=2)
    assert one.deadline == CLOSE + timedelta(hours=3)
    assert one.new_since[Timeframe.H4] is None


async def test_a_forced_scan_gets_a_fresh_number() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        replies = []
        for _ in range(2):
            replies.append(await stage.scan(force=True))
            await stage.completed(replies[-1].scan_id)

    assert [reply.scan_id for reply in replies] == [
        "binance.20260310T080000Z.demand.0",
        "binance.20260310T080000Z.demand.1",
    ]
    assert not any(reply.reused for reply in replies)


async def test_a_second_scan_at_the_same_time_is_refused_clearly() -> None:
    stage = Stage()
    async with stage.fetcher():
        await stage.started()
        reply = await stage.ask_for_scan(force=True)

    assert reply.error == f"one scan runs at a time, ask again after {FIRST}"


async def test_a_close_scanned_on_demand_is_not_scanned_again_by_the_schedule() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=1))
        reply = await stage.scan()
        await stage.completed(reply.scan_id)
        stage.clock.move_to(CLOSE + timedelta(hours=8, seconds=5))
        await stage.completed("binance.20260310T160000Z.scheduled.0")

    assert reply.scan_id == "binance.20260310T120000Z.demand.0"
    names = {one.scan_id for one in await stage.told(CandleSet)}
    assert "binance.20260310T120000Z.scheduled.0" not in names


async def test_a_venue_that_cannot_be_reached_is_told_to_the_asker() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        stage.venue.errors["listing"] = [VenueUnavailableError("HTTP 503 from the venue")]

        async def told() -> bool:  # the last scan may still be leaving
            reply = await stage.ask_for_scan(force=True)
            return reply.error == "no scan could start: HTTP 503 from the venue"

        await eventually(told)


async def test_the_venue_tells_the_time_and_the_next_close() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        reply = await stage.time()

    assert reply.now == CLOSE + timedelta(minutes=1)
    assert reply.next_close == CLOSE + timedelta(hours=4)
    assert reply.speed == 1.0
    assert reply.simulated


async def test_a_simulated_clock_tells_its_speed() -> None:
    wall = SystemClock().now()
    start = CLOSE - timedelta(hours=3)
    clock = SimulatedClock(ClockReading(wall_origin=wall, venue_origin=start, speed=60.0))
    stage = Stage()
    async with stage.planner(), stage.fetcher(clock):
        await stage.completed("binance.20260310T040000Z.scheduled.0")
        reply = await stage.time()

    assert reply.speed == 60.0
    assert reply.simulated


async def test_an_unreadable_request_is_refused() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        (answer,) = stage.bus.questions.answers["fetcher.request.scan.binance"]
        reply = await answer(b'{"venue": 7}')

    assert reply.error is not None
    assert reply.error == "not a ScanRequest: venue: Input should be a valid string, was '7'"

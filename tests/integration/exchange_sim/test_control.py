import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from common.clock import ClockReading
from tests.integration.exchange_sim.http import delete, get, post
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, running_venue


async def test_the_clock_is_served_as_the_reading_that_all_share() -> None:
    async with running_venue(speed=60.0) as venue:
        _, body, _ = await get(venue.base_url, "/sim/clock")

        assert ClockReading.model_validate_json(json.dumps(body)) == (venue.clock.reading)
        assert body["speed"] == 60.0


async def test_a_stopped_clock_is_moved_to_the_next_close_and_let_run() -> None:
    close = A_CLOSE + timedelta(hours=4)
    async with running_venue() as venue:
        moved = {"venue_origin": close.isoformat()}
        status, body = await post(venue.base_url, "/sim/clock", moved)
        assert (status, body["speed"]) == (200, 0.0)
        assert (await get(venue.base_url, "/fapi/v1/time"))[1] == {
            "serverTime": int(close.timestamp() * 1000)
        }

        await post(venue.base_url, "/sim/clock", {"speed": 3600})
        await eventually(lambda: venue.now() > close + timedelta(minutes=5))
        await post(venue.base_url, "/sim/clock", {"speed": 0})
        stopped = venue.now()
        assert stopped > close + timedelta(minutes=5)
        assert venue.now() == stopped


async def test_a_clock_told_where_to_stop_stands_there_until_it_is_set_again() -> None:
    close = A_CLOSE + timedelta(hours=4)
    async with running_venue() as venue:
        await post(venue.base_url, "/sim/clock", {"speed": 1e6, "until": close.isoformat()})
        await venue.clock.sleep_until(close)
        assert (venue.now(), venue.now()) == (close, close)

        status, _ = await post(venue.base_url, "/sim/clock", {"until": A_CLOSE.isoformat()})
        assert status == 422

        await post(venue.base_url, "/sim/clock", {"speed": 1e6})
        await venue.clock.sleep_until(close + timedelta(hours=1))


async def test_a_wrong_command_leaves_the_clock_alone() -> None:
    async with running_venue() as venue:
        before = venue.clock.reading
        for wrong in ({"speed": -1}, {"venue_origin": "2026-03-01T00:00:00"}, {"pace": 2}):
            status, _ = await post(venue.base_url, "/sim/clock", wrong)
            assert status == 422

        assert venue.clock.reading == before


async def test_a_restarted_venue_goes_on_by_the_same_clock(tmp_path: Path) -> None:
    state = tmp_path / "clock.json"
    moved = datetime(2026, 4, 1, 3, 59, 30, tzinfo=UTC)
    async with running_venue(state=state) as venue:
        await post(venue.base_url, "/sim/clock", {"speed": 30, "venue_origin": moved.isoformat()})
        reading = venue.clock.reading

    async with running_venue(state=state) as venue:
        assert venue.clock.reading == reading
        assert venue.now() >= moved


async def test_the_books_tell_each_routes_requests_and_can_be_opened_anew() -> None:
    async with running_venue() as venue:
        for _ in range(3):
            await get(venue.base_url, "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit=9)
        await get(venue.base_url, "/fapi/v1/fundingInfo")
        _, books, _ = await get(venue.base_url, "/sim/accounting")
        status = await delete(venue.base_url, "/sim/accounting")
        _, fresh, _ = await get(venue.base_url, "/sim/accounting")

    assert books["routes"]["/fapi/v1/klines"] == {
        "requests": 3,
        "weight": 3,
        "statuses": {"200": 3},
    }
    assert books["pool_peaks"] == {"funding": 1}
    assert books["weight_peak_minute"] == 3
    assert (status, fresh["requests"], fresh["weight_peak_minute"]) == (204, 0, 0)

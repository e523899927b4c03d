"""What is told of a venue's list: a snapshot a day, and every announced end once."""

from datetime import datetime, timedelta

from common.domain import Delisting, ExclusionRule, UniverseSnapshot
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import CLOSE, Stage


async def test_the_days_first_universe_is_told_once_even_after_a_restart() -> None:
    stage = Stage()
    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
            await stage.scan(force=True)
        async with stage.fetcher():
            await stage.scan(force=True)

    [snapshot] = await stage.told(UniverseSnapshot)
    assert snapshot.day == CLOSE.date()
    assert snapshot.included == ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    assert [one.symbol for one in snapshot.contracts] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


async def test_the_next_day_has_a_snapshot_of_its_own() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        stage.venue.symbols = ("BTCUSDT",)
        stage.clock.advance(timedelta(hours=16))

        async def told_twice() -> bool:
            return len(await stage.told(UniverseSnapshot)) == 2

        await eventually(told_twice, saying="a second snapshot")

    first, second = await stage.told(UniverseSnapshot)
    assert second.day == first.day + timedelta(days=1)
    assert second.included == ("BTCUSDT",), "and the first still knows what has ended since"


async def test_an_announced_end_leaves_the_contract_out_and_is_told_once() -> None:
    stage = Stage()
    ends_at: datetime = CLOSE + timedelta(days=6)
    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
            stage.venue.ends_at["SOLUSDT"] = ends_at
            reply = await stage.scan(force=True)
            scan = await stage.started(reply.scan_id)
        async with stage.fetcher():
            await stage.scan(force=True)

    [delisting] = await stage.told(Delisting)
    assert (delisting.symbol, delisting.ends_at) == ("SOLUSDT", ends_at)
    assert scan.symbols == ("BTCUSDT", "ETHUSDT")


async def test_an_end_that_came_between_two_readings_is_told_and_an_old_one_is_not() -> None:
    stage = Stage()
    stage.venue.ends_at = {
        "SOLUSDT": CLOSE - timedelta(hours=2),
        "ETHUSDT": CLOSE - timedelta(days=2),
    }
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    assert [one.symbol for one in await stage.told(Delisting)] == ["SOLUSDT"]


async def test_a_snapshot_says_why_a_contract_is_not_scanned() -> None:
    stage = Stage()
    stage.venue.ends_at["SOLUSDT"] = CLOSE + timedelta(days=6)
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    [snapshot] = await stage.told(UniverseSnapshot)
    excluded = {one.symbol: one.excluded for one in snapshot.contracts if one.excluded}
    assert excluded.keys() == {"SOLUSDT"}
    assert excluded["SOLUSDT"].rule is ExclusionRule.DELISTING

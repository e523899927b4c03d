from datetime import datetime, timedelta

from common.domain import Bar, Marks, WatchList
from common.errors import VenueUnavailableError
from fetcher.handlers.watched import Watched
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import CLOSE, Stage, following


async def test_watched_contracts_get_their_bar_every_hour() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        await stage.bus.publish(_list("BTCUSDT"))
        stage.venue.asked.clear()
        await eventually(lambda: _hour_passes(stage), saying="the hourly bar")

    assert {symbol for symbol, *_ in stage.venue.asked} == {"BTCUSDT"}
    fresh = [bar for bar in await stage.told(Bar) if bar.open_time >= CLOSE]
    assert {bar.symbol for bar in fresh} == {"BTCUSDT"}


async def _hour_passes(stage: Stage) -> bool:
    if stage.clock.now() < CLOSE + timedelta(hours=3):
        stage.clock.advance(timedelta(minutes=20))
    return any(bar.open_time == CLOSE for bar in await stage.told(Bar))


async def test_the_newest_list_of_the_venue_counts() -> None:
    stage = Stage()
    watched = Watched(stage.bus, venue="binance")
    await stage.bus.publish(_list("BTCUSDT", "ETHUSDT"))
    await stage.bus.publish(_list("SOLUSDT", venue="bybit"))

    async with following(watched.follow):
        await eventually(lambda: watched.since == {"BTCUSDT": CLOSE, "ETHUSDT": CLOSE})
        await stage.bus.publish(_list("ETHUSDT", revision=1))
        await eventually(lambda: watched.since == {"ETHUSDT": CLOSE})


async def test_a_contract_first_read_while_watched_gets_all_its_bars_since() -> None:
    stage = Stage()
    early = _list("BTCUSDT", since=CLOSE - timedelta(hours=4))
    await stage.bus.publish(early)
    watched = Watched(stage.bus, venue="binance")
    async with following(watched.follow):
        await eventually(lambda: bool(watched.since))
        async with stage.planner(), stage.fetcher():
            await stage.completed()

    told = [bar.open_time for bar in await stage.told(Bar) if bar.symbol == "BTCUSDT"]
    other = [bar for bar in await stage.told(Bar) if bar.symbol == "ETHUSDT"]
    assert told[0] <= CLOSE - timedelta(hours=4)
    assert len(told) > len(other) == 1


def _list(
    *symbols: str, venue: str = "binance", revision: int = 0, since: datetime = CLOSE
) -> WatchList:
    return WatchList(
        venue=venue,
        simulated=True,
        as_of=CLOSE,
        revision=revision,
        since=dict.fromkeys(symbols, since),
    )


async def test_marks_of_all_contracts_are_told_in_turn() -> None:
    stage = Stage()
    heard: list[Marks] = []

    async def listen() -> None:
        async for fact in stage.bus.follow(Marks):
            assert isinstance(fact, Marks)
            heard.append(fact)

    stage.venue.errors["premiums"] = [VenueUnavailableError("HTTP 500")]
    async with following(listen), stage.planner(), stage.fetcher():
        await eventually(lambda: len(heard) >= 2, saying="two rounds of marks")

    assert heard[0].prices == {"BTCUSDT": 100.0, "ETHUSDT": 100.0, "SOLUSDT": 100.0}
    assert heard[0].simulated

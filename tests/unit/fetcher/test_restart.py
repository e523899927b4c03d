import asyncio
from datetime import timedelta

import polars as pl

from common.clock import ManualClock
from common.codec import encode
from common.domain import (
    CandleSet,
    DeadLetter,
    Defect,
    Marks,
    ScanCompleted,
    ScanStarted,
    Timeframe,
)
from common.errors import VenueUnavailableError
from common.running import Running
from fetcher.handlers.history import ScanHistory
from tests.support import facts
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import CLOSE, FIRST, Stage, following, rejection_of

NEXT = "binance.20260310T120000Z.scheduled.0"


async def test_windows_come_back_and_only_what_streams_may_have_told_is_asked_again() -> None:
    stage = Stage(bars={Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 80})
    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
        stage.venue.asked.clear()
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
        async with stage.fetcher():
            await stage.completed(NEXT)

    # thirty hours, two candles before them, and what has closed since
    assert stage.venue.asked_for("BTCUSDT") == {
        Timeframe.D1: 1 + 2,
        Timeframe.H4: 8 + 2 + 1,
        Timeframe.H1: 30 + 2 + 4,
    }
    one = (await stage.sent(NEXT))["BTCUSDT"]
    assert one.new_since == {Timeframe.D1: None, Timeframe.H4: CLOSE, Timeframe.H1: CLOSE}


async def test_a_past_that_changed_under_streamed_candles_is_found_by_the_first_scan() -> None:
    stage = Stage(bars={Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 80})
    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
        # What a stream told of a candle twenty hours back, which the venue tells otherwise now.
        sent = (await stage.sent())["BTCUSDT"]
        heard = (
            sent.frames[Timeframe.H1]
            .with_row_index()
            .with_columns(volume=pl.when(pl.col("index") == 60).then(999.0).otherwise("volume"))
        )
        frames = {**sent.frames, Timeframe.H1: heard.drop("index")}
        await stage.bus.publish(sent.model_copy(update={"frames": frames, "scan_id": FIRST + "1"}))
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
        async with stage.fetcher():
            await stage.completed(NEXT)

    one = (await stage.sent(NEXT))["BTCUSDT"]
    assert Defect(name="changed_past", timeframe=Timeframe.H1, count=1) in one.quality.defects
    assert 999.0 not in one.frames[Timeframe.H1]["volume"].to_list()


async def test_a_restart_changes_no_byte_of_what_is_told() -> None:
    sets: list[dict[str, bytes]] = []
    for restarted in (False, True):
        stage = Stage()
        async with stage.planner():
            async with stage.fetcher():
                await stage.completed()
                if not restarted:
                    stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
                    await stage.completed(NEXT)
            if restarted:
                stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
                async with stage.fetcher():
                    await stage.completed(NEXT)
        sets.append({name: encode(one) for name, one in (await stage.sent(NEXT)).items()})

    assert sets[0] == sets[1]


async def test_a_restarted_fetcher_finds_the_clusters_in_the_windows_it_got_back() -> None:
    stage = Stage()
    stage.bars[Timeframe.H1] = 200
    async with stage.fetcher():
        await _sent(stage, 3)
    stage.venue.asked.clear()
    async with stage.planner(ranks=dict.fromkeys(stage.venue.symbols, 90.0)), stage.fetcher():
        completed = await stage.completed()

    assert [one.symbols for one in completed.clusters] == [("BTCUSDT", "ETHUSDT", "SOLUSDT")]
    assert stage.venue.asked == []


async def test_an_interrupted_scan_is_finished_and_completed_once() -> None:
    stage = Stage()
    async with stage.fetcher():
        await _sent(stage, 3)
    assert not await stage.told(ScanCompleted)
    stage.venue.asked.clear()
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert set(completed.blocked) == {"BTCUSDT", "ETHUSDT", "SOLUSDT"}
    assert completed.duration_seconds is None  # nobody measured it
    assert not completed.stages
    assert not stage.venue.asked
    assert len(await stage.told(ScanStarted)) == 1
    assert len(await stage.told(CandleSet)) == 3
    assert len(await stage.told(ScanCompleted)) == 1


async def test_only_contracts_that_were_not_sent_are_sent_after_a_restart() -> None:
    stage = Stage()
    await stage.bus.publish(facts.scan_started(("BTCUSDT", "ETHUSDT"), as_of=CLOSE))
    async with stage.planner(), stage.fetcher():
        first = await stage.completed()
    assert set(first.blocked) == {"BTCUSDT", "ETHUSDT"}
    half = (await stage.sent())["BTCUSDT"]

    again = Stage()
    await again.bus.publish(facts.scan_started(("BTCUSDT", "ETHUSDT"), as_of=CLOSE))
    await again.bus.publish(half)
    await again.bus.publish(rejection_of(half))
    async with again.planner(silent_about="BTCUSDT"), again.fetcher():
        completed = await again.completed()

    assert set(completed.blocked) == {"BTCUSDT", "ETHUSDT"}
    assert {name for name, *_ in again.venue.asked} == {"ETHUSDT"}


async def test_a_decision_told_while_the_fetcher_was_away_is_counted() -> None:
    stage = Stage()
    async with stage.fetcher():
        await _sent(stage, 3)
    for one in (await stage.sent()).values():
        await stage.bus.publish(rejection_of(one))
    async with stage.fetcher():
        completed = await stage.completed()

    assert not completed.failures


async def test_a_dead_letter_told_while_the_fetcher_was_away_is_counted() -> None:
    stage = Stage()
    async with stage.fetcher():
        await _sent(stage, 3)
    letter: DeadLetter = facts.dead_letter("planner").model_copy(update={"scan_id": FIRST})
    await stage.bus.publish(letter)
    async with stage.planner(silent_about="BTCUSDT"), stage.fetcher():
        completed = await stage.completed()

    assert [(one.symbol, one.stage) for one in completed.failures] == [("BTCUSDT", "planner")]


async def test_a_scan_whose_deadline_passed_meanwhile_is_completed_without_fetching() -> None:
    stage = Stage()
    await stage.bus.publish(facts.scan_started(("BTCUSDT", "ETHUSDT"), as_of=CLOSE))
    stage.clock.move_to(CLOSE + timedelta(hours=3))
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert {one.stage for one in completed.failures} == {"deadline"}
    assert not stage.venue.asked


async def test_a_contract_that_left_the_listing_meanwhile_is_a_named_failure() -> None:
    stage = Stage()
    await stage.bus.publish(facts.scan_started(("BTCUSDT", "GONEUSDT"), as_of=CLOSE))
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    (failure,) = completed.failures
    assert failure.reason == "GONEUSDT must be listed, was missing"


async def test_the_barometer_survives_a_restart() -> None:
    stage = Stage()
    async with stage.planner():
        async with stage.fetcher():
            first = await stage.completed()
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
        async with stage.fetcher():
            await stage.completed(NEXT)
        async with stage.fetcher():
            forced = await stage.scan(force=True)
            await stage.completed(forced.scan_id)

    for name in (NEXT, forced.scan_id):
        assert all(one.barometer == first.barometer for one in (await stage.sent(name)).values())


async def test_a_stream_from_the_future_is_left_alone() -> None:
    stage = Stage()
    stage.clock.move_to(CLOSE + timedelta(days=5, minutes=1))
    async with stage.planner(), stage.fetcher():
        await stage.completed("binance.20260315T080000Z.scheduled.0")
    stage.clock = ManualClock(CLOSE + timedelta(minutes=1))
    stage.venue.clock = stage.clock
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert not completed.failures
    assert all(one.barometer is None for one in (await stage.sent()).values())


async def test_a_past_that_is_scanned_again_is_scanned_under_new_names() -> None:
    stage = Stage()
    names = []
    for number in range(3):  # the clock goes back to where it began
        stage.clock = ManualClock(CLOSE + timedelta(minutes=1))
        stage.venue.clock = stage.clock
        async with stage.planner(), stage.fetcher():
            scheduled = await stage.completed(f"{FIRST[:-1]}{number}")
            for _ in range(2):
                names.append((await stage.scan(force=True)).scan_id)
                await stage.completed(names[-1])
            stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
            await stage.completed(f"{NEXT[:-1]}{number}")
        assert not scheduled.failures

    assert names == [f"binance.20260310T080000Z.demand.{number}" for number in range(6)]
    told = [one.key for one in await stage.told(CandleSet)]
    assert len(told) == len(set(told)) == 3 * 4 * 3


async def test_a_scan_of_the_past_that_is_interrupted_goes_on_under_its_own_name() -> None:
    stage = Stage()
    later = CLOSE + timedelta(days=5)
    scan = facts.scan_started(("BTCUSDT", "ETHUSDT"), as_of=CLOSE, number=1)
    for started in (facts.scan_started(as_of=CLOSE), facts.scan_started(as_of=later), scan):
        await stage.bus.publish(started)
    # What another run decided later is the last that its subject keeps.
    await stage.bus.publish(facts.plan("BTCUSDT", as_of=later))
    for symbol in scan.symbols:
        decided = facts.rejection(symbol, as_of=CLOSE, scan_id=scan.scan_id, refused=None)
        await stage.bus.publish(decided)
    async with stage.fetcher():
        completed = await stage.completed(scan.scan_id)

    assert set(completed.blocked) == {"BTCUSDT", "ETHUSDT"}
    assert len(await stage.told(ScanStarted)) == 3


async def test_marks_are_told_after_a_restart_without_waiting_for_a_scan() -> None:
    stage = Stage()
    heard = asyncio.Event()

    async def listen() -> None:
        async for _ in stage.bus.follow(Marks):
            heard.set()

    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
        async with following(listen), stage.fetcher():
            await eventually(heard.is_set)

    assert len(await stage.told(ScanStarted)) == 1


async def test_a_venue_that_cannot_be_reached_is_said_where_readiness_is_asked() -> None:
    stage = Stage()
    stage.venue.errors["listing"] = [VenueUnavailableError("HTTP 503")] * 10_000
    async with stage.fetcher() as fetcher:
        await eventually(lambda: _says(fetcher, "HTTP 503"))
        stage.venue.errors["listing"].clear()
        await eventually(lambda: _is_content(fetcher))


async def _says(fetcher: Running, words: str) -> bool:
    return words in (await fetcher.trouble() or "")


async def _is_content(fetcher: Running) -> bool:
    return await fetcher.trouble() is None


async def _sent(stage: Stage, count: int) -> None:
    async def sent() -> bool:
        return len(await stage.told(CandleSet)) == count

    await eventually(sent, saying=f"{count} candle sets")


async def test_rows_told_of_a_later_close_count_until_that_close_is_told_again() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
    later = (await stage.sent())["BTCUSDT"]
    name = "binance.20260310T040000Z.scheduled.1"
    earlier = later.model_copy(update={"as_of": CLOSE - timedelta(hours=4), "scan_id": name})
    history = ScanHistory(venue="binance")
    history.remember(later)
    history.remember(earlier)  # a simulated clock was set back

    assert history.sent["BTCUSDT"].as_of == CLOSE
    assert history.sent["BTCUSDT"].scan_id == name

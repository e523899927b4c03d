import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from common.bus.memory import MemoryBus
from common.codec import encode
from common.domain import (
    Bar,
    CandleSet,
    Defect,
    Derivatives,
    Direction,
    Failure,
    ScanKind,
    ScanStarted,
    Timeframe,
)
from common.errors import VenueCoolingError, VenueRefusedError, VenueUnavailableError
from common.streams import STREAMS
from tests.support import facts
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import BARS, CLOSE, FIRST, Stage, rejection_of

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


async def test_the_newest_due_close_is_scanned_at_the_start_and_accounted_for() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        started, completed = await stage.started(), await stage.completed()

    assert started.symbols == SYMBOLS
    assert started.as_of == CLOSE
    assert started.deadline == CLOSE + timedelta(minutes=15)
    assert started.kind is ScanKind.SCHEDULED
    assert started.simulated
    assert set(completed.blocked) == set(SYMBOLS)
    assert not completed.failures
    assert completed.next_close == CLOSE + timedelta(hours=4)
    assert {stage.stage for stage in completed.stages} == {"fetcher", "planner"}


async def test_a_candle_set_is_whole() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    one = (await stage.sent())["ETHUSDT"]
    assert {timeframe: frame.height for timeframe, frame in one.frames.items()} == BARS
    newest = {
        timeframe: datetime.fromtimestamp(frame["open_time"][-1] / 1000, UTC) + timeframe.duration
        for timeframe, frame in one.frames.items()
    }
    assert newest == {
        Timeframe.D1: datetime(2026, 3, 10, tzinfo=UTC),
        Timeframe.H4: CLOSE,
        Timeframe.H1: CLOSE,
    }
    assert one.instrument.quote_volume_24h == 1e9 - 1
    assert one.quality.score == 1.0
    assert one.derivatives is not None
    assert one.derivatives.open_interest == 500.0
    assert not one.incomplete
    assert one.barometer is None
    assert [fact.symbol for fact in await stage.told(Derivatives)].count("ETHUSDT") == 1


async def test_only_the_newest_bar_of_a_first_window_is_told() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    bars = [bar for bar in await stage.told(Bar) if bar.symbol == "BTCUSDT"]
    assert [bar.open_time for bar in bars] == [CLOSE - timedelta(hours=1)]


async def test_the_next_close_asks_only_for_new_candles_and_hands_the_barometer_on() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        first = await stage.completed()
        stage.venue.asked.clear()
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
        await stage.completed("binance.20260310T120000Z.scheduled.0")

    assert stage.venue.asked_for("BTCUSDT") == {Timeframe.H1: 6}
    one = (await stage.sent("binance.20260310T120000Z.scheduled.0"))["BTCUSDT"]
    assert one.barometer == first.barometer
    assert one.new_since == {Timeframe.D1: None, Timeframe.H4: CLOSE, Timeframe.H1: CLOSE}
    assert one.frames[Timeframe.H1].height == BARS[Timeframe.H1]
    bars = [bar.open_time for bar in await stage.told(Bar) if bar.symbol == "BTCUSDT"]
    assert bars == [CLOSE + timedelta(hours=hours) for hours in range(-1, 4)]


async def test_a_close_that_has_been_scanned_is_not_scanned_again() -> None:
    stage = Stage()
    async with stage.planner():
        async with stage.fetcher():
            await stage.completed()
        async with stage.fetcher():
            stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
            await stage.completed("binance.20260310T120000Z.scheduled.0")

    assert len(await stage.told(ScanStarted)) == 2


async def test_scanning_at_the_start_can_be_turned_off() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher(on_start=False):
        stage.clock.move_to(CLOSE + timedelta(hours=4, seconds=5))
        await stage.completed("binance.20260310T120000Z.scheduled.0")

    assert len(await stage.told(ScanStarted)) == 1


async def test_a_decision_made_in_time_counts_when_it_arrives_just_after_the_deadline() -> None:
    stage = Stage()
    async with (
        stage.planner(silent_about="ETHUSDT"),
        stage.fetcher(in_flight_seconds=30.0),
    ):
        started = await stage.started()
        await _all_sent(stage)
        stage.clock.move_to(started.deadline)
        await asyncio.sleep(0)
        await stage.bus.publish(rejection_of((await stage.sent())["ETHUSDT"]))

        assert (await stage.completed()).failures == ()


async def test_a_contract_nobody_decides_on_is_named_at_the_deadline() -> None:
    stage = Stage()
    async with stage.planner(silent_about="ETHUSDT"), stage.fetcher():
        started = await stage.started()
        await eventually(lambda: "ETHUSDT" in {name for name, *_ in stage.venue.asked})
        await _all_sent(stage)
        stage.clock.move_to(started.deadline)
        completed = await stage.completed()

    assert completed.failures == (
        Failure(
            symbol="ETHUSDT",
            stage="deadline",
            reason="not decided until the deadline 2026-03-10 08:15:00 UTC: its candles were sent",
        ),
    )


async def test_a_scan_ends_by_wall_time_when_the_clock_stands_still() -> None:
    stage = Stage()
    async with stage.fetcher(longest_wall_seconds=0.2):
        completed = await stage.completed()

    assert {failure.symbol for failure in completed.failures} == set(SYMBOLS)
    assert "0.2 wall seconds" in completed.failures[0].reason


async def test_a_dead_letter_on_the_way_to_a_decision_is_a_named_failure() -> None:
    stage = Stage()
    letter = facts.dead_letter("signals").model_copy(update={"scan_id": FIRST})
    elsewhere = letter.model_copy(update={"service": "recorder", "symbol": "ETHUSDT"})
    async with stage.planner(silent_about="BTCUSDT"), stage.fetcher():
        await stage.started()
        await stage.bus.publish(elsewhere)
        await stage.bus.publish(letter)
        completed = await stage.completed()

    (failure,) = completed.failures
    assert (failure.symbol, failure.stage) == ("BTCUSDT", "signals")
    assert failure.reason == letter.reason


@pytest.mark.parametrize(
    "error",
    [
        VenueRefusedError("BadSymbol: Invalid symbol."),
        VenueUnavailableError("HTTP 500 from the venue"),
    ],
)
async def test_a_contract_the_venue_does_not_answer_for_is_a_named_failure(
    error: Exception,
) -> None:
    stage = Stage()
    stage.venue.errors["ETHUSDT"] = [error, error]
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert completed.failures == (Failure(symbol="ETHUSDT", stage="fetcher", reason=str(error)),)
    assert set(completed.blocked) == {"BTCUSDT", "SOLUSDT"}


async def test_a_venue_that_stumbles_once_costs_no_contract() -> None:
    stage = Stage()
    stage.venue.errors["ETHUSDT"] = [VenueUnavailableError("time-out")]
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert not completed.failures


async def test_a_cooling_venue_is_left_alone_and_the_scan_goes_on_afterwards() -> None:
    stage = Stage()
    until = stage.clock.now() + timedelta(minutes=3)
    stage.venue.errors["ETHUSDT"] = [VenueCoolingError("HTTP 429", until=until)]
    async with stage.planner(), stage.fetcher():
        await stage.started()
        await eventually(lambda: not stage.venue.errors["ETHUSDT"])
        await _all_sent(stage, 2)
        stage.clock.move_to(until)
        completed = await stage.completed()

    assert not completed.failures


async def test_a_venue_that_cools_beyond_the_deadline_is_a_named_failure() -> None:
    stage = Stage()
    until = CLOSE + timedelta(hours=2)
    stage.venue.errors["ETHUSDT"] = [VenueCoolingError("HTTP 418: banned", until=until)]
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert [(one.symbol, one.reason) for one in completed.failures] == [
        ("ETHUSDT", "HTTP 418: banned")
    ]


async def test_a_venue_without_candles_for_a_contract_is_a_named_failure() -> None:
    stage = Stage()
    stage.venue.spoiled["ETHUSDT"] = []
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    (failure,) = completed.failures
    assert failure.reason == "ETHUSDT must have closed candles, was none at 08:00 UTC"


async def test_rows_that_are_all_null_are_a_named_failure() -> None:
    stage = Stage()
    stage.venue.spoiled["ETHUSDT"] = [[None] * 6] * 3
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    (failure,) = completed.failures
    assert "all 3 were refused, first malformed" in failure.reason


async def test_a_listing_that_fails_is_read_again_until_it_comes() -> None:
    stage = Stage()
    stage.venue.errors["listing"] = [VenueUnavailableError("HTTP 503")] * 3
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert not completed.failures
    assert len(await stage.told(ScanStarted)) == 1


async def test_unknown_premiums_leave_derivatives_null() -> None:
    stage = Stage()
    stage.venue.errors["premiums"] = [VenueUnavailableError("HTTP 500")] * 2
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    sent = (await stage.sent()).values()
    assert all(one.derivatives is None for one in sent)


async def test_unknown_open_interest_is_null_and_the_rest_is_told() -> None:
    stage = Stage()
    stage.venue.errors["interest"] = [VenueUnavailableError("HTTP 500")] * 3
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    derivatives = (await stage.sent())["BTCUSDT"].derivatives
    assert derivatives is not None
    assert derivatives.open_interest is None
    assert derivatives.funding_rate == 0.0001


async def test_a_candle_that_is_late_marks_its_timeframe_incomplete() -> None:
    stage = Stage()
    newest = int((CLOSE - timedelta(hours=1)).timestamp() * 1000)
    stage.venue.absent.add(("ETHUSDT", Timeframe.H1, newest))
    async with stage.planner(), stage.fetcher():
        await stage.completed()

    one = (await stage.sent())["ETHUSDT"]
    assert one.incomplete == (Timeframe.H1,)
    assert Defect(name="stale_tail", timeframe=Timeframe.H1, count=1) in one.quality.defects


async def test_an_empty_universe_is_completed_at_once() -> None:
    stage = Stage()
    stage.venue.symbols = ()
    async with stage.fetcher():
        completed = await stage.completed()

    assert completed.universe == 0


async def test_a_full_stream_pauses_the_scan_and_loses_nothing() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
    (size, *_) = (len(encode(one)) for one in (await stage.sent()).values())
    tight = [
        replace(one, max_bytes=2 * size, max_age=timedelta(seconds=0.3))
        if CandleSet in one.facts
        else one
        for one in STREAMS
    ]

    stage = Stage(bus=MemoryBus(streams=tight))
    async with stage.planner(), stage.fetcher():
        completed = await stage.completed()

    assert not completed.failures
    assert set(completed.blocked) == set(SYMBOLS)


async def test_the_same_scan_forced_twice_tells_the_same_bytes() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        names = [FIRST]
        for _ in range(2):
            reply = await stage.scan(force=True)
            await stage.completed(reply.scan_id)
            names.append(reply.scan_id)

    assert names[1:] == [
        "binance.20260310T080000Z.demand.0",
        "binance.20260310T080000Z.demand.1",
    ]
    scans = [await stage.sent(name) for name in names]
    for symbol in SYMBOLS:
        first, *others = (
            encode(scan[symbol].model_copy(update={"scan_id": FIRST})) for scan in scans
        )
        assert len(others) == 2
        assert all(other == first for other in others)


async def _all_sent(stage: Stage, count: int = len(SYMBOLS)) -> None:
    async def sent() -> bool:
        return len(await stage.told(CandleSet)) == count

    await eventually(sent, saying=f"{count} candle sets")


async def test_a_scan_ends_with_the_clusters_of_its_plans() -> None:
    stage = Stage()
    stage.bars[Timeframe.H1] = 200
    async with stage.planner(ranks={"ETHUSDT": 90.0, "SOLUSDT": 120.0}), stage.fetcher():
        completed = await stage.completed()

    (cluster,) = completed.clusters
    assert cluster.symbols == ("SOLUSDT", "ETHUSDT")
    assert cluster.direction is Direction.LONG
    assert cluster.btc_correlation == pytest.approx(1.0)


async def test_windows_too_short_for_a_correlation_make_no_cluster() -> None:
    stage = Stage()
    async with stage.planner(ranks={"ETHUSDT": 90.0, "SOLUSDT": 120.0}), stage.fetcher():
        completed = await stage.completed()

    assert set(completed.planned) == {"ETHUSDT", "SOLUSDT"}
    assert completed.clusters == ()

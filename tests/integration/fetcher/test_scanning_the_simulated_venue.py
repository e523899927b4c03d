from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from common.codec import encode
from common.domain import CandleSet, Timeframe
from exchange_sim.core.faults import Fault
from fetcher.adapters.binance import BinanceReader
from fetcher.handlers.market import MarketDesk
from fetcher.settings import UniverseSettings
from tests.integration.fetcher.books import KLINES, after_a_while, books, requests, weight
from tests.integration.fetcher.surroundings import ALONE, EVERYTHING, Surroundings
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.support.real_data import real_data_folder
from tests.support.venue import A_CLOSE, running_venue

NEXT = A_CLOSE + timedelta(hours=4, minutes=1)


async def test_the_first_fill_reads_whole_windows_within_the_limits() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    sets = await around.sent(completed.scan_id)
    assert completed.universe == len(sets) == 8
    assert not completed.failures
    assert completed.simulated
    assert requests(venue) == 8 * 5  # two pages of 1h and of 4h, one of 1d
    assert books(venue)["too_many_requests"] == 0
    for one in sets.values():
        assert one.quality.score == 1.0
        assert {frame: rows.height for frame, rows in one.frames.items()} == {
            Timeframe.D1: 499,
            Timeframe.H4: 998,
            Timeframe.H1: 998,
        }
        assert one.derivatives is not None
        assert one.derivatives.open_interest_change_24h is not None


async def test_the_timeframes_of_a_set_tell_the_same_market() -> None:
    async with running_venue(symbols=3) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    for one in (await around.sent(completed.scan_id)).values():
        hours, fours = one.frames[Timeframe.H1], one.frames[Timeframe.H4]
        built = _built_from_hours(hours, Timeframe.H4)
        told = fours.join(built.select("open_time"), on="open_time", how="semi")
        for name in ("open", "high", "low", "close"):
            assert told[name].to_list() == built[name].to_list()


async def test_the_next_close_asks_for_one_light_page_a_contract_and_no_more() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            await around.completed()
            venue.accounting.reset()
            venue.move_to(NEXT)
            completed = await around.completed(2)

    assert not completed.failures
    assert (requests(venue), weight(venue)) == (8, 8)


async def test_a_restart_compares_the_end_of_each_window_and_fetches_no_other() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with around.planner():
            async with around.fetcher():
                await around.completed()
            venue.accounting.reset()
            venue.move_to(NEXT)
            async with around.fetcher():
                completed = await around.completed(2)

    assert (requests(venue), weight(venue)) == (24, 24)  # a light request a window
    one = (await around.sent(completed.scan_id))["BTCUSDT"]
    assert one.new_since == {Timeframe.D1: None, Timeframe.H4: A_CLOSE, Timeframe.H1: A_CLOSE}
    assert one.frames[Timeframe.H1].height == 998


async def test_a_scan_forced_twice_tells_the_same_bytes() -> None:
    async with running_venue(symbols=5) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            names = [(await around.completed()).scan_id]
            for count in (2, 3):
                await around.force()
                names.append((await around.completed(count)).scan_id)

    assert len(set(names)) == 3
    first, *others = [await around.sent(name) for name in names]
    for symbol, one in first.items():
        for other in others:
            same_name = other[symbol].model_copy(update={"scan_id": one.scan_id})
            assert encode(same_name) == encode(one)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"kind": "html"}, "must be a list of rows"),
        ({"kind": "truncated"}, "must be a list of rows"),
        ({"kind": "status", "status": 500}, "HTTP 500"),
        ({"kind": "reset"}, "ExchangeNotAvailable"),
        ({"kind": "timeout"}, "/fapi/v1/klines"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
async def test_a_bad_answer_is_a_named_failure_of_its_contract_alone(
    fault: dict[str, Any], named: str
) -> None:
    async with running_venue(symbols=4) as venue:
        around = Surroundings(venue, tables=ALONE)
        venue.faults.order(Fault(route=KLINES, symbol="ETHUSDT", **fault))
        async with around.planner(), around.fetcher(fetcher={"timeout_seconds": 0.5}):
            completed = await around.completed()

    assert [(one.symbol, one.stage) for one in completed.failures] == [("ETHUSDT", "fetcher")]
    assert named in completed.failures[0].reason
    assert len(completed.blocked) == 3


async def test_null_rows_are_read_again_and_leave_only_a_note() -> None:
    async with running_venue(symbols=4) as venue:
        around = Surroundings(venue)
        venue.faults.order(Fault(kind="null_rows", route=KLINES, symbol="ETHUSDT", count=1))
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    one = (await around.sent(completed.scan_id))["ETHUSDT"]
    assert not completed.failures
    assert [(defect.name, defect.count) for defect in one.quality.defects] == [("malformed", 1)]
    assert one.frames[Timeframe.D1].height == 499
    assert one.quality.score == 0.99


async def test_null_rows_that_stay_are_gaps_with_a_name() -> None:
    async with running_venue(symbols=4) as venue:
        around = Surroundings(venue)
        venue.faults.order(Fault(kind="null_rows", route=KLINES, symbol="ETHUSDT"))
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    accounted = {*completed.blocked, *(one.symbol for one in completed.failures)}
    assert len(accounted) == 4
    sets = await around.sent(completed.scan_id)
    if "ETHUSDT" in sets:
        names = {defect.name for defect in sets["ETHUSDT"].quality.defects}
        assert {"malformed", "gap"} <= names


@pytest.mark.parametrize("status", [418, 429])
async def test_a_ban_in_mid_scan_is_obeyed_and_the_scan_goes_on_by_itself(status: Any) -> None:
    async with running_venue(symbols=6) as venue:
        around = Surroundings(venue)
        venue.faults.order(
            Fault(kind="status", status=status, retry_after=120, route=KLINES, count=1)
        )
        async with around.planner(), around.fetcher(fetcher={"concurrency": 1}):
            await eventually(lambda: venue.accounting.faults == 1, within=20)
            await after_a_while(venue)  # the ban has been read before time moves on
            banned = books(venue)["requests"]
            venue.advance(timedelta(seconds=119))
            await after_a_while(venue)
            silent = books(venue)["requests"]
            venue.advance(timedelta(seconds=1))
            completed = await around.completed()

    assert banned == silent
    assert not completed.failures
    assert len(completed.blocked) == 6


async def test_a_contract_with_twenty_candles_is_sent_with_its_short_history(
    tmp_path: Path,
) -> None:
    _write_candles(tmp_path, "BTCUSDT", 800)
    _write_candles(tmp_path, "NEWUSDT", 20)
    async with running_venue(market="files", folder=tmp_path, start=A_CLOSE) as venue:
        venue.advance(timedelta(minutes=1))
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    one = (await around.sent(completed.scan_id))["NEWUSDT"]
    assert not completed.failures
    assert one.frames[Timeframe.H1].height == 20
    assert ("short_history", Timeframe.H1, 978) in {
        (defect.name, defect.timeframe, defect.count) for defect in one.quality.defects
    }


async def test_every_listed_contract_is_scanned_or_has_a_reason() -> None:
    async with running_venue(symbols=60) as venue:
        reader = BinanceReader(venue.clock, budget_on(venue.clock), base_url=venue.base_url)
        desk = MarketDesk(reader, venue.clock, UniverseSettings().rules())
        universe = await desk.read()
        everything = await MarketDesk(
            reader, venue.clock, UniverseSettings.model_validate(EVERYTHING).rules()
        ).read()
        await reader.close()

    reasons = " ".join(one.reason for one in universe.excluded.values())
    assert len(universe.members) + len(universe.excluded) == len(universe.listed)
    assert len(everything.members) == 60
    assert universe.simulated
    assert all(one.simulated for one in universe.members)
    for word in ("be a perpetual", "was stock", "was commodity", "trade freely", "settled in USDT"):
        assert word in reasons
    turnovers = [one.quote_volume_24h or 0 for one in universe.members]
    assert turnovers == sorted(turnovers, reverse=True)
    assert min(turnovers) >= 20e6


@pytest.mark.real
async def test_the_real_candles_are_scanned_and_every_contract_is_accounted_for() -> None:
    folder = real_data_folder() / "candles" / "binance"
    async with running_venue(market="files", folder=folder) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            completed = await around.completed()

    sets = await around.sent(completed.scan_id)
    assert completed.universe == len(sets) > 20
    assert not completed.failures
    built = _built_from_hours(sets["BTCUSDT"].frames[Timeframe.H1], Timeframe.H4)
    fours = sets["BTCUSDT"].frames[Timeframe.H4]
    told = fours.join(built.select("open_time"), on="open_time", how="semi")
    assert told["close"].to_list() == built["close"].to_list()
    assert all(_is_closed(one) for one in sets.values())


def _is_closed(one: CandleSet) -> bool:
    as_of = int(one.as_of.timestamp() * 1000)
    return all(
        frame["open_time"][-1] + timeframe.milliseconds <= as_of
        for timeframe, frame in one.frames.items()
    )


def _built_from_hours(hours: pl.DataFrame, timeframe: Timeframe) -> pl.DataFrame:
    start = pl.col("open_time") // timeframe.milliseconds * timeframe.milliseconds
    count = timeframe.milliseconds // Timeframe.H1.milliseconds
    return (
        hours.group_by(start.alias("start"), maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.len().alias("hours"),
        )
        .filter(pl.col("hours") == count)
        .rename({"start": "open_time"})
    )


def _write_candles(folder: Path, symbol: str, count: int) -> None:
    end = A_CLOSE + timedelta(days=2)
    first = int(A_CLOSE.timestamp() * 1000) - count * 3_600_000
    total = count + int((end - A_CLOSE).total_seconds()) // 3600
    middle = [100 + (hour % 17) * 0.5 for hour in range(total)]
    pl.DataFrame(
        {
            "open_time": [first + hour * 3_600_000 for hour in range(total)],
            "open": middle,
            "high": [price + 1.5 for price in middle],
            "low": [price - 1.5 for price in middle],
            "close": [price + 0.5 for price in middle],
            "volume": [1_000.0] * total,
        },
        schema_overrides={"open_time": pl.Int64},
    ).write_parquet(folder / f"{symbol}-1h.parquet")


def test_the_venue_of_these_tests_opens_on_a_close() -> None:
    assert Timeframe.H4.floor(A_CLOSE) == A_CLOSE == datetime(2026, 3, 10, 8, tzinfo=UTC)

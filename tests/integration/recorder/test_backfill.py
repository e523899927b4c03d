"""History from the simulated archive into a real Postgres: whole, once, resumed."""

import asyncio
import os
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from common.domain import Timeframe
from common.errors import SettingsError
from exchange_sim.core.fault import Fault
from recorder.core.backfills import BackfillRequest
from tests.integration.exchange_sim.http import get
from tests.integration.exchange_sim.test_vision import rows as rows_of_file
from tests.integration.recorder.backfilling import (
    MS,
    Told,
    downloads,
    recorded,
    run,
    served,
    settings,
    wanted,
)
from tests.integration.recorder.postgres import Opened
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue

pytestmark = pytest.mark.connected


async def test_history_equals_the_venues_own_row_for_row(
    venue: RunningVenue, place: Opened
) -> None:
    told = Told()

    report = await run(
        venue,
        place,
        wanted("SOLUSDT", "1000PEPEUSDT", timeframes=(Timeframe.H1, Timeframe.D1)),
        told,
    )

    for symbol in ("SOLUSDT", "1000PEPEUSDT"):
        for timeframe in (Timeframe.H1, Timeframe.D1):
            assert await recorded(place, symbol, timeframe) == await served(
                venue, symbol, timeframe
            )
    assert (report.problems, report.missing, report.faults) == ([], 0, {})
    assert len(told.done) == told.expected == report.files == 4 * (1 + 10)
    assert await place.rows("SELECT DISTINCT venue, source, simulated FROM candles") == [
        ("binance", "venue", True)
    ]


async def test_a_second_run_downloads_nothing_that_is_done(
    venue: RunningVenue, place: Opened
) -> None:
    await run(venue, place, wanted("SOLUSDT"))
    before, rows = downloads(venue), await place.rows("SELECT xmin, * FROM candles")

    report = await run(venue, place, wanted("SOLUSDT"))

    assert downloads(venue) == before + 1  # yesterday's file is not published yet
    assert report.done_before == 1 + 8
    assert await place.rows("SELECT xmin, * FROM candles") == rows


async def test_a_file_that_comes_later_is_read_then(venue: RunningVenue, place: Opened) -> None:
    await run(venue, place, wanted("SOLUSDT"))
    assert await place.rows("SELECT 1 FROM backfills WHERE period = '2026-03-09'") == []

    venue.move_to(A_CLOSE + timedelta(minutes=45))
    await run(venue, place, wanted("SOLUSDT"))

    [(checksum, candles, mended)] = await place.rows(
        "SELECT checksum, kept, mended FROM backfills WHERE period = '2026-03-09'"
    )
    assert (len(checksum), candles, mended) == (64, 6, 0)


async def test_a_month_that_is_wanted_from_its_middle_is_mended_whole(
    venue: RunningVenue, place: Opened
) -> None:
    first = datetime(2026, 1, 3, tzinfo=UTC)
    venue.faults.order(Fault(kind="missing", route="/data/*", at=first, rows=1, count=1))
    view = wanted("SOLUSDT", since=date(2026, 1, 20), until=date(2026, 1, 31))

    report = await run(venue, place, view)

    assert (report.candles, report.missing) == (31 * 6, 0)


async def test_a_file_replaces_what_was_told_before_its_end_and_nothing_told_later(
    venue: RunningVenue, place: Opened
) -> None:
    await run(venue, place, wanted("SOLUSDT"))
    last = "(SELECT max(open_time) FROM candles)"
    await place.run("UPDATE candles SET close = 1, as_of = open_time + interval '4 h'")
    await place.run("UPDATE candles SET as_of = '2026-03-05' WHERE open_time = '2026-02-03'")
    await place.run(f"UPDATE candles SET as_of = as_of + interval '1 s' WHERE open_time = {last}")

    await run(venue, place, wanted("SOLUSDT", again=True))

    kept = await place.rows("SELECT open_time::text FROM candles WHERE close = 1 ORDER BY 1")
    assert kept == [("2026-02-03 00:00:00+00",), ("2026-03-10 04:00:00+00",)]


async def test_open_interest_is_read_once_an_hour_where_it_is_wanted(
    venue: RunningVenue, place: Opened
) -> None:
    request = wanted("SOLUSDT", since=date(2026, 3, 6), metrics=True)

    report = await run(venue, place, request)
    before = downloads(venue)
    await run(venue, place, request)

    rows = await place.rows(
        "SELECT fact ->> 'observed_at', open_interest, (fact ->> 'open_interest_usd')::float, "
        "long_short_ratio, simulated FROM derivatives WHERE symbol = 'SOLUSDT' ORDER BY observed_at"
    )
    files = [await _metrics(venue, day) for day in ("2026-03-06", "2026-03-07", "2026-03-08")]
    assert report.readings == len(rows) == 3 * 24
    assert rows == [row for file in files for row in file]
    assert downloads(venue) - before == 2 + 3  # yesterday's two; and those of this test


async def _metrics(venue: RunningVenue, day: str) -> list[tuple[Any, ...]]:
    path = f"data/futures/um/daily/metrics/SOLUSDT/SOLUSDT-metrics-{day}.zip"
    lines = await rows_of_file(venue, path)
    return [
        (f"{at.replace(' ', 'T')}Z", float(interest), float(value), float(ratio), True)
        for at, _, interest, value, _, _, ratio, _ in lines[1:]
        if at.endswith(":00:00")
    ]


async def test_history_begins_where_the_contract_was_listed(
    venue: RunningVenue, place: Opened
) -> None:
    [(symbol, listed)] = await _youngest(venue)

    report = await run(venue, place, wanted(symbol, since=date(2020, 1, 1)))

    rows = await recorded(place, symbol, Timeframe.H4)
    assert rows == await served(venue, symbol, Timeframe.H4, date(2020, 1, 1))
    assert rows[0][0] == listed // Timeframe.H4.milliseconds * Timeframe.H4.milliseconds
    assert report.missing == 0


async def _youngest(venue: RunningVenue) -> list[tuple[str, int]]:
    body = (await get(venue.base_url, "/fapi/v1/exchangeInfo"))[1]
    now = int(venue.now().timestamp()) * MS
    listed = [
        (row["symbol"], row["onboardDate"])
        for row in body["symbols"]
        if row["status"] == "TRADING" and row["onboardDate"] < now
    ]
    return sorted(listed, key=lambda row: row[1])[-1:]


async def test_a_backfill_killed_in_mid_work_goes_on_and_doubles_nothing(
    venue: RunningVenue, place: Opened
) -> None:
    request = wanted("SOLUSDT", "BTCUSDT", "ETHUSDT", since=date(2024, 6, 1))
    venue.faults.order(Fault(kind="latency", seconds=0.05, route="/data/*"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "recorder", "backfill", "--from", "2024-06"),
        *("--symbols", "SOLUSDT,BTCUSDT,ETHUSDT", "--timeframes", "4h"),
        env={"PATH": os.environ["PATH"], **variables(settings(venue, place))},
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def some() -> bool:
        [(count,)] = await place.rows("SELECT count(*) FROM backfills")
        return bool(count >= 5)

    await eventually(some, within=60)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    [(done,)] = await place.rows("SELECT count(*) FROM backfills")
    venue.faults.clear()
    before = downloads(venue)
    report = await run(venue, place, request)

    files = 3 * (21 + 9)  # months up to February, finished days of March
    assert 5 <= done < files - 3
    assert report.done_before == done
    assert downloads(venue) - before == 2 * (files - 3 - done) + 3  # 3 are not published yet
    for symbol in request.symbols:
        assert await recorded(place, symbol, Timeframe.H4) == await served(
            venue, symbol, Timeframe.H4, date(2024, 6, 1)
        )


def variables(tables: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {
        f"SCANNER_{name}__{key}".upper(): str(value)
        for name, table in tables.items()
        for key, value in table.items()
    }


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (wanted("SOLUSDT", since=date(2026, 3, 11)), "from must not lie after today, 2026-03-10"),
        (wanted("SOLUSDT", until=date(2026, 1, 1)), "to must not lie before from, 2026-02-01"),
        (wanted("../SOLUSDT"), "a symbol must be capital letters and digits, was '../SOLUSDT'"),
        (wanted("solusdt"), "a symbol must be capital letters and digits, was 'solusdt'"),
    ],
)
async def test_what_cannot_be_meant_is_one_sentence(
    request_: BackfillRequest, sentence: str, venue: RunningVenue, place: Opened
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await run(venue, place, request_)


async def test_without_symbols_or_a_recorded_universe_one_sentence_says_so(
    venue: RunningVenue, place: Opened
) -> None:
    with pytest.raises(SettingsError, match="symbols must be named until a universe is recorded"):
        await run(venue, place, wanted())

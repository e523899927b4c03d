"""Files and venues that fail a backfill: damage is counted and mended, or tried again."""

from datetime import date

import pytest

from common.domain import Timeframe
from common.errors import VenueUnavailableError
from exchange_sim.core.fault import CandleKind, Fault
from tests.integration.recorder.backfilling import Told, downloads, recorded, run, served, wanted
from tests.integration.recorder.postgres import Opened
from tests.support.venue import RunningVenue

pytestmark = pytest.mark.connected


async def test_damage_behind_a_good_check_sum_is_counted_and_mended(
    venue: RunningVenue, place: Opened
) -> None:
    kinds: tuple[CandleKind, ...] = (
        "missing",
        "duplicated",
        "shifted",
        "inconsistent",
        "unordered",
    )
    venue.faults.order(*(Fault(kind=kind, route="/data/*", rows=2, count=1) for kind in kinds))

    report = await run(venue, place, wanted("SOLUSDT", since=date(2025, 10, 1)))

    assert await recorded(place, "SOLUSDT", Timeframe.H4) == await served(
        venue, "SOLUSDT", Timeframe.H4, date(2025, 10, 1)
    )
    assert report.faults == {"duplicate": 2, "misaligned": 2, "inconsistent": 2, "out_of_order": 1}
    assert (report.missing, report.problems) == (0, [])
    assert await place.rows("SELECT sum(mended)::int, sum(missing)::int FROM backfills") == [(6, 0)]


async def test_a_file_unlike_its_check_sum_is_refused_and_its_time_read_from_the_venue(
    venue: RunningVenue, place: Opened
) -> None:
    venue.faults.order(Fault(kind="checksum", route="/data/*", count=1))

    report = await run(venue, place, wanted("SOLUSDT", until=date(2026, 2, 28)))

    [problem] = report.problems
    assert problem.startswith("SOLUSDT-4h-2026-02.zip is refused: check sum of SOLUSDT-4h-2026-02")
    assert ", was " in problem
    assert await place.rows("SELECT * FROM backfills") == []
    rows = await recorded(place, "SOLUSDT", Timeframe.H4)
    assert rows == (await served(venue, "SOLUSDT", Timeframe.H4))[: len(rows)]
    assert len(rows) == report.mended == 28 * 6


async def test_a_download_that_breaks_off_is_tried_again(
    venue: RunningVenue, place: Opened
) -> None:
    venue.faults.order(
        Fault(kind="truncated", route="/data/*.zip", count=1),
    )

    report = await run(venue, place, wanted("SOLUSDT", until=date(2026, 2, 28)))

    assert (report.problems, report.candles, report.mended) == ([], 28 * 6, 0)


async def test_a_hole_for_which_the_venue_tells_nonsense_is_mended_the_next_time(
    venue: RunningVenue, place: Opened
) -> None:
    request = wanted("SOLUSDT", until=date(2026, 2, 28))
    venue.faults.order(
        Fault(kind="missing", route="/data/*", rows=3, count=1),
        Fault(kind="latency", seconds=0, route="/fapi/v1/klines", count=1),  # since when it trades
        Fault(kind="null_rows", route="/fapi/v1/klines", count=1),
    )

    first = await run(venue, place, request)
    second = await run(venue, place, request)

    assert first.problems == [
        "holes of SOLUSDT-4h-2026-02.zip are left: the venue's rows were malformed"
    ]
    assert (first.missing, second.missing, second.mended) == (1, 0, 3)
    assert second.problems == []


async def test_an_archive_that_is_away_ends_the_run_and_is_not_replaced_by_the_venue(
    venue: RunningVenue, place: Opened
) -> None:
    venue.faults.order(Fault(kind="status", status=503, route="/data/*"))

    with pytest.raises(VenueUnavailableError, match=r"the archive must answer .* was 503"):
        await run(venue, place, wanted("SOLUSDT", since=date(2025, 1, 1)))

    assert venue.accounting.venues["binance"].summary(0)["requests"] == 2  # what is listed, since


async def test_a_venue_that_says_stop_is_asked_nothing_more_and_mended_the_next_time(
    venue: RunningVenue, place: Opened
) -> None:
    venue.faults.order(
        Fault(kind="missing", route="/data/*", rows=3, count=1),
        Fault(kind="status", status=451, route="/fapi/*"),
    )
    request = wanted("SOLUSDT", until=date(2026, 2, 28))

    blocked = await run(venue, place, request)
    asked = venue.accounting.venues["binance"].summary(0)["requests"]
    ledger = await place.rows("SELECT * FROM backfills")
    venue.faults.clear()
    mended = await run(venue, place, request)

    assert blocked.problems == [
        "only files are read, nothing is mended: the venue told us to stay away with status 451"
    ]
    assert (asked, ledger) == (1, [])
    assert (blocked.candles, blocked.missing) == (28 * 6 - 3, 3)
    assert (mended.candles, mended.mended, mended.missing) == (28 * 6, 3, 0)


async def test_a_contract_that_the_venue_does_not_list_is_read_from_files_alone_and_asked_once(
    venue: RunningVenue, place: Opened
) -> None:
    told = Told()
    request = wanted("NOUSDT", since=date(2025, 11, 1), until=date(2025, 12, 31))

    first = await run(venue, place, request, told)
    before = downloads(venue)
    await run(venue, place, request)

    assert told.lines == [
        "only files of NOUSDT are read: the venue does not list it now",
        "there are no candles of NOUSDT: is that how binance spells it?",
    ]
    assert (first.candles, first.missing, first.files) == (0, 0, 2)
    assert first.problems == told.lines[1:]
    assert downloads(venue) == before == 2
    assert await place.rows("SELECT DISTINCT checksum, kept FROM backfills") == [(None, 0)]

"""Binance Vision: the spot data API and the archive of zip files."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from exchange_sim.core.faults import Fault
from tests.integration.exchange_sim.http import get
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

DAY = "data/futures/um/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2026-03-08.zip"
HOUR = 3_600_000


async def file(venue: RunningVenue, path: str) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{venue.base_url}/{path}") as response,
    ):
        return response.status, await response.read()


async def rows(venue: RunningVenue, path: str) -> list[list[str]]:
    status, packed = await file(venue, path)
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(packed)) as unpacked:
        name = path.rsplit("/", 1)[-1].replace(".zip", ".csv")
        assert unpacked.namelist() == [name]
        return [line.split(",") for line in unpacked.read(name).decode().splitlines()]


async def checks(venue: RunningVenue, path: str) -> bool:
    _, packed = await file(venue, path)
    digest, name = (await file(venue, path + ".CHECKSUM"))[1].decode().split()
    assert name == path.rsplit("/", 1)[-1]
    return hashlib.sha256(packed).hexdigest() == digest


async def test_a_day_of_candles_equals_the_interfaces_and_its_check_sum_is_good() -> None:
    async with running_venue() as venue:
        lines = await rows(venue, DAY)
        start = int(datetime(2026, 3, 8, tzinfo=UTC).timestamp() * 1000)
        asked = {"symbol": "SOLUSDT", "interval": "1h", "startTime": start, "limit": 24}
        rest = (await get(venue.base_url, "/fapi/v1/klines", **asked))[1]
        good = await checks(venue, DAY)

    assert lines[0][:2] == ["open_time", "open"]
    assert lines[1:] == [[str(value) for value in row] for row in rest]
    assert good


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("data/futures/um/monthly/klines/SOLUSDT/4h/SOLUSDT-4h-2026-01.zip", 1 + 31 * 6),
        ("data/futures/um/monthly/klines/SOLUSDT/1mo/SOLUSDT-1mo-2026-01.zip", 1 + 1),
        ("data/futures/um/monthly/fundingRate/SOLUSDT/SOLUSDT-fundingRate-2026-01.zip", 1 + 93),
        ("data/futures/um/daily/metrics/SOLUSDT/SOLUSDT-metrics-2026-03-08.zip", 1 + 288),
        ("data/spot/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2026-03-08.zip", 24),
    ],
)
async def test_a_file_has_a_row_for_each_period(path: str, count: int) -> None:
    async with running_venue() as venue:
        assert len(await rows(venue, path)) == count


@pytest.mark.parametrize(
    "path",
    [
        "data/futures/um/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2026-03-10.zip",  # not over
        "data/futures/um/daily/klines/SOLUSDT/1w/SOLUSDT-1w-2026-03-08.zip",
        "data/futures/um/monthly/klines/SOLUSDT/1M/SOLUSDT-1M-2026-01.zip",
        "data/futures/um/daily/klines/SOLUSDT/4h/SOLUSDT-1h-2026-03-08.zip",
        "data/futures/um/daily/klines/NOUSDT/1h/NOUSDT-1h-2026-03-08.zip",
        "data/futures/um/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2026-02-30.zip",
        "data/futures/um/daily/fundingRate/SOLUSDT/SOLUSDT-fundingRate-2026-03-08.zip",
        "data/futures/um/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2019-01-01.zip",
        "data/spot/daily/klines/1000PEPEUSDT/1h/1000PEPEUSDT-1h-2026-03-08.zip",
    ],
)
async def test_what_is_not_published_is_not_found(path: str) -> None:
    async with running_venue() as venue:
        assert (await file(venue, path))[0] == 404
        assert (await file(venue, path + ".CHECKSUM"))[0] == 404


async def test_a_days_file_appears_the_next_morning() -> None:
    path = "data/futures/um/daily/klines/SOLUSDT/1h/SOLUSDT-1h-2026-03-09.zip"
    async with running_venue(start=A_CLOSE) as venue:
        assert (await file(venue, path))[0] == 404
        venue.advance(timedelta(minutes=36))
        assert (await file(venue, path))[0] == 200


async def test_spot_files_have_no_header_and_count_microseconds_since_2025() -> None:
    spot = "data/spot/daily/klines/SOLUSDT/1h/SOLUSDT-1h-{}.zip"
    async with running_venue() as venue:
        new = await rows(venue, spot.format("2025-01-01"))
        old = await rows(venue, spot.format("2024-12-31"))

    assert (len(new[0][0]), len(old[0][0])) == (16, 13)
    assert int(new[0][0]) == 1000 * (int(old[0][0]) + 24 * HOUR)
    assert int(new[0][6]) == int(new[1][0]) - 1


async def test_a_damaged_file_has_a_good_check_sum_and_stays_damaged() -> None:
    async with running_venue() as venue:
        venue.faults.order(
            Fault(kind="missing", route="/data/*", rows=3, count=1),
            Fault(kind="duplicated", route="/data/*", count=1),
        )
        other = DAY.replace("2026-03-08", "2026-03-07")
        gap, again = await rows(venue, DAY), await rows(venue, DAY)
        double = await rows(venue, other)
        good = [await checks(venue, path) for path in (DAY, other)]

    assert (len(gap), len(double)) == (1 + 21, 1 + 25)
    assert gap == again
    assert good == [True, True]


async def test_a_check_sum_may_be_wrong() -> None:
    async with running_venue() as venue:
        venue.faults.order(Fault(kind="checksum", route="/data/*", count=1))
        assert not await checks(venue, DAY)


async def test_the_archive_may_fail_like_any_server() -> None:
    async with running_venue() as venue:
        venue.faults.order(
            Fault(kind="status", status=503, route="/data/*", count=1),
            Fault(kind="truncated", route="/data/*", count=1),
        )
        failed, _ = await file(venue, DAY)
        _, short = await file(venue, DAY)

    assert failed == 503
    assert not zipfile.is_zipfile(io.BytesIO(short))


async def test_the_spot_interface_serves_pairs_that_stand_a_little_above_their_perpetuals() -> None:
    async with running_venue() as venue:
        info = (await get(venue.base_url, "/api/v3/exchangeInfo"))[1]
        one = (await get(venue.base_url, "/api/v3/exchangeInfo", symbol="PEPEUSDT"))[1]
        asked = {"interval": "1h", "limit": 200}
        spot = await get(venue.base_url, "/api/v3/klines", symbol="PEPEUSDT", **asked)
        perp = (await get(venue.base_url, "/fapi/v1/klines", symbol="1000PEPEUSDT", **asked))[1]
        missing = await get(venue.base_url, "/api/v3/klines", symbol="1000PEPEUSDT", interval="1h")

    pairs = {row["symbol"] for row in info["symbols"]}
    assert {"BTCUSDT", "PEPEUSDT", "SHIBUSDT"} <= pairs
    assert not {"AAPLUSDT", "BTCDOMUSDT", "BTCUSDC", "1000PEPEUSDT"} & pairs
    assert [row["symbol"] for row in one["symbols"]] == ["PEPEUSDT"]
    ratios = [
        1_000 * float(mine[4]) / float(theirs[4])
        for mine, theirs in zip(spot[1], perp, strict=True)
    ]
    assert sum(ratios) / len(ratios) == pytest.approx(1.0005, abs=0.0005)
    assert [row[0] for row in spot[1]] == [row[0] for row in perp]
    assert spot[2]["X-MBX-USED-WEIGHT-1M"] == "42"
    assert missing[0] == 400


async def test_spot_has_limits_of_its_own() -> None:
    async with running_venue() as venue:
        _, body, _ = await get(
            venue.base_url, "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=1_001
        )
        await get(venue.base_url, "/api/v3/klines", symbol="BTCUSDT", interval="1h")
        _, _, headers = await get(venue.base_url, "/fapi/v1/time")
        books: Any = venue.accounting.summary(0)

    assert body["code"] == -1130
    assert headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert books["venues"]["spot"]["weight"] == 4

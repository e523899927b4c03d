import asyncio

import ccxt
import pytest

from exchange_sim.core.faults import Fault
from tests.integration.exchange_sim.http import delete, get, post
from tests.support.eventually import eventually
from tests.support.venue import binance_client, running_venue

SOL = "SOL/USDT:USDT"
KLINES = "/fapi/v1/klines"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 429, "retry_after": 7}, ccxt.DDoSProtection),
        ({"kind": "status", "status": 418}, ccxt.DDoSProtection),
        ({"kind": "status", "status": 403}, ccxt.ExchangeNotAvailable),
        ({"kind": "status", "status": 451}, ccxt.ExchangeNotAvailable),
        ({"kind": "status", "status": 500}, ccxt.OperationFailed),
        ({"kind": "status", "status": 503}, ccxt.OperationFailed),
        ({"kind": "timeout"}, ccxt.RequestTimeout),
        ({"kind": "reset", "count": 2}, ccxt.ExchangeNotAvailable),  # aiohttp itself tries twice
    ],
)
async def test_an_ordered_fault_is_the_error_that_ccxt_makes_of_the_real_one(
    fault: dict[str, object], error: type[Exception]
) -> None:
    async with (
        running_venue() as venue,
        binance_client(venue.base_url, timeout=300) as client,
    ):
        await client.load_markets()
        venue.faults.order(Fault.model_validate({"count": 1, **fault}))
        with pytest.raises(error):
            await client.fetch_ohlcv(SOL, "1h", limit=3)

        assert len(await client.fetch_ohlcv(SOL, "1h", limit=3)) == 3


async def test_html_with_status_200_gives_ccxt_rows_of_nothing() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        await client.load_markets()
        venue.faults.order(Fault(kind="html", route=KLINES))
        rows = await client.fetch_ohlcv(SOL, "1h", limit=3)

    assert rows
    assert set(rows[0]) == {None}


async def test_truncated_json_reaches_the_client_as_sent() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        await client.load_markets()
        venue.faults.order(Fault(kind="truncated", route=KLINES))
        rows = await client.fetch_ohlcv(SOL, "1h", limit=3)

    assert rows
    assert all(None in row for row in rows)


async def test_a_null_row_stands_in_the_middle_of_good_ones() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        await client.load_markets()
        venue.faults.order(Fault(kind="null_rows", route=KLINES))
        rows = await client.fetch_ohlcv(SOL, "1h", limit=3)

    bad = [row for row in rows if None in row]
    assert (len(rows), len(bad)) == (3, 1)
    assert set(bad[0]) == {None}


async def test_faults_are_ordered_listed_and_cleared_over_http() -> None:
    async with running_venue() as venue:
        order = {"kind": "status", "status": 503, "route": KLINES, "symbol": "BTCUSDT"}
        status, listed = await post(venue.base_url, "/sim/faults", [order])
        struck = await get(venue.base_url, KLINES, symbol="BTCUSDT", interval="1h")
        spared = await get(venue.base_url, KLINES, symbol="ETHUSDT", interval="1h")
        books = (await get(venue.base_url, "/sim/accounting"))[1]
        cleared = await delete(venue.base_url, "/sim/faults")
        again = await get(venue.base_url, KLINES, symbol="BTCUSDT", interval="1h")

    assert (status, listed[0]["status"]) == (200, 503)
    assert (struck[0], spared[0], cleared, again[0]) == (503, 200, 204, 200)
    assert books["faults"] == 1
    assert books["statuses"] == {"200": 1, "503": 1}


async def test_an_unknown_fault_is_refused() -> None:
    async with running_venue() as venue:
        status, body = await post(venue.base_url, "/sim/faults", [{"kind": "flood"}])

    assert status == 422
    assert body[0]["loc"] == [0, "kind"]


async def test_latency_delays_a_good_answer() -> None:
    async with running_venue() as venue:
        venue.faults.order(Fault(kind="latency", seconds=0.2, count=1))
        slow = asyncio.create_task(get(venue.base_url, "/fapi/v1/time"))
        await eventually(lambda: venue.accounting.faults == 1)
        quick = await get(venue.base_url, "/fapi/v1/time")

        assert quick[0] == 200
        assert not slow.done()
        assert (await slow)[0] == 200

from datetime import timedelta

import ccxt
import pytest

from tests.integration.exchange_sim.http import get
from tests.support.venue import A_CLOSE, binance_client, running_venue

KLINES = "/fapi/v1/klines"
SOL = {"symbol": "SOLUSDT"}


@pytest.mark.parametrize(
    ("path", "parameters", "weight"),
    [
        (KLINES, {**SOL, "interval": "1h", "limit": 99}, 1),
        (KLINES, {**SOL, "interval": "1h", "limit": 100}, 2),
        (KLINES, {**SOL, "interval": "1h", "limit": 499}, 2),
        (KLINES, {**SOL, "interval": "1h"}, 5),
        (KLINES, {**SOL, "interval": "1h", "limit": 1000}, 5),
        (KLINES, {**SOL, "interval": "1h", "limit": 1500}, 10),
        ("/fapi/v1/exchangeInfo", {}, 1),
        ("/fapi/v1/ticker/24hr", SOL, 1),
        ("/fapi/v1/ticker/24hr", {}, 40),
        ("/fapi/v1/ticker/bookTicker", {}, 5),
        ("/fapi/v1/premiumIndex", {}, 10),
        ("/fapi/v1/openInterest", SOL, 1),
        ("/fapi/v1/fundingRate", SOL, 0),
        ("/futures/data/openInterestHist", {**SOL, "period": "1h"}, 0),
    ],
)
async def test_a_request_costs_its_weight(
    path: str, parameters: dict[str, str | int], weight: int
) -> None:
    async with running_venue() as venue:
        status, _, headers = await get(venue.base_url, path, **parameters)

    assert status == 200
    assert headers["X-MBX-USED-WEIGHT-1M"] == str(weight)


async def test_beyond_the_minutes_weight_comes_429_then_a_ban_and_then_the_venue_forgives() -> None:
    async with running_venue() as venue:
        venue.move_to(A_CLOSE + timedelta(seconds=20))
        for _ in range(60):
            assert (await get(venue.base_url, "/fapi/v1/ticker/24hr"))[0] == 200

        status, body, headers = await get(venue.base_url, "/fapi/v1/time")
        assert (status, body["code"], headers["Retry-After"]) == (429, -1003, "40")

        statuses = [(await get(venue.base_url, "/fapi/v1/time"))[0] for _ in range(10)]
        assert statuses == [429] * 9 + [418]
        _, body, headers = await get(venue.base_url, "/fapi/v1/time")
        assert headers["Retry-After"] == "120"
        assert "banned until" in body["msg"]

        venue.advance(timedelta(seconds=119))
        assert (await get(venue.base_url, "/fapi/v1/time"))[0] == 418
        venue.advance(timedelta(seconds=1))
        assert (await get(venue.base_url, "/fapi/v1/time"))[0] == 200

        books = venue.accounting.summary(0)
        assert (books["too_many_requests"], books["banned"]) == (10, 3)
        assert books["while_banned"] == 2
        assert books["weight_peak_minute"] == 2_411


async def test_the_next_minute_starts_afresh() -> None:
    async with running_venue() as venue:
        await get(venue.base_url, "/fapi/v1/ticker/24hr")
        venue.advance(timedelta(minutes=1))
        _, _, headers = await get(venue.base_url, "/fapi/v1/time")

    assert headers["X-MBX-USED-WEIGHT-1M"] == "1"


async def test_funding_routes_share_five_hundred_requests_in_five_minutes() -> None:
    async with running_venue(symbols=1) as venue, binance_client(venue.base_url) as client:
        for _ in range(499):
            await client.fapiPublicGetFundingInfo()
        await client.fapiPublicGetFundingRate({"symbol": "BTCUSDT"})
        with pytest.raises(ccxt.DDoSProtection):
            await client.fapiPublicGetFundingInfo()
        await client.fapiPublicGetTime()

        venue.advance(timedelta(minutes=5))
        await client.fapiPublicGetFundingInfo()


async def test_weights_can_follow_the_wall_while_the_venue_stands_still() -> None:
    async with running_venue(weight_clock="wall") as venue:
        _, _, headers = await get(venue.base_url, "/fapi/v1/ticker/24hr")
        books = (await get(venue.base_url, "/sim/accounting"))[1]

    assert headers["X-MBX-USED-WEIGHT-1M"] == "40"
    assert books["weight_peak_minute"] == 40

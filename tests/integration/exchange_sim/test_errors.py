import ccxt
import pytest

from tests.integration.exchange_sim.http import get
from tests.support.venue import binance_client, running_venue

KLINES = "/fapi/v1/klines"
HISTORY = "/futures/data/openInterestHist"
BTC = {"symbol": "BTCUSDT"}


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        (KLINES, {"symbol": "NOUSDT", "interval": "1h"}, -1121),
        (KLINES, {"symbol": "btcusdt", "interval": "1h"}, -1100),
        (KLINES, {"interval": "1h"}, -1102),
        (KLINES, {"symbol": "", "interval": "1h"}, -1102),
        (KLINES, BTC, -1102),
        (KLINES, {**BTC, "interval": "7m"}, -1120),
        (KLINES, {**BTC, "interval": "1h", "limit": 1501}, -1130),
        (KLINES, {**BTC, "interval": "1h", "limit": 0}, -1130),
        (KLINES, {**BTC, "interval": "1h", "limit": "many"}, -1100),
        (KLINES, {**BTC, "interval": "1h", "startTime": 2, "endTime": 1}, -1023),
        (KLINES, {**BTC, "interval": "1h", "startTime": -1}, -1130),
        (KLINES, {**BTC, "interval": "1h", "endTime": 10**19}, -1130),
        ("/fapi/v1/openInterest", {}, -1102),
        ("/fapi/v1/premiumIndex", {"symbol": "NOUSDT"}, -1121),
        ("/fapi/v1/fundingRate", {**BTC, "limit": 1001}, -1130),
        (HISTORY, {**BTC, "period": "3m"}, -1130),
        (HISTORY, {**BTC, "period": "1h", "limit": 501}, -1130),
        (HISTORY, {**BTC, "period": "1h", "startTime": 1_700_000_000_000}, -1130),
        (HISTORY, BTC, -1102),
    ],
)
async def test_a_wrong_request_is_refused_with_the_venues_code(
    path: str, parameters: dict[str, str | int], code: int
) -> None:
    async with running_venue() as venue:
        status, body, headers = await get(venue.base_url, path, **parameters)

    assert (status, body["code"]) == (400, code)
    assert body["msg"]
    assert "X-MBX-USED-WEIGHT-1M" in headers


async def test_ccxt_reads_the_refusals_as_its_own_errors() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        with pytest.raises(ccxt.BadSymbol):
            await client.fapiPublicGetKlines({"symbol": "NOUSDT", "interval": "1h"})
        with pytest.raises(ccxt.BadRequest):
            await client.fapiPublicGetKlines({"symbol": "BTCUSDT", "interval": "7m"})


async def test_an_unknown_path_is_not_found() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await client.fapiPublicGetDepth({"symbol": "BTCUSDT"})


async def test_a_contract_that_never_traded_has_no_candles() -> None:
    async with running_venue() as venue:
        asked = {"symbol": "FUTURECOINUSDT", "interval": "1h", "limit": 5}
        status, rows, _ = await get(venue.base_url, KLINES, **asked)

    assert (status, rows) == (200, [])


async def test_a_settled_contract_still_shows_its_last_candles() -> None:
    async with running_venue() as venue:
        asked = {"symbol": "SRMUSDT", "interval": "4h", "limit": 5}
        status, rows, _ = await get(venue.base_url, KLINES, **asked)
        contract = venue.venue.view.contract("SRMUSDT", rows[-1][0])

    assert contract is not None
    assert (status, len(rows), rows[-1][6] + 1) == (200, 5, contract.settles)

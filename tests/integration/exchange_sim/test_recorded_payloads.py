"""The venue's answers have the shape of recorded ones: the same keys, the same types."""

import re
from typing import Any

import pytest

from tests.integration.exchange_sim.http import get
from tests.support.real_data import recorded_payload
from tests.support.venue import running_venue

pytestmark = pytest.mark.real

BTC = {"symbol": "BTCUSDT"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def shape(value: Any) -> Any:
    """Return the type of each part; texts that are numbers count as another type than words."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, str):
        return "number as text" if NUMBER.fullmatch(value) else "text"
    return type(value).__name__


@pytest.mark.parametrize(
    ("path", "parameters", "recorded"),
    [
        (
            "/fapi/v1/klines",
            {**BTC, "interval": "1m", "limit": 1},
            "ccxt_static_binance_fapi_klines_BTCUSDT_1m.json",
        ),
        ("/fapi/v1/premiumIndex", {}, "binance_fapi_premiumIndex_ALL_2025-06-17.json"),
        ("/fapi/v1/premiumIndex", BTC, "http_futures_market_premium_index.json"),
        ("/fapi/v1/fundingRate", BTC, "binance_fapi_fundingRate_BTCUSDT.json"),
        ("/fapi/v1/openInterest", BTC, "binance_fapi_openInterest_BTCUSDT.json"),
        (
            "/futures/data/openInterestHist",
            {**BTC, "period": "1h"},
            "binance_futures_data_openInterestHist_BTCUSDT_1h.json",
        ),
        ("/fapi/v1/ticker/24hr", BTC, "http_futures_market_ticker_24hr.json"),
        (
            "/fapi/v1/klines",
            {**BTC, "interval": "1m", "limit": 1},
            "http_futures_market_klines.json",
        ),
        (
            "/fapi/v1/markPriceKlines",
            {**BTC, "interval": "1m", "limit": 1},
            "http_futures_market_mark_price_klines.json",
        ),
        (
            "/futures/data/globalLongShortAccountRatio",
            {**BTC, "period": "5m"},
            "http_futures_market_global_long_short_account_ratio.json",
        ),
        (
            "/futures/data/takerlongshortRatio",
            {**BTC, "period": "5m"},
            "http_futures_market_taker_long_short_ratio.json",
        ),
    ],
)
async def test_an_answer_has_the_shape_of_the_recorded_one(
    path: str, parameters: dict[str, str | int], recorded: str
) -> None:
    expected = recorded_payload(f"binance/{recorded}")
    async with running_venue() as venue:
        _, answer, _ = await get(venue.base_url, path, **parameters)

    if isinstance(expected, list):
        assert shape(answer[0]) == shape(expected[0])
        assert {str(shape(row)) for row in answer} == {str(shape(answer[0]))}
    else:
        assert shape(answer) == shape(expected)


async def test_an_older_example_has_nothing_that_the_answer_lacks() -> None:
    expected = recorded_payload("binance/http_futures_market_funding_rate.json")
    async with running_venue() as venue:
        _, answer, _ = await get(venue.base_url, "/fapi/v1/fundingRate", **BTC)

    assert shape(expected[0]).items() <= shape(answer[0]).items()


@pytest.mark.parametrize(
    "recorded", ["binance_fapi_exchangeInfo_small.json", "http_futures_market_exchange_info.json"]
)
async def test_the_listing_has_the_shape_of_the_recorded_one(recorded: str) -> None:
    expected = recorded_payload(f"binance/{recorded}")
    async with running_venue() as venue:
        _, answer, _ = await get(venue.base_url, "/fapi/v1/exchangeInfo")

    assert set(answer) == {*expected, "simulated"}
    for name in ("rateLimits", "assets"):
        assert shape(answer[name][0]) == shape(expected[name][0])
    theirs = {row["symbol"]: row for row in expected["symbols"]}["BTCUSDT"]
    for ours in answer["symbols"]:
        assert set(ours) == set(theirs)
        assert {
            key: shape(value) for key, value in ours.items() if not isinstance(value, list)
        } == {key: shape(value) for key, value in theirs.items() if not isinstance(value, list)}
        filters = {row["filterType"]: shape(row) for row in theirs["filters"]}
        assert {row["filterType"]: shape(row) for row in ours["filters"]} == filters

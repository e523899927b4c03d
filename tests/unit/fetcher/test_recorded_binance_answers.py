from datetime import UTC, datetime

import pytest

from common.domain import Timeframe, Underlying
from fetcher.adapters import binance_answers as answers
from fetcher.core.parsing import parse_candles
from tests.support.real_data import recorded_payload

pytestmark = pytest.mark.real

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_the_documented_listing_is_read_whole() -> None:
    recorded = recorded_payload("binance/http_futures_market_exchange_info.json")

    read = answers.read_listing(recorded)

    assert len(read.contracts) == len(recorded["symbols"])
    assert not read.unreadable
    assert read.weight_per_minute == 6000
    assert {one.underlying for one in read.contracts} == {Underlying.COIN}
    assert not read.simulated


def test_the_documented_premium_turnover_and_open_interest_are_read_whole() -> None:
    premium = recorded_payload("binance/http_futures_market_premium_index.json")
    day = recorded_payload("binance/http_futures_market_ticker_24hr.json")

    premiums = answers.read_premiums([premium], {})
    point = answers.read_open_interest(
        recorded_payload("binance/http_futures_market_open_interest.json")
    )
    history = answers.read_open_interest_history(
        recorded_payload("binance/http_futures_market_open_interest_historical.json")
    )

    assert premiums["BTCUSDT"].mark_price == 11793.63104562
    assert premiums["BTCUSDT"].funding_rate == 0.00038246
    assert answers.read_turnovers([day]) == {"BTCUSDT": 15.3}
    assert point.amount == 10659.509
    assert [one.amount for one in history] == [20403.637, 20401.367]
    assert [round(one.price or 0) for one in history] == [7380, 7350]


def test_the_documented_long_short_ratio_is_read_from_its_shares() -> None:
    ratio = answers.read_account_ratio(
        recorded_payload("binance/http_futures_market_global_long_short_account_ratio.json")
    )

    assert ratio is not None
    assert ratio.long_share == 0.6617
    assert ratio.per_short == pytest.approx(1.9559, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "timeframe"),
    [
        ("http_futures_market_klines", Timeframe.D1),
        ("http_futures_market_mark_price_klines", Timeframe.M1),
    ],
)
def test_the_documented_candles_are_read_whole(name: str, timeframe: Timeframe) -> None:
    rows = answers.read_candle_rows(recorded_payload(f"binance/{name}.json"), "candles")
    parsed = parse_candles(rows, timeframe, exchange_time=LATER)

    assert parsed.frame.height == len(rows) == 1
    assert not parsed.faults

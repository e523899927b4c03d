from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.domain import Timeframe, Underlying
from common.errors import VenueUnavailableError
from fetcher.adapters import bybit_answers as answers
from fetcher.core.interest import InterestPoint
from fetcher.core.parsing import parse_candles
from tests.support.real_data import recorded_payload

NOW = 1_773_129_605_000


def enveloped(result: object) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": NOW}


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "SHIB1000USDT",
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": "SHIB1000",
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "launchTime": "1634688000000",
        "leverageFilter": {"maxLeverage": "50.00"},
        "priceFilter": {"tickSize": "0.000001"},
        "lotSizeFilter": {"qtyStep": "10", "minNotionalValue": "5"},
        "isPreListing": False,
        "symbolType": "",
        **changes,
    }


def page(*entries: object, cursor: object = "", **changes: Any) -> dict[str, Any]:
    return enveloped({"list": list(entries), "nextPageCursor": cursor, **changes})


def ticker(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "markPrice": "50000.1",
        "indexPrice": "49990.2",
        "fundingRate": "0.0001",
        "nextFundingTime": str(NOW + 3_600_000),
        "fundingIntervalHour": "4",
        "openInterest": "56399.8",
        "turnover24h": "1000000.5",
        "bid1Price": "99.95",
        "ask1Price": "100.05",
        **changes,
    }


def test_a_contract_is_read_with_all_a_plan_needs() -> None:
    (contract,) = answers.read_instruments(page(listed())).contracts

    assert contract.perpetual
    assert contract.trading
    assert contract.underlying is Underlying.COIN
    assert contract.instrument.tick_size == Decimal("0.000001")
    assert contract.instrument.step_size == Decimal(10)
    assert contract.instrument.min_notional == Decimal(5)
    assert contract.instrument.max_leverage == 50
    assert contract.instrument.listed_since == datetime(2021, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "perpetual", "underlying", "trading"),
    [
        ({"symbolType": "innovation"}, True, Underlying.COIN, True),
        ({"symbolType": "stock"}, True, Underlying.STOCK, True),
        ({"symbolType": "xstocks"}, True, Underlying.STOCK, True),
        ({"symbolType": "commodity"}, True, Underlying.COMMODITY, True),
        ({"symbolType": "forex"}, True, Underlying.FOREX, True),
        ({"symbolType": "something"}, True, Underlying.OTHER, True),
        ({"symbolType": None}, True, Underlying.OTHER, True),
        ({"contractType": "LinearFutures"}, False, Underlying.COIN, True),
        ({"status": "PreLaunch"}, True, Underlying.COIN, False),
        ({"status": "Closed"}, True, Underlying.COIN, False),
        ({"isPreListing": True}, True, Underlying.COIN, False),
    ],
)
def test_kinds_of_contracts_are_told_apart(
    changes: dict[str, Any], perpetual: bool, underlying: Underlying, trading: bool
) -> None:
    (contract,) = answers.read_instruments(page(listed(**changes))).contracts

    assert (contract.perpetual, contract.underlying, contract.trading) == (
        perpetual,
        underlying,
        trading,
    )


@pytest.mark.parametrize(
    ("changes", "pre_listing"),
    [({"status": "PreLaunch"}, True), ({"isPreListing": True}, True), ({}, False)],
)
def test_what_does_not_trade_freely_yet_is_told_apart(
    changes: dict[str, Any], *, pre_listing: bool
) -> None:
    (contract,) = answers.read_instruments(page(listed(**changes))).contracts

    assert contract.pre_listing is pre_listing


@pytest.mark.parametrize(
    ("delivery", "ends_at"),
    [("0", None), (None, None), ("1773302400000", datetime(2026, 3, 12, 8, tzinfo=UTC))],
)
def test_an_announced_end_is_read(delivery: str | None, ends_at: datetime | None) -> None:
    (contract,) = answers.read_instruments(page(listed(deliveryTime=delivery))).contracts

    assert contract.ends_at == ends_at


def test_a_contract_that_cannot_be_read_is_left_out_by_name() -> None:
    bad = [
        listed(symbol="币安人生USDT"),
        listed(symbol="XUSDT", priceFilter={}),
        listed(symbol="YUSDT", lotSizeFilter=None),
        listed(symbol="ZUSDT", leverageFilter=None),
        None,
    ]

    read = answers.read_instruments(page(listed(), *bad))

    assert [one.instrument.symbol for one in read.contracts] == ["SHIB1000USDT"]
    assert read.unreadable.keys() == {"币安人生USDT", "XUSDT", "YUSDT", "ZUSDT"}


def test_pages_make_one_listing_and_the_simulation_is_marked() -> None:
    first = answers.read_instruments(page(listed(symbol="AUSDT"), cursor="first%3DA"))
    last = answers.read_instruments(page(listed(symbol="BUSDT"), simulated=True))

    listing = answers.join_pages([first, last])

    assert (first.next_cursor, last.next_cursor) == ("first%3DA", "")
    assert [one.instrument.symbol for one in listing.contracts] == ["AUSDT", "BUSDT"]
    assert listing.simulated
    assert last.contracts[0].instrument.simulated


def test_a_listing_without_contracts_is_refused() -> None:
    with pytest.raises(VenueUnavailableError):
        answers.join_pages([answers.read_instruments(page())])


def test_one_answer_tells_everything_of_all_contracts() -> None:
    read = answers.read_tickers(enveloped({"list": [ticker(), ticker(symbol="ETHUSDT")]}))

    premium = read.premiums["BTCUSDT"]
    assert (premium.mark_price, premium.index_price) == (50000.1, 49990.2)
    assert (premium.funding_rate, premium.funding_interval_hours) == (0.0001, 4.0)
    assert premium.observed_at == datetime.fromtimestamp(NOW / 1000, UTC)
    assert read.turnovers["ETHUSDT"] == 1_000_000.5
    assert read.spreads["BTCUSDT"] == pytest.approx(10.0)
    assert read.interest["BTCUSDT"] == InterestPoint(premium.observed_at, 56399.8)


def test_values_that_are_missing_stay_unknown() -> None:
    dated = ticker(nextFundingTime="0", fundingRate="", fundingIntervalHour="")
    blank = ticker(symbol="XUSDT", markPrice="", openInterest=None, turnover24h="NaN", bid1Price="")

    read = answers.read_tickers(enveloped({"list": [dated, blank]}))

    premium = read.premiums["BTCUSDT"]
    known = (premium.funding_rate, premium.funding_interval_hours, premium.next_funding_at)
    assert known == (None, None, None)
    assert read.premiums["XUSDT"].mark_price is None
    assert "XUSDT" not in {*read.interest, *read.turnovers, *read.spreads}


def test_rows_told_newest_first_come_oldest_first() -> None:
    hour = 3_600_000
    rows = [[str(time), "1", "2", "1", "2", "3", "4"] for time in (2 * hour, hour)]
    points = [
        {"timestamp": str(2 * hour), "openInterest": "2"},
        {"timestamp": None},
        {"timestamp": str(hour), "openInterest": "1"},
    ]

    candles = answers.read_candle_rows(enveloped({"list": rows}), "1h candles")
    history = answers.read_open_interest_history(enveloped({"list": points}))

    assert candles == rows[::-1]
    assert [one.amount for one in history] == [1.0, 2.0]


@pytest.mark.parametrize(
    "read",
    [
        answers.read_instruments,
        answers.read_tickers,
        answers.read_open_interest_history,
        lambda answer: answers.read_candle_rows(answer, "candles"),
    ],
)
@pytest.mark.parametrize(
    "answer", ["<html>", None, [], {}, enveloped(None), enveloped({}), enveloped({"list": "x"})]
)
def test_an_answer_of_another_shape_is_refused(read: Any, answer: object) -> None:
    with pytest.raises(VenueUnavailableError):
        read(answer)


@pytest.mark.parametrize("answer", ["<html>", None, {}, {"time": "soon"}])
def test_a_time_that_is_none_is_refused(answer: object) -> None:
    with pytest.raises(VenueUnavailableError):
        answers.read_time(answer)


@pytest.mark.real
def test_the_recorded_listing_is_read_whole_and_judged() -> None:
    recorded = recorded_payload("bybit/bybit_v5_instruments_linear_small.json")

    read = answers.read_instruments(recorded)

    scannable = {
        one.instrument.symbol
        for one in read.contracts
        if one.perpetual and one.trading and one.underlying is Underlying.COIN
    }
    told = {entry["symbol"] for entry in recorded["result"]["list"]}
    assert len(read.contracts) == 26
    assert not read.unreadable
    assert not read.simulated
    assert told - scannable == {"AALUSDT", "AAOIUSDT", "BZUSDT", "CLUSDT", "BTCUSDT-25SEP26"}
    assert {one.instrument.settle for one in read.contracts} == {"USDT", "USDC"}


@pytest.mark.real
def test_the_documented_listing_does_not_say_what_its_contracts_follow() -> None:
    read = answers.read_instruments(
        recorded_payload("bybit/bybit_http_get_instruments_linear.json")
    )

    assert [one.instrument.symbol for one in read.contracts] == ["BTCUSDT", "ETHUSDT"]
    assert {one.underlying for one in read.contracts} == {Underlying.OTHER}


@pytest.mark.real
def test_the_recorded_tickers_and_open_interest_are_read_whole() -> None:
    tickers = answers.read_tickers(recorded_payload("bybit/bybit_v5_tickers_linear_BTCUSDT.json"))
    history = answers.read_open_interest_history(
        recorded_payload("bybit/bybit_v5_open_interest_BTCUSDT_1h.json")
    )

    premium = tickers.premiums["BTCUSDT"]
    assert (premium.mark_price, premium.funding_rate) == (78472.44, 0.0000523)
    assert premium.funding_interval_hours == 8.0
    assert tickers.interest["BTCUSDT"].amount == 56399.823
    assert tickers.turnovers["BTCUSDT"] == 4216771708.8491
    assert tickers.spreads["BTCUSDT"] == pytest.approx(0.0127, abs=0.0001)
    assert len(history) == 8
    assert history[-1].amount == 56404.953
    assert history == sorted(history, key=lambda point: point.at)


@pytest.mark.real
def test_the_documented_candles_are_read_whole() -> None:
    recorded = recorded_payload("bybit/bybit_http_get_klines_linear.json")

    rows = answers.read_candle_rows(recorded, "candles")
    parsed = parse_candles(rows, Timeframe.M1, exchange_time=datetime(2100, 1, 1, tzinfo=UTC))

    assert len(rows) == 1
    # The documentation's own example opens at second 39: such a row is refused by name.
    assert parsed.faults == {"misaligned": 1}


def test_the_long_short_ratio_is_the_newest_share_of_long_accounts() -> None:
    rows = [
        {"symbol": "BTCUSDT", "buyRatio": "0.5777", "sellRatio": "0.4223", "timestamp": str(NOW)},
        {"symbol": "BTCUSDT", "buyRatio": "0.1", "sellRatio": "0.9", "timestamp": str(NOW - 1)},
    ]

    ratio = answers.read_account_ratio(enveloped({"list": rows}))

    assert ratio is not None
    assert ratio.long_share == 0.5777
    assert answers.read_account_ratio(enveloped({"list": []})) is None
    with pytest.raises(VenueUnavailableError, match="must be a share"):
        answers.read_account_ratio(enveloped({"list": [{"buyRatio": "57.77"}]}))

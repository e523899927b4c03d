from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.domain import Timeframe, Underlying
from common.errors import VenueUnavailableError
from fetcher.adapters import binance_answers as answers
from fetcher.core.parsing import parse_candles
from tests.support.real_data import recorded_payload

NOW = 1_773_129_605_000


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "1000PEPEUSDT",
        "contractType": "PERPETUAL",
        "onboardDate": 1_683_201_600_000,
        "status": "TRADING",
        "baseAsset": "1000PEPE",
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "underlyingType": "COIN",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.0000001"},
            {"filterType": "LOT_SIZE", "stepSize": "1"},
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
        ],
        **changes,
    }


def listing(*symbols: dict[str, Any], **changes: Any) -> dict[str, Any]:
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "limit": 2400}]
    return {"rateLimits": limits, "symbols": list(symbols), **changes}


def premium(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "markPrice": "50000.1",
        "indexPrice": "49990.2",
        "lastFundingRate": "0.00010000",
        "nextFundingTime": NOW + 3_600_000,
        "time": NOW,
        **changes,
    }


def test_a_contract_is_read_with_all_a_plan_needs() -> None:
    (contract,) = answers.read_listing(listing(listed())).contracts

    assert contract.perpetual
    assert contract.trading
    assert contract.underlying is Underlying.COIN
    assert contract.instrument.tick_size == Decimal("0.0000001")
    assert contract.instrument.step_size == Decimal(1)
    assert contract.instrument.min_notional == Decimal(5)
    assert contract.instrument.listed_since == datetime(2023, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "perpetual", "underlying", "trading"),
    [
        ({"contractType": "CURRENT_QUARTER"}, False, Underlying.COIN, True),
        ({"contractType": "TRADIFI_PERPETUAL"}, True, Underlying.OTHER, True),
        (
            {"contractType": "TRADIFI_PERPETUAL", "underlyingType": "EQUITY"},
            True,
            Underlying.STOCK,
            True,
        ),
        (
            {"contractType": "TRADIFI_PERPETUAL", "underlyingType": "COMMODITY"},
            True,
            Underlying.COMMODITY,
            True,
        ),
        ({"underlyingType": "INDEX"}, True, Underlying.INDEX, True),
        ({"underlyingType": "KR_EQUITY"}, True, Underlying.STOCK, True),
        ({"underlyingType": "SOMETHING"}, True, Underlying.OTHER, True),
        ({"status": "SETTLING"}, True, Underlying.COIN, False),
        ({"status": "PENDING_TRADING"}, True, Underlying.COIN, False),
    ],
)
def test_kinds_of_contracts_are_told_apart(
    changes: dict[str, Any], perpetual: bool, underlying: Underlying, trading: bool
) -> None:
    (contract,) = answers.read_listing(listing(listed(**changes))).contracts

    assert (contract.perpetual, contract.underlying, contract.trading) == (
        perpetual,
        underlying,
        trading,
    )


@pytest.mark.parametrize(
    ("changes", "pre_listing"),
    [
        ({}, False),
        ({"status": "PENDING_TRADING"}, True),
        ({"underlyingType": "PREMARKET"}, True),
        ({"status": "SETTLING"}, False),
    ],
)
def test_what_does_not_trade_freely_yet_is_told_apart(
    changes: dict[str, Any], *, pre_listing: bool
) -> None:
    (contract,) = answers.read_listing(listing(listed(**changes))).contracts

    assert contract.pre_listing is pre_listing


@pytest.mark.parametrize(
    ("delivery", "ends_at"),
    [
        (4_133_404_800_000, None),
        (4_133_404_802_000, None),
        (None, None),
        (0, None),
        (1_773_302_400_000, datetime(2026, 3, 12, 8, tzinfo=UTC)),
    ],
)
def test_an_announced_end_is_told_from_the_date_that_means_never(
    delivery: int | None, ends_at: datetime | None
) -> None:
    (contract,) = answers.read_listing(listing(listed(deliveryDate=delivery))).contracts

    assert contract.ends_at == ends_at


def test_a_contract_that_cannot_be_read_is_left_out_by_name() -> None:
    good = listed(symbol="BTCUSDT")
    bad = [listed(symbol="币安人生USDT"), listed(symbol="XUSDT", filters=[]), listed(symbol=None)]

    read = answers.read_listing(listing(good, *bad))

    assert [contract.instrument.symbol for contract in read.contracts] == ["BTCUSDT"]
    assert read.unreadable is not None
    assert read.unreadable.keys() == {"币安人生USDT", "XUSDT", "None"}


def test_the_venue_says_its_weight_limit_and_whether_it_is_simulated() -> None:
    simulated = answers.read_listing(listing(listed(), simulated=True))

    assert simulated.weight_per_minute == 2400
    assert simulated.simulated
    assert simulated.contracts[0].instrument.simulated
    assert not answers.read_listing(listing(listed())).simulated


@pytest.mark.parametrize("answer", ["<html>", None, [], {}, {"symbols": None}, {"symbols": []}])
def test_an_answer_that_is_no_listing_is_refused(answer: object) -> None:
    with pytest.raises(VenueUnavailableError):
        answers.read_listing(answer)


def test_turnovers_that_are_no_numbers_are_unknown() -> None:
    answer = [
        {"symbol": "AUSDT", "quoteVolume": "1000000.5"},
        {"symbol": "BUSDT", "quoteVolume": None},
        {"symbol": "CUSDT", "quoteVolume": "NaN"},
        None,
    ]

    assert answers.read_turnovers(answer) == {"AUSDT": 1_000_000.5}


def test_spreads_are_in_basis_points_of_the_middle_and_need_two_sides() -> None:
    answer = [
        {"symbol": "AUSDT", "bidPrice": "99.95", "askPrice": "100.05"},
        {"symbol": "BUSDT", "bidPrice": "0", "askPrice": "100"},
        {"symbol": "CUSDT", "bidPrice": "101", "askPrice": "100"},
    ]

    assert answers.read_spreads(answer) == {"AUSDT": pytest.approx(10.0)}


def test_contracts_that_funding_info_does_not_name_settle_every_eight_hours() -> None:
    answer = [premium(), premium(symbol="ETHUSDT")]

    premiums = answers.read_premiums(answer, {"ETHUSDT": 4.0})

    assert premiums["BTCUSDT"].funding_interval_hours == 8.0
    assert premiums["ETHUSDT"].funding_interval_hours == 4.0


def test_when_funding_info_is_unknown_so_are_the_intervals() -> None:
    assert answers.read_premiums([premium()], None)["BTCUSDT"].funding_interval_hours is None


def test_a_contract_without_settlements_has_no_funding() -> None:
    dated = premium(nextFundingTime=0, lastFundingRate="0.00000000")

    read = answers.read_premiums([dated], {})["BTCUSDT"]

    assert (read.funding_rate, read.funding_interval_hours, read.next_funding_at) == (None,) * 3


def test_values_that_are_missing_stay_unknown() -> None:
    read = answers.read_premiums(
        [premium(markPrice=None, indexPrice="0.00000000", lastFundingRate="")], {}
    )["BTCUSDT"]

    assert (read.mark_price, read.index_price, read.funding_rate) == (None,) * 3


def test_open_interest_needs_its_number() -> None:
    point = answers.read_open_interest({"openInterest": "12.5", "symbol": "X", "time": NOW})

    assert point.amount == 12.5
    with pytest.raises(VenueUnavailableError):
        answers.read_open_interest({"openInterest": None, "time": NOW})


def test_rows_of_the_open_interest_history_that_cannot_be_read_are_left_out() -> None:
    rows = [{"timestamp": NOW, "sumOpenInterest": "3"}, {"timestamp": None}, None]

    assert [point.amount for point in answers.read_open_interest_history(rows)] == [3.0]


@pytest.mark.real
def test_the_recorded_listing_is_read_whole() -> None:
    recorded = recorded_payload("binance/binance_fapi_exchangeInfo_small.json")

    read = answers.read_listing(recorded)

    assert len(read.contracts) == len(recorded["symbols"]) == 16
    assert not read.unreadable
    assert read.weight_per_minute == 2400
    assert any(one.underlying is Underlying.INDEX for one in read.contracts)
    assert any(not one.perpetual for one in read.contracts)


@pytest.mark.real
def test_the_recorded_premiums_are_read_whole() -> None:
    recorded = recorded_payload("binance/binance_fapi_premiumIndex_ALL_2025-06-17.json")

    premiums = answers.read_premiums(recorded, {})

    assert len(premiums) == len(recorded) == 521
    assert sum(one.next_funding_at is None for one in premiums.values()) == 4
    assert all(one.mark_price for one in premiums.values() if one.next_funding_at)


@pytest.mark.real
def test_the_recorded_open_interest_and_candles_are_read_whole() -> None:
    point = answers.read_open_interest(
        recorded_payload("binance/binance_fapi_openInterest_BTCUSDT.json")
    )
    history = answers.read_open_interest_history(
        recorded_payload("binance/binance_futures_data_openInterestHist_BTCUSDT_1h.json")
    )
    rows = recorded_payload("binance/ccxt_static_binance_fapi_klines_BTCUSDT_1m.json")
    answered = rows["httpResponse"] if isinstance(rows, dict) else rows
    parsed = parse_candles(
        answers.read_candle_rows(answered, "candles"),
        Timeframe.M1,
        exchange_time=datetime(2100, 1, 1, tzinfo=UTC),
    )

    assert point.amount > 0
    assert len(history) == 12
    assert parsed.frame.height == len(answered)
    assert not parsed.faults

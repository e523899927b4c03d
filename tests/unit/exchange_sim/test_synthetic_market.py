from itertools import chain

import numpy as np
import pytest

from exchange_sim.adapters.synthetic import SyntheticMarket
from exchange_sim.core.bars import Bars
from exchange_sim.core.synthetic.listing import GENESIS
from exchange_sim.core.timeframes import DAY, HOUR
from tests.unit.exchange_sim.market import CLOSED_HOUR, NOW, at, small_market


def rows(bars: Bars) -> list[list[int]]:
    return [column.tolist() for column in bars.columns()]


def returns(symbol: str, days: int = 700) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    bars = small_market().hours(symbol, CLOSED_HOUR - days * DAY, CLOSED_HOUR)
    return np.diff(np.log(bars.close.astype(np.float64)))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_260327", "AAPLUSDT"])
def test_two_markets_of_one_seed_agree_whatever_was_read_before(symbol: str) -> None:
    one, other = SyntheticMarket(seed=3, symbols=12), SyntheticMarket(seed=3, symbols=40)

    other.hours(symbol, NOW + 500 * DAY, NOW + 501 * DAY)
    other.hours("ETHUSDT", NOW - 90 * DAY, NOW)
    piecewise = [
        rows(other.hours(symbol, start, start + 7 * HOUR))
        for start in range(CLOSED_HOUR - 70 * HOUR, CLOSED_HOUR, 7 * HOUR)
    ]

    whole = rows(one.hours(symbol, CLOSED_HOUR - 70 * HOUR, CLOSED_HOUR))
    assert len(whole[0]) == 70
    assert [list(chain(*column)) for column in zip(*piecewise, strict=True)] == whole


def test_another_seed_is_another_market() -> None:
    other = SyntheticMarket(seed=8, symbols=12)

    span = (CLOSED_HOUR - DAY, CLOSED_HOUR)
    assert rows(other.hours("BTCUSDT", *span)) != rows(small_market().hours("BTCUSDT", *span))


def test_candles_are_possible_and_without_holes_since_the_listing() -> None:
    for contract in small_market().contracts(NOW):
        if contract.status(NOW) != "TRADING":
            continue
        bars = small_market().hours(contract.symbol, 0, CLOSED_HOUR)

        assert bars.open_time[0] == contract.listed
        assert set(np.diff(bars.open_time).tolist()) == {HOUR}
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.low > 0).all()
        assert (bars.volume > 0).all()
        assert (bars.taker_volume <= bars.volume).all()
        assert (bars.open[1:] == bars.close[:-1]).all()


@pytest.mark.parametrize("symbol", ["BTCUSDT", "SOLUSDT", "1000PEPEUSDT"])
def test_returns_have_fat_tails_and_clustered_volatility(symbol: str) -> None:
    moves = returns(symbol)
    sizes = np.abs(moves)

    kurtosis = float(np.mean((moves - moves.mean()) ** 4) / moves.var() ** 2)
    memory = [float(np.corrcoef(sizes[lag:], sizes[:-lag])[0, 1]) for lag in (1, 24)]
    assert kurtosis > 5.0
    assert memory[0] > 0.1
    assert memory[1] > 0.1
    assert 0.001 < moves.std() < 0.05


@pytest.mark.parametrize("symbol", ["ETHUSDT", "SOLUSDT", "DOGEUSDT", "1000PEPEUSDT"])
def test_prices_move_with_bitcoin_but_not_as_one(symbol: str) -> None:
    correlation = np.corrcoef(returns("BTCUSDT"), returns(symbol))[0, 1]

    assert 0.3 < correlation < 0.95


def test_volume_rises_with_the_range_of_a_candle() -> None:
    bars = small_market().hours("SOLUSDT", CLOSED_HOUR - 300 * DAY, CLOSED_HOUR)

    width = np.log(bars.high / bars.low)
    assert np.corrcoef(width, np.log(bars.volume))[0, 1] > 0.3


def test_some_candles_are_mostly_wick() -> None:
    bars = small_market().hours("SOLUSDT", CLOSED_HOUR - 300 * DAY, CLOSED_HOUR)

    body = np.abs(bars.close - bars.open) / np.maximum(bars.high - bars.low, 1)
    assert 0.02 < np.mean(body < 0.1) < 0.5


def test_a_familiar_and_an_invented_contract_are_listed_as_many_as_ordered() -> None:
    market = SyntheticMarket(seed=7, symbols=300)

    taken = [
        contract
        for contract in market.contracts(NOW)
        if contract.contract_type == "PERPETUAL"
        and contract.underlying_type == "COIN"
        and contract.quote == "USDT"
        and contract.status(NOW) == "TRADING"
    ]
    symbols = {contract.symbol for contract in taken}
    assert len(symbols) == 300
    assert {"BTCUSDT", "ETHUSDT", "SOLUSDT", "1000PEPEUSDT"} <= symbols
    assert {contract.funding_hours for contract in taken} == {1, 4, 8}
    assert len({contract.price_decimals for contract in taken}) >= 5
    assert any(contract.listed > GENESIS for contract in taken)


def test_contracts_that_a_scanner_must_refuse_are_listed_too() -> None:
    listed = {contract.symbol: contract for contract in small_market().contracts(NOW)}

    assert listed["AAPLUSDT"].contract_type == "TRADIFI_PERPETUAL"
    assert listed["BTCDOMUSDT"].underlying_type == "INDEX"
    assert listed["SRMUSDT"].status(NOW) == "SETTLING"
    assert listed["FUTURECOINUSDT"].status(NOW) == "PENDING_TRADING"
    assert listed["BTCUSDC"].quote == "USDC"
    assert listed["BTCUSDT_260327"].settles == at("2026-03-27T08:00:00")


def test_a_dated_future_is_delivered_and_the_next_one_is_listed() -> None:
    later = at("2026-04-20T00:00:00")

    before = {contract.symbol for contract in small_market().contracts(NOW)}
    after = {contract.symbol for contract in small_market().contracts(later)}
    assert "BTCUSDT_260327" in before - after
    assert "BTCUSDT_260925" in after - before


def test_an_ended_contract_has_no_candles_after_its_end() -> None:
    contract = small_market().contract("SRMUSDT")
    assert contract is not None

    bars = small_market().hours("SRMUSDT", contract.settles - 3 * HOUR, NOW)
    assert len(bars) == 3

from functools import partial

import numpy as np
import pytest

from exchange_sim.adapters.siblings import SiblingMarket
from exchange_sim.adapters.synthetic import SyntheticMarket
from exchange_sim.core.bybit_listing import BYBIT_DISTANCE, bybit_contract
from exchange_sim.core.siblings import multiplier
from exchange_sim.core.spot_listing import SPOT_DISTANCE, spot_contract
from exchange_sim.core.timeframes import DAY, HOUR, TIMEFRAMES
from exchange_sim.handlers.view import MarketView
from tests.unit.exchange_sim.market import CLOSED_HOUR, NOW, small_market


def bybit() -> SiblingMarket:
    listed = partial(bybit_contract, key=11)
    return SiblingMarket(small_market(), listed_as=listed, distance=BYBIT_DISTANCE, key=12)


def spot() -> SiblingMarket:
    listed = partial(spot_contract, key=13)
    return SiblingMarket(small_market(), listed_as=listed, distance=SPOT_DISTANCE, key=14)


def closes(
    view: MarketView, symbol: str, timeframe: str
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    contract = view.contract(symbol, NOW)
    assert contract is not None
    bars = view.candles(symbol, TIMEFRAMES[timeframe], now=NOW, limit=300)
    return bars.close[:-1] / 10.0**contract.price_decimals


@pytest.mark.parametrize("timeframe", ["1m", "1h", "4h"])
@pytest.mark.parametrize(
    ("ours", "theirs"), [("BTCUSDT", "BTCUSDT"), ("1000SHIBUSDT", "SHIB1000USDT")]
)
def test_the_same_contract_moves_alike_on_both_venues_a_few_points_apart(
    timeframe: str, ours: str, theirs: str
) -> None:
    first = SyntheticMarket(seed=7, symbols=20)
    other = SiblingMarket(
        first, listed_as=partial(bybit_contract, key=11), distance=BYBIT_DISTANCE, key=12
    )
    one = closes(MarketView(first), ours, timeframe)
    two = closes(MarketView(other, venue="bybit"), theirs, timeframe)

    apart = np.abs(two / one - 1.0)
    assert np.corrcoef(np.diff(np.log(one)), np.diff(np.log(two)))[0, 1] > 0.9
    assert 0.00001 < apart.mean() < 0.001
    assert apart.max() < 0.002


def test_volumes_are_the_venues_own() -> None:
    span = ("SOLUSDT", CLOSED_HOUR - 30 * DAY, CLOSED_HOUR)
    one, two = small_market().hours(*span), bybit().hours(*span)

    share = two.volume / one.volume
    assert 0.2 < share.mean() < 0.8
    assert share.std() > 0.02


def test_a_siblings_candles_are_possible_and_join() -> None:
    bars = bybit().hours("SOLUSDT", CLOSED_HOUR - 30 * DAY, CLOSED_HOUR)

    assert set(np.diff(bars.open_time).tolist()) == {HOUR}
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.open[1:] == bars.close[:-1]).all()
    assert (bars.taker_volume <= bars.volume).all()


def test_open_interest_and_funding_differ_between_the_venues() -> None:
    contract, sibling = small_market().contract("SOLUSDT"), bybit().contract("SOLUSDT")
    assert contract is not None
    assert sibling is not None
    ours, theirs = MarketView(small_market()), MarketView(bybit(), venue="bybit")

    times = [NOW - back * HOUR for back in range(20)]
    one = [point.amount for point in ours.open_interest(contract, times)]
    two = [point.amount for point in theirs.open_interest(sibling, times)]
    assert np.ptp(np.array(two) / np.array(one)) > 0.001
    assert ours.marks([contract], NOW)[0] != theirs.marks([sibling], NOW)[0]


def test_a_bundle_is_counted_from_its_name() -> None:
    bundles = {
        "1000PEPE": 1_000,
        "1MBABYDOGE": 1_000_000,
        "1INCH": 1,
        "BTC": 1,
        "10000SATS": 10_000,
        "SHIB1000": 1_000,
        "LUNA2": 1,
    }

    assert {base: multiplier(base) for base in bundles} == bundles


def test_a_bundles_spot_pair_costs_a_thousandth_and_trades_a_thousand_times_as_many() -> None:
    perpetual, pair = small_market().contract("1000PEPEUSDT"), spot().contract("PEPEUSDT")
    assert perpetual is not None
    assert pair is not None
    span = (CLOSED_HOUR - 10 * DAY, CLOSED_HOUR)

    one, two = small_market().hours("1000PEPEUSDT", *span), spot().hours("PEPEUSDT", *span)
    ratio = (two.close / 10.0**pair.price_decimals) / (one.close / 10.0**perpetual.price_decimals)
    volumes = (
        two.volume / one.volume * 10.0 ** (perpetual.quantity_decimals - pair.quantity_decimals)
    )
    assert ratio * 1_000 == pytest.approx(1.0005, abs=0.001)
    assert 50 < volumes.mean() < 300
    assert spot().contract("1000PEPEUSDT") is None

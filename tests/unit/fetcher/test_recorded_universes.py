"""Both venues' recorded instrument lists, counted: what is scanned, and why the rest is not."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from common.domain import ExclusionRule, Underlying
from fetcher.adapters import binance_answers, bybit_answers
from fetcher.core.contracts import Listing
from fetcher.core.listings import snapshot_of
from fetcher.core.universe import Universe, select
from fetcher.settings import UniverseSettings
from tests.support.real_data import recorded_payload

pytestmark = pytest.mark.real

BINANCE = "binance/binance_fapi_exchangeInfo_small.json"
BYBIT = "bybit/bybit_v5_instruments_linear_small.json"
RECORDED = {BINANCE: datetime(2021, 7, 21, tzinfo=UTC), BYBIT: datetime(2026, 8, 9, tzinfo=UTC)}


def listing_of(name: str) -> Listing:
    answer = recorded_payload(name)
    if name == BINANCE:
        return binance_answers.read_listing(answer)
    return bybit_answers.join_pages([bybit_answers.read_instruments(answer)])


def universe_of(name: str) -> Universe:
    listing = listing_of(name)
    symbols = [one.instrument.symbol for one in listing.contracts]
    return select(
        listing,
        turnovers=dict.fromkeys(symbols, 50e6),
        spreads={},
        rules=UniverseSettings().rules(),
        now=RECORDED[name],
    )


@pytest.mark.parametrize(
    ("name", "scanned", "left_out"),
    [
        (BINANCE, 14, {ExclusionRule.UNDERLYING: 1, ExclusionRule.DATED: 1}),
        (BYBIT, 20, {ExclusionRule.UNDERLYING: 4, ExclusionRule.DATED: 1, ExclusionRule.QUOTE: 1}),
    ],
)
def test_every_recorded_contract_is_scanned_or_left_out_for_its_rule(
    name: str, scanned: int, left_out: dict[ExclusionRule, int]
) -> None:
    universe = universe_of(name)

    assert len(universe.members) == scanned
    assert Counter(one.rule for one in universe.excluded.values()) == left_out


def test_bybits_stocks_and_commodities_are_named_as_such() -> None:
    kinds = Counter(one.underlying for one in listing_of(BYBIT).contracts)

    assert kinds == {Underlying.COIN: 22, Underlying.STOCK: 2, Underlying.COMMODITY: 2}


def test_binances_index_is_named_as_such_and_its_future_has_an_end() -> None:
    contracts = {one.instrument.symbol: one for one in listing_of(BINANCE).contracts}

    assert contracts["BTCDOMUSDT"].underlying is Underlying.INDEX
    assert contracts["BTCUSDT_210924"].ends_at == datetime(2021, 9, 24, 8, tzinfo=UTC)
    assert sum(one.ends_at is not None for one in contracts.values()) == 1


def test_the_same_contract_has_the_same_asset_and_units_in_both_venues_snapshots() -> None:
    assets = {}
    for name, now in RECORDED.items():
        snapshot = snapshot_of(universe_of(name), venue=name.partition("/")[0], now=now)
        assets[name] = {one.symbol: (one.asset, one.units) for one in snapshot.contracts}

    assert assets[BINANCE]["1000SHIBUSDT"] == assets[BYBIT]["SHIB1000USDT"] == ("SHIB", 1000)
    assert assets[BINANCE]["BTCUSDT"] == assets[BYBIT]["BTCUSDT"] == ("BTC", 1)

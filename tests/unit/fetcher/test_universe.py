from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fetcher.core.contracts import Contract, Listing, Underlying
from fetcher.core.universe import Universe, UniverseRules, select
from tests.support.facts import instrument

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
RULES = UniverseRules(
    settle="USDT",
    top=200,
    min_quote_volume=20e6,
    min_age=timedelta(days=60),
    max_spread_bps=10.0,
    stablecoins=frozenset({"USDC"}),
    allow=frozenset(),
    deny=frozenset(),
)


def contract(symbol: str = "BTCUSDT", **changes: Any) -> Contract:
    kinds = {"perpetual", "underlying", "trading", "status"}
    fields: dict[str, Any] = {
        "perpetual": True,
        "underlying": Underlying.COIN,
        "trading": True,
        "status": "TRADING",
        **{name: value for name, value in changes.items() if name in kinds},
    }
    others = {name: value for name, value in changes.items() if name not in kinds}
    return Contract(instrument=instrument(symbol, **others), **fields)


def chosen(
    *contracts: Contract,
    turnovers: dict[str, float] | None = None,
    spreads: dict[str, float] | None = None,
    **rules: Any,
) -> Universe:
    names = [one.instrument.symbol for one in contracts]
    return select(
        Listing(contracts=contracts, simulated=True),
        turnovers=dict.fromkeys(names, 50e6) if turnovers is None else turnovers,
        spreads=dict.fromkeys(names, 1.0) if spreads is None else spreads,
        rules=UniverseRules(**{**vars(RULES), **rules}),
        now=NOW,
    )


def symbols(universe: Universe) -> list[str]:
    return [one.symbol for one in universe.members]


def test_a_liquid_crypto_perpetual_is_scanned() -> None:
    universe = chosen(contract())

    assert symbols(universe) == ["BTCUSDT"]
    assert universe.simulated
    assert not universe.excluded


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (contract(perpetual=False), "perpetual"),
        (contract(underlying=Underlying.INDEX), "underlying must be a coin, was index"),
        (contract(underlying=Underlying.OTHER), "underlying must be a coin, was other"),
        (contract(settle="USDC", quote="USDC"), "settled in USDT, was USDC and USDC"),
        (contract(settle="BTC"), "settled in USDT, was USDT and BTC"),
        (contract(trading=False, status="SETTLING"), "must be trading, was SETTLING"),
        (contract(base="USDC"), "must not be a stablecoin, was USDC"),
        (contract(listed_since=NOW - timedelta(days=59)), "listed for 60 days, was 59"),
    ],
)
def test_every_other_contract_is_left_out_for_its_reason(one: Contract, reason: str) -> None:
    universe = chosen(one)

    assert not universe.members
    assert reason in universe.excluded["BTCUSDT"]


def test_the_age_counts_from_the_listing_to_the_minute() -> None:
    assert symbols(chosen(contract(listed_since=NOW - timedelta(days=60)))) == ["BTCUSDT"]


def test_too_little_turnover_is_left_out() -> None:
    universe = chosen(contract(), turnovers={"BTCUSDT": 19_999_999.0})

    assert universe.excluded["BTCUSDT"].endswith("at least 20,000,000, was 19,999,999")


def test_an_unknown_turnover_is_left_out() -> None:
    assert "was missing" in chosen(contract(), turnovers={}).excluded["BTCUSDT"]


def test_a_wide_spread_is_left_out() -> None:
    universe = chosen(contract(), spreads={"BTCUSDT": 10.1})

    assert universe.excluded["BTCUSDT"] == "its spread must be at most 10 bps, was 10.1"


def test_an_unknown_spread_excludes_nobody_and_stays_unknown() -> None:
    (member,) = chosen(contract(), spreads={}).members

    assert member.spread_bps is None


def test_members_carry_their_turnover_and_spread_largest_turnover_first() -> None:
    universe = chosen(
        contract("AUSDT"),
        contract("BUSDT"),
        contract("CUSDT"),
        turnovers={"AUSDT": 30e6, "BUSDT": 90e6, "CUSDT": 60e6},
    )

    assert symbols(universe) == ["BUSDT", "CUSDT", "AUSDT"]
    assert universe.members[0].quote_volume_24h == 90e6
    assert universe.members[0].spread_bps == 1.0


def test_only_the_largest_are_scanned_and_the_rest_know_their_rank() -> None:
    universe = chosen(
        contract("AUSDT"),
        contract("BUSDT"),
        turnovers={"AUSDT": 30e6, "BUSDT": 90e6},
        top=1,
    )

    assert symbols(universe) == ["BUSDT"]
    assert universe.excluded == {"AUSDT": "rank by turnover must be within 1, was 2"}


def test_a_denied_symbol_is_left_out() -> None:
    universe = chosen(contract("AUSDT"), contract("BUSDT"), deny=frozenset({"AUSDT"}))

    assert symbols(universe) == ["BUSDT"]
    assert universe.excluded["AUSDT"] == "it is on the deny list"


def test_an_allow_list_leaves_out_everything_else() -> None:
    universe = chosen(contract("AUSDT"), contract("BUSDT"), allow=frozenset({"AUSDT"}))

    assert symbols(universe) == ["AUSDT"]
    assert universe.excluded["BUSDT"] == "it is not on the allow list"


def test_every_listed_contract_is_a_member_or_has_a_reason() -> None:
    listing = Listing(
        contracts=(contract("AUSDT"), contract("BUSDT", trading=False)),
        simulated=False,
        unreadable={"CUSDT": "its listing cannot be read: KeyError 'filters'"},
    )

    universe = select(listing, turnovers={"AUSDT": 1e9}, spreads={}, rules=RULES, now=NOW)

    assert set(symbols(universe)) | set(universe.excluded) == {"AUSDT", "BUSDT", "CUSDT"}
    assert universe.listed.keys() == {"AUSDT", "BUSDT"}

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.domain import Exclusion, ExclusionRule, Underlying
from fetcher.core.contracts import Contract, Listing
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
    kinds = {"perpetual", "underlying", "trading", "status", "pre_listing", "ends_at"}
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


def left_out(universe: Universe, symbol: str = "BTCUSDT") -> Exclusion:
    assert not universe.members
    return universe.excluded[symbol]


@pytest.mark.parametrize(
    ("one", "rule", "reason"),
    [
        (contract(perpetual=False), ExclusionRule.DATED, "must be a perpetual"),
        *(
            (contract(underlying=kind), ExclusionRule.UNDERLYING, f"must be a coin, was {kind}")
            for kind in Underlying
            if kind is not Underlying.COIN
        ),
        (contract(settle="USDC", quote="USDC"), ExclusionRule.QUOTE, "was USDC and USDC"),
        (contract(settle="BTC"), ExclusionRule.QUOTE, "settled in USDT, was USDT and BTC"),
        (contract(base="USDC"), ExclusionRule.STABLECOIN, "not be a stablecoin, was USDC"),
        (
            contract(pre_listing=True, status="PreLaunch"),
            ExclusionRule.PRE_LISTING,
            "must trade freely, was PreLaunch before its listing",
        ),
        (
            contract(trading=False, status="SETTLING"),
            ExclusionRule.STATUS,
            "must be trading, was SETTLING",
        ),
        (
            contract(ends_at=NOW + timedelta(days=6)),
            ExclusionRule.DELISTING,
            "must not be announced, was 2026-03-16 08:00 UTC",
        ),
        (
            contract(listed_since=NOW - timedelta(days=59)),
            ExclusionRule.AGE,
            "listed for 60 days, was 59",
        ),
    ],
)
def test_every_other_contract_is_left_out_for_its_reason(
    one: Contract, rule: ExclusionRule, reason: str
) -> None:
    exclusion = left_out(chosen(one))

    assert exclusion.rule is rule
    assert reason in exclusion.reason


def test_the_age_counts_from_the_listing_to_the_minute() -> None:
    assert symbols(chosen(contract(listed_since=NOW - timedelta(days=60)))) == ["BTCUSDT"]


def test_too_little_turnover_is_left_out() -> None:
    universe = chosen(contract(), turnovers={"BTCUSDT": 19_999_999.0})

    assert left_out(universe).rule is ExclusionRule.TURNOVER
    assert left_out(universe).reason.endswith("at least 20,000,000, was 19,999,999")


def test_an_unknown_turnover_is_left_out() -> None:
    assert "was missing" in left_out(chosen(contract(), turnovers={})).reason


def test_a_wide_spread_is_left_out() -> None:
    universe = chosen(contract(), spreads={"BTCUSDT": 10.1})

    assert left_out(universe) == Exclusion(
        rule=ExclusionRule.SPREAD, reason="its spread must be at most 10 bps, was 10.1"
    )


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
    assert universe.excluded == {
        "AUSDT": Exclusion(
            rule=ExclusionRule.RANK, reason="rank by turnover must be within 1, was 2"
        )
    }


def test_a_denied_symbol_is_left_out() -> None:
    universe = chosen(contract("AUSDT"), contract("BUSDT"), deny=frozenset({"AUSDT"}))

    assert symbols(universe) == ["BUSDT"]
    assert universe.excluded["AUSDT"].rule is ExclusionRule.DENIED


def test_an_allow_list_leaves_out_everything_else() -> None:
    universe = chosen(contract("AUSDT"), contract("BUSDT"), allow=frozenset({"AUSDT"}))

    assert symbols(universe) == ["AUSDT"]
    assert universe.excluded["BUSDT"].rule is ExclusionRule.NOT_ALLOWED


def test_every_listed_contract_is_a_member_or_has_a_reason() -> None:
    listing = Listing(
        contracts=(contract("AUSDT"), contract("BUSDT", trading=False)),
        simulated=False,
        unreadable={"CUSDT": "its listing cannot be read: KeyError 'filters'"},
    )

    universe = select(listing, turnovers={"AUSDT": 1e9}, spreads={}, rules=RULES, now=NOW)

    assert set(symbols(universe)) | set(universe.excluded) == {"AUSDT", "BUSDT", "CUSDT"}
    assert universe.listed.keys() == {"AUSDT", "BUSDT"}


def test_a_contract_that_is_listed_twice_is_scanned_once_as_it_was_told_last() -> None:
    listing = Listing(
        contracts=(contract("AUSDT", trading=False), contract("BUSDT"), contract("AUSDT")),
        simulated=False,
        unreadable={"BUSDT": "its listing cannot be read: KeyError 'filters'"},
    )

    universe = select(
        listing, turnovers={"AUSDT": 2e9, "BUSDT": 1e9}, spreads={}, rules=RULES, now=NOW
    )

    assert symbols(universe) == ["AUSDT", "BUSDT"]
    assert not universe.excluded
    assert len(universe.contracts) == 2

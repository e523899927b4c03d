from decimal import Decimal

from fetcher.core.borrowing import by_list, by_snapshot
from fetcher.core.universe import remembered
from tests.support import facts

OTHER = remembered(
    [
        facts.instrument("CATUSDT", venue="bybit", tick_size=Decimal("0.0000001")),
        facts.instrument("SHIB1000USDT", venue="bybit", tick_size=Decimal("0.00001")),
        facts.instrument("XRPUSDT", venue="bybit", quote_volume_24h=9e9, spread_bps=9.0),
    ]
)


def test_steps_are_lent_in_the_units_of_the_contract_they_are_lent_to() -> None:
    last = facts.universe_snapshot(
        facts.listed("1000CATUSDT", base="1000CAT", quote_volume_24h=5e6),
        facts.listed("1000SHIBUSDT", base="1000SHIB", quote_volume_24h=7e6),
        facts.listed("ALONEUSDT", base="ALONE"),
    )

    shib, cat = by_snapshot(last, OTHER).members  # by turnover

    assert (cat.symbol, cat.tick_size, cat.step_size) == (
        "1000CATUSDT",
        Decimal("0.0001"),
        Decimal("0.000001"),
    )
    assert (shib.symbol, shib.tick_size) == ("1000SHIBUSDT", Decimal("0.00001"))
    assert {one.venue for one in (cat, shib)} == {facts.VENUE}


def test_what_belongs_to_the_venue_alone_is_as_it_last_said_or_not_known() -> None:
    last = facts.universe_snapshot(
        facts.listed("XRPUSDT", base="XRP", quote_volume_24h=None, spread_bps=2.0)
    )

    [lent] = by_snapshot(last, OTHER).members

    assert (lent.quote_volume_24h, lent.spread_bps) == (None, 2.0)
    assert (lent.min_notional, lent.max_leverage, lent.listed_by) == (None, None, "bybit")


def test_without_a_snapshot_only_names_that_mean_the_same_everywhere_are_lent() -> None:
    universe = by_list(OTHER, facts.VENUE)

    assert [one.symbol for one in universe.members] == ["CATUSDT", "XRPUSDT"]
    assert {(one.venue, one.listed_by) for one in universe.members} == {(facts.VENUE, "bybit")}

"""A venue that has refused this place since the first request: scanned by other places' word."""

import logging
from datetime import timedelta

import pytest

from common.domain import Instrument, Source, Timeframe, UniverseSnapshot
from exchange_sim.core.fault import Fault
from fetcher.core.contracts import asset_of
from tests.integration.fetcher.books import books
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, running_venue

FUTURES = {"binance": "/fapi/*", "bybit": "/v5/*"}
SMALL = {"bars": {Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 40}}
REFUSALS = {
    "451": Fault(kind="status", status=451),
    "418": Fault(kind="status", status=418, retry_after=7_200),
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("name", FUTURES)
async def test_another_venues_list_says_what_is_scanned_until_the_venue_answers(
    name: str, refusal: str
) -> None:
    other = "bybit" if name == "binance" else "binance"
    async with running_venue(symbols=8) as venue:
        venue.faults.order(REFUSALS[refusal].model_copy(update={"route": FUTURES[name]}))
        around = Surroundings(venue, name=name)
        async with around.planner(), around.fetcher(fetcher=SMALL) as running:
            first = await around.completed()
            trouble, limits = await running.trouble(), await running.limits()
            venue.faults.clear()
            venue.move_to(A_CLOSE + timedelta(hours=4, minutes=1))
            second = await around.completed(2)
        away, home = [await around.sent(one.scan_id) for one in (first, second)]
        snapshots = [fact async for fact in around.bus.replay(UniverseSnapshot)]
        book = venue.accounting.venues[name]

    assert trouble is None
    assert f"contracts and their steps are those {other} lists" in (limits or "")
    assert len(away) == first.universe >= 4
    for one in away.values():
        assert one.quality.source is Source.OTHER_VENUE
        assert one.derivatives is None
        assert (one.instrument.venue, one.instrument.listed_by) == (name, other)
        assert asset_of(one.instrument.base).multiplier == 1
        assert one.instrument.min_notional is None
        assert one.instrument.max_leverage is None
    assert set(home) > set(away)
    for one in home.values():
        assert one.quality.source is Source.VENUE
        assert one.instrument.listed_by is None
    assert len(snapshots) == 1  # what another venue lists is nobody's snapshot
    assert book.while_banned == 0


async def test_the_last_snapshot_says_what_is_scanned_in_the_venues_own_words() -> None:
    async with running_venue(symbols=20) as venue:
        before = Surroundings(venue)
        async with before.planner(), before.fetcher(fetcher=SMALL):
            known = await before.sent((await before.completed()).scan_id)
        around = Surroundings(venue)  # a bus that has kept the snapshot, and no candles any more
        async for fact in before.bus.replay(UniverseSnapshot):
            await around.bus.publish(fact)
        venue.faults.order(Fault(kind="status", route=FUTURES["binance"], status=451))
        async with around.planner(), around.fetcher(fetcher=SMALL):
            sets = await around.sent((await around.completed()).scan_id)

    assert {"1000SHIBUSDT", "1000PEPEUSDT"} <= set(sets) <= set(known)
    for symbol, one in sets.items():
        assert one.quality.source is Source.OTHER_VENUE
        assert one.instrument.listed_by == "bybit"
        assert _told(one.instrument) == _told(known[symbol].instrument)
        assert one.frames[Timeframe.H1]["close"][-1] == pytest.approx(
            known[symbol].frames[Timeframe.H1]["close"][-1], rel=0.01
        )


async def test_with_nothing_at_all_the_scan_says_so_and_runs_when_the_venue_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_venue(symbols=4) as venue:
        venue.faults.order(Fault(kind="status", status=451))
        around = Surroundings(venue)

        def said() -> bool:
            told = [one for one in caplog.messages if "no scan can be run now" in one]
            return any("HTTP 451" in one and "nor can its contracts be told" in one for one in told)

        with caplog.at_level(logging.WARNING, logger="fetcher"):
            async with around.planner(), around.fetcher(fetcher=SMALL):
                await eventually(said, within=30)
                asked = books(venue)["venues"]["binance"]["requests"]
                venue.faults.clear()
                venue.advance(timedelta(minutes=61))  # a refused place is asked again hourly
                completed = await around.completed()
                sets = await around.sent(completed.scan_id)

    assert asked <= 3  # those under way when the first was refused
    assert {one.quality.source for one in sets.values()} == {Source.VENUE}
    assert {one.instrument.listed_by for one in sets.values()} == {None}


def _told(one: Instrument) -> object:
    return one.symbol, one.base, one.listed_since, one.quote_volume_24h, one.spread_bps

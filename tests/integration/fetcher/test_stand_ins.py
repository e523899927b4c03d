"""A venue that fails, bans or refuses this place: candles come from elsewhere, and say so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from common.clock import ManualClock
from common.domain import Bar, CandleSet, Source, Timeframe
from common.errors import VenueRefusedError, VenueUnavailableError
from exchange_sim.core.fault import Fault
from fetcher.adapters.binance_spot import BinanceSpot
from fetcher.core.contracts import asset_of
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from fetcher.handlers.places import OtherVenue
from fetcher.settings import FetcherSettings
from fetcher.venues import reader_of
from standalone.adapters.ports import free_port
from tests.integration.fetcher.books import requests
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.budgets import budget_on
from tests.support.facts import instrument
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

NEXT = A_CLOSE + timedelta(hours=4)
H1 = Timeframe.H1
FUTURES = {"binance": "/fapi/*", "bybit": "/v5/*"}
SPOT = "/api/v3/klines"
BTC = instrument("BTCUSDT")
SMALL = {"mode": "poll", "bars": {Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 40}}


@asynccontextmanager
async def scanned(
    venue: RunningVenue, name: str = "binance", **fallback: Any
) -> AsyncIterator[Surroundings]:
    """A fetcher that has scanned one close at its venue."""
    around = Surroundings(venue, name=name, tables={"fallback": fallback})
    async with around.planner(), around.fetcher(fetcher=SMALL):
        await around.completed()
        yield around


async def next_scan(around: Surroundings, count: int = 2, hours: int = 4) -> dict[str, CandleSet]:
    around.venue.move_to(A_CLOSE + timedelta(hours=hours, minutes=1))
    completed = await around.completed(count)
    sets = await around.sent(completed.scan_id)
    assert completed.universe == len(sets) + len(completed.failures)
    return sets


@pytest.mark.parametrize("name", ["binance", "bybit"])
async def test_the_other_venue_stands_in_and_the_venue_is_read_whole_when_it_is_back(
    name: str,
) -> None:
    other = "bybit" if name == "binance" else "binance"
    async with running_venue(symbols=8) as venue, scanned(venue, name, spot=False) as around:
        venue.faults.order(Fault(kind="status", route=FUTURES[name], status=503))
        away = await next_scan(around)
        bars_away = [bar async for bar in around.bus.replay(Bar)]
        venue.faults.clear()
        home = await next_scan(around, count=3, hours=8)

    assert len(away) >= 4
    for one in away.values():
        hourly = next(origin for origin in one.quality.origins if origin.timeframe is H1)
        assert (hourly.source, hourly.place) == (Source.OTHER_VENUE, other)
        assert hourly.newest_close == NEXT
        assert one.quality.source is Source.OTHER_VENUE
        assert one.derivatives is None  # funding and interest are the venue's, or unknown
        assert _volumes(one).isdisjoint(_volumes(home[one.symbol]))
    for bar in bars_away:
        assert isinstance(bar, Bar)
        told_at_home = bar.open_time < A_CLOSE
        assert bar.source is (Source.VENUE if told_at_home else Source.OTHER_VENUE)
    for one in home.values():
        assert {origin.source for origin in one.quality.origins} == {Source.VENUE}
        assert one.quality.score == 1.0
        assert one.derivatives is not None


async def test_spot_pairs_stand_in_when_both_futures_venues_are_gone() -> None:
    async with running_venue(symbols=12) as venue, scanned(venue) as around:
        before = await around.sent((await around.completed()).scan_id)
        for route in FUTURES.values():
            venue.faults.order(Fault(kind="status", route=route, status=503))
        sets = await next_scan(around)

        assert requests(venue, SPOT) > 0
    assert len(sets) >= 6
    for symbol, one in sets.items():
        assert one.quality.source is Source.SPOT
        assert one.quality.source_of(H1) is Source.SPOT
        old, new = before[symbol].frames[H1], one.frames[H1]
        pair = old.join(new, on="open_time", suffix="_spot")
        apart = (pair["close_spot"] / pair["close"] - 1).abs().max()
        assert pair.height == 36
        assert isinstance(apart, float)
        assert 0 < apart < 0.01  # in the contract's own units, 1000PEPE too
    assert any(asset_of(one.instrument.base).multiplier > 1 for one in sets.values())


@pytest.mark.parametrize("minutes", [10, 120])  # before the scan's deadline, and after it
async def test_no_request_leaves_during_a_ban_and_the_scan_is_told_from_elsewhere(
    minutes: int,
) -> None:
    async with running_venue(symbols=6) as venue, scanned(venue) as around:
        venue.faults.order(Fault(kind="ban", route="/fapi/*", seconds=60.0 * minutes, count=1))
        sets = await next_scan(around)

        assert venue.accounting.venues["binance"].while_banned == 0
    assert sets
    assert {one.quality.source for one in sets.values()} == {Source.OTHER_VENUE}


@pytest.mark.parametrize("minutes", [10, 120])
async def test_a_ban_that_meets_another_question_costs_no_contract_its_candles(
    minutes: int,
) -> None:
    interest = "/fapi/v1/openInterest"
    async with running_venue(symbols=6) as venue, scanned(venue) as around:
        venue.faults.order(Fault(kind="ban", route=interest, seconds=60.0 * minutes, count=1))
        sets = await next_scan(around)

    assert len(sets) == 6
    for one in sets.values():
        if one.quality.source is Source.VENUE:
            assert one.derivatives is not None
            assert one.derivatives.funding_rate is not None
            assert one.derivatives.open_interest is None
    assert Source.VENUE in {one.quality.source for one in sets.values()}


async def test_a_place_the_venue_refuses_scans_from_elsewhere() -> None:
    async with running_venue(symbols=6) as venue, scanned(venue) as around:
        venue.faults.order(Fault(kind="status", route="/fapi/*", status=451))
        sets = await next_scan(around)

    assert sets
    assert {one.quality.source for one in sets.values()} == {Source.OTHER_VENUE}


async def test_a_restart_while_the_venue_is_gone_scans_the_contracts_it_remembers() -> None:
    async with running_venue(symbols=6) as venue:
        around = Surroundings(venue)
        async with around.planner():
            async with around.fetcher(fetcher=SMALL):
                first = await around.completed()
            venue.faults.order(Fault(kind="status", route="/fapi/*", status=503))
            venue.move_to(NEXT + timedelta(minutes=1))
            async with around.fetcher(fetcher=SMALL):
                second = await around.completed(2)
                sets = await around.sent(second.scan_id)

    assert second.as_of == NEXT
    assert second.universe == first.universe
    assert {one.quality.source for one in sets.values()} == {Source.OTHER_VENUE}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="html", route=SPOT), VenueUnavailableError),
        (Fault(kind="truncated", route=SPOT), VenueUnavailableError),
        (Fault(kind="reset", route=SPOT), VenueUnavailableError),
        (Fault(kind="status", route=SPOT, status=502), VenueUnavailableError),
        (Fault(kind="status", route=SPOT, status=429, retry_after=30), VenueUnavailableError),
        (Fault(kind="timeout", route=SPOT), VenueUnavailableError),
    ],
    ids=lambda one: one.kind if isinstance(one, Fault) else "",
)
async def test_bad_answers_of_a_stand_in_are_named(fault: Fault, error: type[Exception]) -> None:
    async with running_venue(symbols=3) as venue:
        spot = _spot(venue, timeout=0.5)
        venue.faults.order(fault)
        try:
            with pytest.raises(error):
                await spot.candles(BTC, H1, _day())
        finally:
            await spot.close()


async def test_a_contract_without_a_counterpart_is_refused_by_name() -> None:
    async with running_venue(symbols=3) as venue:
        alone = BTC.model_copy(update={"base": "NOWHERE", "symbol": "NOWHEREUSDT"})
        settings = FetcherSettings(venue="bybit", base_url=venue.base_url)
        other = OtherVenue(
            "bybit",
            lambda: reader_of(settings, venue.clock, budget_on(venue.clock, venue="bybit")),
            venue.clock,
        )
        spot = _spot(venue)
        try:
            with pytest.raises(VenueRefusedError, match="bybit lists nothing like NOWHEREUSDT"):
                await other.candles(alone, H1, _day())
            with pytest.raises(VenueRefusedError, match="HTTP 400"):
                await spot.candles(alone, H1, _day())
        finally:
            await other.close()
            await spot.close()


async def test_a_count_that_is_no_number_costs_no_answer() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response([], headers={"X-MBX-USED-WEIGHT-1M": "\u00b2"})

    app = web.Application()
    app.router.add_get(SPOT, answer)
    clock = ManualClock(A_CLOSE)
    async with TestServer(app, port=free_port()) as server:
        spot = BinanceSpot(
            clock, budget_on(clock, venue="binance-spot"), address=str(server.make_url("/"))
        )
        try:
            assert await spot.candles(BTC, H1, _day()) == []
        finally:
            await spot.close()


def _volumes(one: CandleSet) -> set[float]:
    return set(one.frames[H1]["volume"].to_list())


def _spot(venue: RunningVenue, *, timeout: float = 5.0) -> BinanceSpot:
    return BinanceSpot(
        venue.clock,
        budget_on(venue.clock, venue="binance-spot"),
        address=venue.base_url,
        timeout=timedelta(seconds=timeout),
        retry_wait=timedelta(seconds=0.01),
    )


def _day() -> Span:
    return Span(milliseconds(A_CLOSE - timedelta(days=1)), milliseconds(A_CLOSE))

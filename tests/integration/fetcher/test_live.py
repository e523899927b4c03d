"""Live mode against the simulated venue's own WebSockets: closes heard, gaps healed, none lost."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from common.domain import SCANNED, Bar, Derivatives, Source, Timeframe, WatchList
from exchange_sim.core.fault import Fault
from tests.integration.fetcher.books import requests
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

NEXT = A_CLOSE + timedelta(hours=4)
KLINES = {"binance": "/fapi/v1/klines", "bybit": "/v5/market/kline"}
INTEREST = {"binance": "/fapi/v1/openInterest", "bybit": "/v5/market/open-interest"}
LIVE = {"mode": "live", "bars": {Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 40}}


@asynccontextmanager
async def listening(
    venue: RunningVenue, name: str = "binance", *, grace: float = 2.0, of: int = 1
) -> AsyncIterator[Surroundings]:
    """Fetchers that have scanned one close, listen to all candles and are ready for the next."""
    around = Surroundings(venue, name=name)
    scan = {"grace_seconds": grace, "retry_seconds": 0.05}
    async with around.planner(), AsyncExitStack() as fetchers:
        for number in range(of, 0, -1):  # the first is the last: it starts the scan
            share = LIVE | {"partition": f"{number}/{of}"}
            await fetchers.enter_async_context(around.fetcher(fetcher=share, scan=scan))
        completed = await around.completed()
        await eventually(
            lambda: venue.accounting.streams[name].subscriptions >= 3 * completed.universe,
            within=20,
            saying="every candle is subscribed to",
        )
        before = requests(venue, INTEREST[name])
        venue.move_to(NEXT - timedelta(seconds=60))
        await eventually(
            lambda: requests(venue, INTEREST[name]) >= before + completed.universe,
            within=20,
            saying="everything but the candles is read before the close",
        )
        yield around


def pass_the_close(venue: RunningVenue) -> None:
    venue.move_to(NEXT - timedelta(milliseconds=200), speed=1.0)


@pytest.mark.parametrize("name", ["binance", "bybit"])
async def test_a_close_that_is_heard_is_scanned_at_once_and_no_candle_is_asked_for(
    name: str,
) -> None:
    async with running_venue(symbols=6, stream_seconds=0.5) as venue, listening(venue, name) as it:
        asked = requests(venue, KLINES[name])
        pass_the_close(venue)
        completed = await it.completed(2)
        sets = await it.sent(completed.scan_id)
        heard_at = venue.now()

        assert requests(venue, KLINES[name]) == asked
    assert completed.scan_id == f"{name}.20260310T120000Z.scheduled.0"
    assert completed.universe == len(sets)
    assert not completed.failures
    assert heard_at < NEXT + timedelta(seconds=5)  # polling would only begin now
    for one in sets.values():
        assert one.incomplete == ()
        assert one.quality.score == 1.0
        assert one.derivatives is not None
        for timeframe in (Timeframe.H1, Timeframe.H4):
            newest = one.frames[timeframe]["open_time"][-1] + timeframe.milliseconds
            assert newest == int(NEXT.timestamp() * 1000)


async def test_fetchers_that_share_a_universe_each_hear_their_share() -> None:
    async with running_venue(symbols=8, stream_seconds=0.5) as venue, listening(venue, of=2) as it:
        asked = requests(venue, KLINES["binance"])
        topics = venue.accounting.streams["binance"].subscriptions
        pass_the_close(venue)
        completed = await it.completed(2)
        sets = await it.sent(completed.scan_id)

        async def all_told() -> bool:
            told = [one async for one in it.bus.latest(Derivatives, venue="binance")]
            return {one.symbol for one in told if isinstance(one, Derivatives)} == set(sets)

        await eventually(all_told, saying="everybody's derivatives")
        assert requests(venue, KLINES["binance"]) == asked

    assert topics == 3 * 8
    assert completed.universe == len(sets) == 8
    assert not completed.failures
    assert {one.quality.score for one in sets.values()} == {1.0}


async def test_what_streams_and_requests_tell_is_the_same_market() -> None:
    async with running_venue(symbols=4, stream_seconds=0.5) as venue, listening(venue) as it:
        pass_the_close(venue)
        live = await it.sent((await it.completed(2)).scan_id)
        polled = Surroundings(venue)
        venue.move_to(NEXT + timedelta(minutes=1))
        async with (
            polled.planner(),
            polled.fetcher(fetcher={"bars": LIVE["bars"]}, scan={"grace_seconds": 0.0}),
        ):
            asked = await polled.sent((await polled.completed()).scan_id)

    assert live.keys() == asked.keys()
    for symbol, one in live.items():
        for timeframe in SCANNED:
            assert one.frames[timeframe].equals(asked[symbol].frames[timeframe])


@pytest.mark.parametrize("kind", ["missing", "late"])
async def test_a_close_that_is_not_heard_in_time_is_read_from_the_venue(kind: str) -> None:
    fault = Fault.model_validate({"kind": kind, "route": "/market/ws", "count": 1, "seconds": 30.0})
    async with (
        running_venue(symbols=4, stream_seconds=0.5) as venue,
        listening(venue, grace=0.4) as it,
    ):
        asked = requests(venue)
        venue.faults.order(fault)
        pass_the_close(venue)
        completed = await it.completed(2)
        sets = await it.sent(completed.scan_id)

        assert requests(venue) > asked
    assert not completed.failures
    assert all(one.incomplete == () for one in sets.values())


@pytest.mark.parametrize("name", ["binance", "bybit"])
async def test_a_dropped_connection_is_begun_again_and_what_it_missed_is_healed(
    name: str,
) -> None:
    route = {"binance": "/market/ws", "bybit": "/v5/public/linear"}[name]
    async with running_venue(symbols=4, stream_seconds=0.5) as venue, listening(venue, name) as it:
        venue.faults.order(Fault(kind="dropped", route=route, count=1))
        connects = venue.accounting.streams[name].connections
        await eventually(
            lambda: venue.accounting.streams[name].connections > connects,
            within=10,
            saying="it is connected again",
        )
        pass_the_close(venue)
        completed = await it.completed(2)
        sets = await it.sent(completed.scan_id)

    assert not completed.failures
    assert all(one.incomplete == () for one in sets.values())


async def test_without_streams_the_schedule_scans_by_asking() -> None:
    async with running_venue(symbols=4, stream_seconds=0.5) as venue, listening(venue) as it:
        venue.faults.order(Fault(kind="status", route="/market/ws", status=503))
        venue.faults.order(Fault(kind="dropped", route="/market/ws", count=4))
        await eventually(
            lambda: venue.accounting.streams["binance"].open == 0, saying="nothing is heard"
        )
        venue.move_to(NEXT + timedelta(seconds=4.5), speed=1.0)
        completed = await it.completed(2)

    assert completed.universe > 0
    assert not completed.failures


async def test_closes_that_are_heard_need_no_stand_in_while_requests_fail() -> None:
    async with running_venue(symbols=4, stream_seconds=0.5) as venue, listening(venue) as it:
        venue.faults.order(Fault(kind="status", route="/fapi/*", status=503))
        pass_the_close(venue)
        completed = await it.completed(2)
        sets = await it.sent(completed.scan_id)

    assert not completed.failures
    assert {one.quality.source for one in sets.values()} == {Source.VENUE}
    assert all(one.incomplete == () for one in sets.values())


@pytest.mark.parametrize("mode", ["live", "poll"])
async def test_minutes_of_watched_contracts_are_told_one_after_the_other(mode: str) -> None:
    async with running_venue(symbols=3, stream_seconds=0.5) as venue:
        around = Surroundings(venue)
        venue.move_to(A_CLOSE + timedelta(minutes=1), speed=1.0)
        async with around.planner(), around.fetcher(fetcher=LIVE | {"mode": mode}):
            symbol = next(iter(await around.sent((await around.completed()).scan_id)))
            watched = WatchList(
                venue="binance", simulated=True, as_of=A_CLOSE, revision=1, since={symbol: A_CLOSE}
            )
            await around.bus.publish(watched)
            venue.move_to(A_CLOSE + timedelta(minutes=6, seconds=1), speed=60.0)
            found = await _minutes(around, symbol, 12)

    opened = [bar.open_time for bar in found]
    assert opened[0] == A_CLOSE
    assert all(after - before == timedelta(minutes=1) for before, after in pairwise(opened))


async def _minutes(around: Surroundings, symbol: str, count: int) -> list[Bar]:
    found: list[Bar] = []

    async def enough() -> bool:
        found[:] = [
            fact
            async for fact in around.bus.replay(Bar)
            if isinstance(fact, Bar) and (fact.symbol, fact.timeframe) == (symbol, Timeframe.M1)
        ]
        return len(found) >= count

    await eventually(enough, within=30, saying=f"{count} minutes")
    return found

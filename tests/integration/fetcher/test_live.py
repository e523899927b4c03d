"""Live mode against the simulated venue's own WebSockets: closes heard, gaps healed, none lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from typing_extensions import override

from common.clock import SystemClock
from common.domain import SCANNED, Bar, Derivatives, Source, Timeframe, WatchList
from exchange_sim.core.fault import Fault
from fetcher.adapters.binance_streams import BINANCE_STREAMS
from fetcher.adapters.bybit_streams import BYBIT_STREAMS
from fetcher.adapters.streams import CcxtStreams, StreamVenue
from fetcher.core.streamed import Share, StreamedBar, Topic
from fetcher.handlers.budget import SharedBudget
from fetcher.settings import FetcherSettings
from standalone.adapters.ports import free_port
from tests.integration.fetcher.books import after_a_while, requests
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.budgets import budget_on
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


@pytest.mark.parametrize("streams", [BINANCE_STREAMS, BYBIT_STREAMS], ids=lambda one: one.name)
async def test_a_burst_of_nine_hundred_closes_loses_none(streams: StreamVenue) -> None:
    name = "bybit" if streams is BYBIT_STREAMS else "binance"
    midnight = datetime(2026, 3, 11, tzinfo=UTC)
    at = int(midnight.timestamp() * 1000)
    # Begun just before: a venue that jumps to midnight tells every hour on the way.
    start = midnight - timedelta(minutes=1)
    async with running_venue(symbols=340, stream_seconds=60.0, start=start) as venue:
        view = venue.venue.bybit_view if name == "bybit" else venue.venue.view
        listed = [one for one in view.contracts(at) if one.status(at) == "TRADING"][:300]
        topics = {Topic(one.symbol, timeframe) for one in listed for timeframe in SCANNED}
        async with _heard(streams, venue, topics) as heard:
            book = venue.accounting.streams[name]
            await eventually(lambda: book.subscriptions >= len(topics), within=40)
            venue.move_to(midnight - timedelta(milliseconds=100), speed=1.0)
            await eventually(lambda: len(heard.at(at)) >= 900, within=40, saying="all are heard")

    assert len(topics) == 900
    assert sorted(heard.at(at)) == sorted(topics)


async def test_a_silent_connection_is_replaced_by_its_age() -> None:
    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        topics = {Topic("BTCUSDT", timeframe) for timeframe in SCANNED}
        async with _heard(BINANCE_STREAMS, venue, topics, silence=1.0):
            book = venue.accounting.streams["binance"]
            await eventually(lambda: book.messages > 0, saying="it brings something")
            venue.faults.order(Fault(kind="zombie", route="/market/ws", count=1))
            await eventually(lambda: book.connections == 2, within=10, saying="it is replaced")
            silent = book.messages
            await eventually(lambda: book.messages > silent, saying="the new one brings something")


async def test_no_connection_is_begun_until_a_ban_is_over() -> None:
    route = "/market/ws"
    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        budget, topics = budget_on(venue.clock), {Topic("BTCUSDT", Timeframe.H1)}
        async with _heard(BINANCE_STREAMS, venue, topics, budget=budget):
            book = venue.accounting.streams["binance"]
            await eventually(lambda: book.messages > 0, saying="it brings something")
            budget.stop("HTTP 418", timedelta(minutes=5))
            venue.faults.order(Fault(kind="dropped", route=route, count=1))
            await eventually(lambda: book.subscriptions == 0, saying="the connection is lost")
            asked = requests(venue, route)
            enough = time.monotonic() + 1.0  # ten times the pause before it is begun again
            while time.monotonic() < enough:
                await after_a_while(venue)
            assert requests(venue, route) == asked

            venue.move_to(venue.now() + timedelta(minutes=6))
            await eventually(lambda: book.subscriptions == 1, within=10, saying="it is heard again")
            assert requests(venue, route) == asked + 1


async def test_a_connection_that_is_being_closed_is_closed_even_when_all_ends_meanwhile() -> None:
    closing = asyncio.Event()
    clients: list[Any] = []

    class Watched(CcxtStreams):
        @override
        def client(self, share: Share) -> Any:
            client = super().client(share)
            close = client.close

            async def close_slowly() -> None:
                closing.set()
                await close()

            client.close = close_slowly
            clients.append(client)
            return client

    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        keeper = Watched(
            BINANCE_STREAMS,
            venue.clock,
            budget_on(venue.clock),
            base_url=venue.base_url,
            silence=timedelta(seconds=60),
            life=timedelta(hours=1),
            overlap=0.0,
        )
        keeper.want({Topic("BTCUSDT", Timeframe.H1)})
        running = asyncio.create_task(keeper.run())
        await eventually(keeper.listening)
        keeper.want(set())
        await closing.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert [client.session for client in clients] == [None]


async def test_a_server_that_hangs_up_before_it_is_asked_is_tried_again_and_told() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", free_port())
    port = server.sockets[0].getsockname()[1]
    keeper = CcxtStreams(
        BINANCE_STREAMS,
        SystemClock(),
        budget_on(SystemClock()),
        base_url=f"http://127.0.0.1:{port}",
        silence=timedelta(seconds=60),
        life=timedelta(hours=1),
        first_pause=0.01,
    )
    keeper.want({Topic("BTCUSDT", Timeframe.H1)})
    running = asyncio.create_task(keeper.run())
    await eventually(lambda: keeper.trouble() is not None, saying="the trouble is told")
    await asyncio.sleep(0)

    assert not running.done()
    assert not keeper.listening()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    server.close()


async def test_topics_come_and_go_while_the_rest_is_heard() -> None:
    async with running_venue(symbols=6, stream_seconds=0.2) as venue:
        first = {Topic(symbol, Timeframe.H1) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")}
        async with _heard(BINANCE_STREAMS, venue, first) as heard:
            book = venue.accounting.streams["binance"]
            await eventually(lambda: book.subscriptions == 3, saying="three are heard")
            heard.want(first | {Topic("BTCUSDT", Timeframe.M1)})
            await eventually(lambda: book.subscriptions == 4, saying="a fourth is heard")

            assert book.connections == 2  # the first one was left alone
            heard.want({Topic("ETHUSDT", Timeframe.H1)})
            await eventually(lambda: book.subscriptions == 1, within=15, saying="one is left")


async def test_what_is_begun_again_asks_for_no_contract_that_has_gone() -> None:
    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
        topics = {Topic(symbol, timeframe) for symbol in symbols for timeframe in SCANNED}
        gone = Topic("SOLUSDT", Timeframe.D1)
        async with _heard(BYBIT_STREAMS, venue, topics) as heard:
            book = venue.accounting.streams["bybit"]
            await eventually(lambda: book.subscriptions == 9, saying="all are heard")
            heard.want(topics - {gone})
            venue.faults.order(Fault(kind="dropped", route="/v5/public/linear", count=1))
            await eventually(lambda: book.connections == 2, within=10, saying="it is begun again")

            await eventually(lambda: book.subscriptions == 8, saying="what is left is heard")


class _Heard(list[StreamedBar]):
    """What was heard, and what else is wanted."""

    def __init__(self, want: Callable[[set[Topic]], None]) -> None:
        super().__init__()
        self.want = want

    def at(self, close: int) -> list[Topic]:
        """The topics of the candles that closed at one time (ms)."""
        return [
            bar.topic
            for bar in self
            if int(str(bar.row[0])) + bar.topic.timeframe.milliseconds == close
        ]


@asynccontextmanager
async def _heard(
    streams: StreamVenue,
    venue: RunningVenue,
    topics: set[Topic],
    *,
    silence: float = 60.0,
    budget: SharedBudget | None = None,
) -> AsyncIterator[_Heard]:
    keeper = CcxtStreams(
        streams,
        venue.clock,
        budget or budget_on(venue.clock),
        base_url=venue.base_url,
        silence=timedelta(seconds=silence),
        life=timedelta(hours=FetcherSettings().stream_hours),
        first_pause=0.05,
        overlap=1.0,
    )
    heard = _Heard(keeper.want)
    keeper.want(topics)

    async def collect() -> None:
        while True:
            heard.extend(await keeper.heard())

    tasks = [asyncio.create_task(keeper.run()), asyncio.create_task(collect())]
    try:
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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

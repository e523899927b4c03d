"""Streams against the simulated venue's own WebSockets: bursts, silence, lost connections, bans."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from common.clock import SystemClock
from common.domain import SCANNED, Timeframe
from common.errors import VenueCoolingError
from exchange_sim.core.fault import Fault
from fetcher.adapters.binance_streams import BINANCE_STREAMS
from fetcher.adapters.bybit_streams import BYBIT_STREAMS
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.stream_client import StreamVenue
from fetcher.adapters.streams import CcxtStreams
from fetcher.core.streamed import Share, StreamedBar, Topic
from fetcher.handlers.budget import SharedBudget
from fetcher.settings import FetcherSettings
from fetcher.venues import reader_of
from standalone.adapters.ports import free_port
from tests.integration.fetcher.books import after_a_while, requests
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.support.venue import RunningVenue, running_venue


def nothing_is_said(_: Answered) -> None:
    """Handshakes that are refused say nothing of other requests."""


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


@pytest.mark.parametrize(
    ("streams", "status", "retry_after", "minutes"),
    [
        (BINANCE_STREAMS, 418, 300, 5),
        (BINANCE_STREAMS, 429, None, 1),
        (BINANCE_STREAMS, 451, None, 60),
        (BYBIT_STREAMS, 403, None, 10),
    ],
)
async def test_a_connection_that_is_refused_is_a_ban_of_all_requests(
    streams: StreamVenue, status: int, retry_after: int | None, minutes: int
) -> None:
    name, time_route, route = "binance", "/fapi/v1/time", "/market/ws"
    if streams is BYBIT_STREAMS:
        name, time_route, route = "bybit", "/v5/market/time", "/v5/public/linear"
    refusal = {"kind": "status", "route": route, "status": status, "retry_after": retry_after}
    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        budget = budget_on(venue.clock, venue=name)
        settings = FetcherSettings(venue=name, base_url=venue.base_url)
        reader = reader_of(settings, venue.clock, budget)
        venue.faults.order(Fault.model_validate(refusal | {"count": 1}))
        topics = {Topic("BTCUSDT", Timeframe.H1)}
        try:
            async with _heard(streams, venue, topics, budget=budget, heed=reader.heed):
                await eventually(lambda: budget.lacking() is not None, saying="it is obeyed")
                with pytest.raises(VenueCoolingError, match=f"HTTP {status}") as stop:
                    await reader.time()
                assert requests(venue, time_route) == 0
                assert stop.value.until == venue.now() + timedelta(minutes=minutes)

                venue.move_to(stop.value.until)
                await eventually(
                    lambda: venue.accounting.streams[name].subscriptions == 1, within=10
                )
                await reader.time()
        finally:
            await reader.close()


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
            nothing_is_said,
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
        nothing_is_said,
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


async def test_a_contract_that_comes_back_is_heard_though_its_connection_was_begun_without_it() -> (
    None
):
    async with running_venue(symbols=3, stream_seconds=0.2) as venue:
        symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
        topics = {Topic(symbol, timeframe) for symbol in symbols for timeframe in SCANNED}
        gone = Topic("SOLUSDT", Timeframe.D1)
        async with _heard(BYBIT_STREAMS, venue, topics) as heard:
            book = venue.accounting.streams["bybit"]
            await eventually(lambda: book.subscriptions == 9, saying="all are heard")
            heard.want(topics - {gone})
            venue.faults.order(Fault(kind="dropped", route="/v5/public/linear", count=1))
            await eventually(
                lambda: (book.connections, book.subscriptions) == (2, 8),
                within=10,
                saying="what is left is heard over a new connection",
            )
            heard.want(topics)

            await eventually(lambda: book.subscriptions == 9, saying="all are heard again")


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
    heed: Callable[[Answered], None] = nothing_is_said,
) -> AsyncIterator[_Heard]:
    keeper = CcxtStreams(
        streams,
        venue.clock,
        budget or budget_on(venue.clock),
        heed,
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

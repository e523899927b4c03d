"""The fetcher as a process over a real nats-server: killed in mid-scan, or back in the past."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest

from common.bus import Start
from common.bus.nats import NatsBus
from common.domain import CandleSet, Fact, ScanCompleted, ScanReply, ScanRequest, ScanStarted
from common.errors import ScannerError
from common.sections import BusSettings
from exchange_sim.core.faults import Fault
from standalone.adapters.nats_server import NatsServer
from tests.integration.fetcher.books import requests
from tests.support.eventually import eventually
from tests.support.processes import service
from tests.support.venue import RunningVenue, running_venue
from tests.unit.fetcher.harness import following, rejection_of

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

SYMBOLS = 12


@asynccontextmanager
async def connected(server: NatsServer) -> AsyncIterator[NatsBus]:
    bus = NatsBus(BusSettings(url=server.url))
    await bus.connect()
    try:
        yield bus
    finally:
        await bus.close()


def environment(server: NatsServer, venue: RunningVenue) -> dict[str, str]:
    return {
        "SCANNER_BUS__URL": server.url,
        "SCANNER_CLOCK__URL": f"{venue.base_url}/sim/clock",
        "SCANNER_FETCHER__BASE_URL": venue.base_url,
        "SCANNER_FETCHER__CONCURRENCY": "1",
        "SCANNER_UNIVERSE__MIN_QUOTE_VOLUME": "0.0",
        "SCANNER_UNIVERSE__MIN_AGE_DAYS": "0",
        "SCANNER_SCAN__RETRY_SECONDS": "0.2",
    }


async def kept(bus: NatsBus, kind: type[Fact]) -> list[Fact]:
    return [fact async for fact in bus.replay(kind)]


async def test_a_fetcher_killed_in_mid_scan_finishes_the_scan_and_completes_it_once(
    nats_server: NatsServer,
) -> None:
    async with running_venue(symbols=SYMBOLS) as venue, connected(nats_server) as bus:
        settings = environment(nats_server, venue)
        # Slow enough that the kill comes in the middle.
        venue.faults.order(Fault(kind="latency", seconds=0.05, route="/fapi/v1/klines"))

        async def plan() -> None:
            async for fact in bus.follow(CandleSet, start=Start.ALL):
                if isinstance(fact, CandleSet):
                    await bus.publish(rejection_of(fact))

        async def half_sent() -> bool:
            return len(await kept(bus, CandleSet)) >= SYMBOLS // 3

        async def completed() -> bool:
            return bool(await kept(bus, ScanCompleted))

        async with service("fetcher", settings) as killed:
            await eventually(half_sent, within=80, saying="a scan half sent")
            killed.kill()
            await killed.finished()
        assert not await kept(bus, ScanCompleted)
        before = len(await kept(bus, CandleSet))
        venue.faults.clear()
        venue.accounting.reset()
        async with following(plan), service("fetcher", settings) as again:
            await eventually(completed, within=80, saying="the scan's end")
            reply = await ask(bus)
            again.terminate()
            await again.finished()

        sets = [fact for fact in await kept(bus, CandleSet) if isinstance(fact, CandleSet)]
        (end,) = await kept(bus, ScanCompleted)
        assert isinstance(end, ScanCompleted)
        assert SYMBOLS // 3 <= before < SYMBOLS
        assert len(sets) == len({one.symbol for one in sets}) == SYMBOLS
        assert len(await kept(bus, ScanStarted)) == 1
        assert set(end.blocked) == {one.symbol for one in sets}
        assert not end.failures
        assert requests(venue) == (SYMBOLS - before) * 5
        assert reply == ScanReply(scan_id=end.scan_id, reused=True)


async def test_a_market_that_begins_anew_is_scanned_under_names_that_were_never_given(
    nats_server: NatsServer,
) -> None:
    ends: list[ScanCompleted] = []
    async with connected(nats_server) as bus:

        async def plan() -> None:
            async for fact in bus.follow(CandleSet):
                if isinstance(fact, CandleSet):
                    await bus.publish(rejection_of(fact))

        async def ended(count: int) -> bool:
            told = await kept(bus, ScanCompleted)
            ends[:] = [fact for fact in told if isinstance(fact, ScanCompleted)]
            return len(ends) == count

        for earlier in (0, 2):
            async with (
                running_venue(symbols=SYMBOLS) as venue,
                following(plan),
                service("fetcher", environment(nats_server, venue)) as fetcher,
            ):
                await eventually(partial(ended, earlier + 1), within=80, saying="a scan")
                venue.advance(timedelta(hours=4))
                await eventually(partial(ended, earlier + 2), within=80, saying="the next scan")
                fetcher.terminate()
                await fetcher.finished()

    first, second = (f"binance.20260310T{hour}0000Z.scheduled" for hour in ("08", "12"))
    assert [end.scan_id for end in ends] == [
        f"{first}.0", f"{second}.0", f"{first}.1", f"{second}.1"
    ]  # fmt: skip
    assert not any(end.failures for end in ends)


async def ask(bus: NatsBus) -> ScanReply:
    replies: list[ScanReply] = []

    async def answered() -> bool:
        try:
            reply = await bus.ask(ScanRequest(venue="binance"), target="binance")
        except ScannerError:
            return False
        replies.append(ScanReply.model_validate_json(reply.body))
        return True

    await eventually(answered, within=20, saying="an answer")
    return replies[0]

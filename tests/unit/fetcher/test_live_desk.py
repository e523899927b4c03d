"""Making ready for a close while something else works on the same windows."""

import asyncio
from datetime import timedelta
from typing import Any, cast

from common.clock import ManualClock
from common.domain import Timeframe
from common.errors import VenueUnavailableError
from common.machine import MachineReading, MachineSettings
from fetcher.core.parsing import milliseconds
from fetcher.core.streamed import StreamedBar, Topic
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.closes import Closes
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.live import LiveDesk
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.pace import Pace
from fetcher.settings import DerivativesSettings, ScanSettings, UniverseSettings
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import BARS, CLOSE, sourcing_of

UNTOUCHED = cast("Any", None)
"""A part that making ready has nothing to do with."""


def _desk(
    busy: asyncio.Lock,
    pace: Pace,
    *,
    clock: ManualClock | None = None,
    venue: FakeVenue | None = None,
    scan: ScanSettings | None = None,
    closes: Closes = UNTOUCHED,
) -> LiveDesk:
    clock = clock or ManualClock(CLOSE - timedelta(minutes=1))
    venue = venue or FakeVenue(clock)
    exchange_time, sourcing = ExchangeTime(clock, venue), sourcing_of(venue)
    windows = CandleWindows(
        sourcing, exchange_time, clock, bars=BARS, overlap=2, grace=timedelta(0)
    )
    return LiveDesk(
        streams=UNTOUCHED,
        closes=closes,
        minutes=UNTOUCHED,
        watched=UNTOUCHED,
        windows=windows,
        market=MarketDesk(venue, clock, UniverseSettings().rules()),
        derivatives=DerivativesDesk(
            venue, clock, windows, sourcing, venue="binance", rule=DerivativesSettings().rule()
        ),
        exchange_time=exchange_time,
        clock=clock,
        schedule=(scan or ScanSettings()).schedule(),
        pace=pace,
        lead=timedelta(seconds=90),
        mine=lambda _: True,
        busy=busy,
    )


async def test_what_waits_for_a_scan_holds_no_place_that_the_scan_needs() -> None:
    busy = asyncio.Lock()
    idle = MachineReading(memory_share=0.1, load_per_core=0.1)
    pace = Pace(places=1, machine=lambda: idle, limits=MachineSettings())
    await busy.acquire()
    making_ready = asyncio.create_task(_desk(busy, pace).make_ready())
    await asyncio.sleep(0)
    scanning = asyncio.create_task(busy.acquire())  # next in line: universe first, then this
    await asyncio.sleep(0)
    busy.release()
    await scanning

    async with asyncio.timeout(5), pace.place():
        assert not making_ready.done()

    busy.release()
    async with asyncio.timeout(5):
        await making_ready


async def test_a_scan_that_is_due_behind_its_close_is_made_ready_for_once() -> None:
    clock = ManualClock(CLOSE + timedelta(minutes=5))
    venue = FakeVenue(clock)
    venue.errors["listing"] = [VenueUnavailableError("down")] * 3
    idle = MachineReading(memory_share=0.1, load_per_core=0.1)
    pace = Pace(places=1, machine=lambda: idle, limits=MachineSettings())
    half_past = ScanSettings(cron="30 * * * *")
    desk = _desk(asyncio.Lock(), pace, clock=clock, venue=venue, scan=half_past)
    keeping = asyncio.create_task(desk.keep_ready())

    left = []
    for minutes in (5, 29, 29.5):
        clock.move_to(CLOSE + timedelta(minutes=minutes))
        for _ in range(50):
            await asyncio.sleep(0)
        left.append(len(venue.errors["listing"]))
    keeping.cancel()

    assert left == [3, 2, 2]


async def test_nobody_waits_for_a_candle_that_was_told_and_does_not_follow_what_is_held() -> None:
    clock = ManualClock(CLOSE)
    closes = Closes(clock, grace=timedelta(seconds=2), listening=lambda: True)
    idle = MachineReading(memory_share=0.1, load_per_core=0.1)
    pace = Pace(places=1, machine=lambda: idle, limits=MachineSettings())
    desk = _desk(asyncio.Lock(), pace, clock=clock, closes=closes)
    closing = (Timeframe.H1, Timeframe.H4)
    desk.take(
        [
            StreamedBar(
                Topic("BTCUSDT", timeframe),
                [milliseconds(CLOSE - timeframe.duration), "100", "102", "98", "101", "12.5"],
            )
            for timeframe in closing
        ]
    )

    async with asyncio.timeout(1):
        await closes.all_in("BTCUSDT", CLOSE)
    assert desk._gaps.qsize() == 2  # and what is missing is read all the same

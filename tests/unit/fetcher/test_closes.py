"""What has been heard of a close, and who waits for the rest of it."""

import asyncio
from datetime import timedelta

import pytest

from common.clock import ManualClock
from common.domain import Timeframe
from fetcher.handlers.closes import Closes
from tests.unit.fetcher.harness import CLOSE

SECOND = timedelta(seconds=1)
MIDNIGHT = CLOSE.replace(hour=0)


def closes(clock: ManualClock, *, listening: bool = True, grace: float = 2.0) -> Closes:
    return Closes(clock, grace=timedelta(seconds=grace), listening=lambda: listening)


async def test_a_contract_is_complete_when_all_that_close_now_are_in() -> None:
    known = closes(ManualClock(CLOSE))
    waiting = asyncio.create_task(known.all_in("BTCUSDT", CLOSE))
    known.note("BTCUSDT", Timeframe.H1, CLOSE)
    known.note("ETHUSDT", Timeframe.H4, CLOSE)
    await asyncio.sleep(0)
    open_yet = not waiting.done()
    known.note("BTCUSDT", Timeframe.H4, CLOSE)  # 1d closes at midnight only

    await waiting
    assert open_yet


async def test_a_day_must_be_in_at_midnight() -> None:
    clock = ManualClock(MIDNIGHT)
    known = closes(clock)
    for timeframe in (Timeframe.H1, Timeframe.H4):
        known.note("BTCUSDT", timeframe, MIDNIGHT)
    waiting = asyncio.create_task(known.all_in("BTCUSDT", MIDNIGHT))
    await asyncio.sleep(0)
    open_yet = not waiting.done()
    known.note("BTCUSDT", Timeframe.D1, MIDNIGHT)

    await waiting
    assert open_yet


async def test_the_wait_ends_with_the_grace() -> None:
    clock = ManualClock(CLOSE)
    known = closes(clock)
    waiting = asyncio.create_task(known.all_in("BTCUSDT", CLOSE))
    await asyncio.sleep(0)
    clock.advance(2 * SECOND)

    await asyncio.wait_for(waiting, 1)


async def test_a_clock_that_stands_still_does_not_hold_a_scan_up() -> None:
    await asyncio.wait_for(closes(ManualClock(CLOSE), grace=0.05).all_in("BTCUSDT", CLOSE), 5)


@pytest.mark.parametrize("late", [0, 3])
async def test_nobody_waits_where_nothing_is_heard_or_all_is_late(late: int) -> None:
    known = closes(ManualClock(CLOSE + late * SECOND), listening=late > 0)

    await asyncio.wait_for(known.all_in("BTCUSDT", CLOSE), 0.5)


async def test_a_close_that_is_heard_is_due_without_delay() -> None:
    known = closes(ManualClock(CLOSE))
    delay = 5 * SECOND

    assert known.reached(CLOSE, delay) == CLOSE
    assert not known.heard(CLOSE)
    known.note("BTCUSDT", Timeframe.H4, CLOSE)
    assert known.heard(CLOSE)
    assert known.reached(CLOSE, delay) == CLOSE + delay
    assert known.reached(CLOSE + 9 * SECOND, delay) == CLOSE + 9 * SECOND


async def test_an_older_close_told_late_changes_nothing() -> None:
    known = closes(ManualClock(CLOSE))
    known.note("BTCUSDT", Timeframe.H1, CLOSE)
    known.note("BTCUSDT", Timeframe.H1, CLOSE - timedelta(hours=1))

    assert known.newest == CLOSE


async def test_whoever_sleeps_until_the_next_scan_is_woken_by_a_close() -> None:
    clock = ManualClock(CLOSE - SECOND)
    known = closes(clock)
    sleeping = asyncio.create_task(known.before(CLOSE + 5 * SECOND))
    await asyncio.sleep(0)
    known.note("BTCUSDT", Timeframe.H4, CLOSE)

    await asyncio.wait_for(sleeping, 1)


async def test_whoever_sleeps_wakes_in_time_without_one() -> None:
    clock = ManualClock(CLOSE)
    sleeping = asyncio.create_task(closes(clock).before(CLOSE + SECOND))
    await asyncio.sleep(0)
    clock.advance(SECOND)

    await asyncio.wait_for(sleeping, 1)

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from common.domain import Timeframe
from common.errors import (
    VenueCoolingError,
    VenueForbiddenError,
    VenueRefusedError,
    VenueUnavailableError,
)
from exchange_sim.core.faults import Fault
from fetcher.adapters.binance import BinanceReader
from fetcher.core.parsing import milliseconds, parse_candles
from fetcher.core.windows import Span
from tests.integration.fetcher.books import KLINES, after_a_while, books, requests, weight
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

HOUR = Timeframe.H1.milliseconds


@asynccontextmanager
async def reading(
    *, weight_share: float = 0.75, **changes: Any
) -> AsyncIterator[tuple[RunningVenue, BinanceReader]]:
    settings: dict[str, Any] = {
        "timeout": timedelta(seconds=5),
        "attempts": 3,
        "retry_wait": timedelta(seconds=0.01),
    }
    async with running_venue(symbols=5) as venue:
        budget = budget_on(venue.clock, weight_share=weight_share)
        reader = BinanceReader(venue.clock, budget, base_url=venue.base_url, **(settings | changes))
        try:
            yield venue, reader
        finally:
            await reader.close()


def span(bars: int) -> Span:
    return Span(milliseconds(A_CLOSE) - bars * HOUR, milliseconds(A_CLOSE))


async def test_a_window_is_read_in_the_venues_cheapest_pages() -> None:
    async with reading() as (venue, reader):
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(998))
        parsed = parse_candles(rows, Timeframe.H1, exchange_time=await reader.time())

    assert parsed.frame.height == 998
    assert not parsed.faults
    assert requests(venue) == 2
    assert weight(venue) == 4


async def test_everything_a_scan_needs_is_read() -> None:
    async with reading() as (_, reader):
        listing = await reader.listing()
        turnovers, spreads = await reader.turnovers(), await reader.spreads()
        premiums = await reader.premiums()
        interest = await reader.open_interest("BTCUSDT")
        history = await reader.open_interest_history("BTCUSDT")
        ratio = await reader.account_ratio("BTCUSDT")

    symbols = {one.instrument.symbol for one in listing.contracts}
    assert listing.simulated
    assert listing.weight_per_minute == 2400
    assert "BTCUSDT" in symbols & turnovers.keys() & spreads.keys() & premiums.keys()
    assert premiums["BTCUSDT"].mark_price is not None
    assert premiums["BTCUSDT"].funding_interval_hours == 8.0
    assert interest is not None
    assert history is not None
    assert ratio is not None
    assert interest.amount > 0
    assert len(history) == 26
    assert all(point.price for point in history)
    assert 0 < ratio.long_share < 1


async def test_intervals_of_funding_are_read_by_a_reader_older_than_the_venues_time() -> None:
    async with reading() as (venue, reader):
        venue.move_to(venue.now() - timedelta(hours=3))
        premium = (await reader.premiums())["BTCUSDT"]

    assert premium.funding_interval_hours is not None


async def test_marks_and_rates_are_told_while_the_intervals_of_funding_are_not() -> None:
    async with reading() as (venue, reader):
        venue.faults.order(Fault(kind="status", status=503, route="/fapi/v1/fundingInfo"))
        without = (await reader.premiums())["BTCUSDT"]
        venue.faults.clear()
        venue.move_to(venue.now() + timedelta(minutes=6))
        again = (await reader.premiums())["BTCUSDT"]
        venue.faults.order(Fault(kind="status", status=503, route="/fapi/v1/fundingInfo"))
        venue.move_to(venue.now() + timedelta(hours=2))
        kept = (await reader.premiums())["BTCUSDT"]

    assert without.mark_price is not None
    assert without.funding_rate is not None
    assert without.funding_interval_hours is None
    assert again.funding_interval_hours is not None
    assert kept.funding_interval_hours == again.funding_interval_hours


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="html", route=KLINES),
        Fault(kind="truncated", route=KLINES),
        Fault(kind="status", status=500, route=KLINES),
        Fault(kind="status", status=502, route=KLINES),
        Fault(kind="status", status=503, route=KLINES),
        Fault(kind="status", status=408, route=KLINES),
        Fault(kind="reset", route=KLINES),
        Fault(kind="timeout", route=KLINES),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status}",
)
async def test_an_answer_that_may_pass_is_asked_for_again_and_no_more(fault: Fault) -> None:
    async with reading(timeout=timedelta(seconds=0.4)) as (venue, reader):
        venue.faults.order(fault)
        with pytest.raises(VenueUnavailableError):
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        struck = venue.accounting.faults
        venue.faults.clear()
        venue.faults.order(fault.model_copy(update={"count": 2 if fault.kind != "reset" else 4}))
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(10))

    # aiohttp sends a request once more by itself when a kept connection is dropped under it.
    assert struck == (6 if fault.kind == "reset" else 3)
    assert len(rows) == 10


async def test_a_null_row_reaches_the_parser_and_goes_no_further() -> None:
    async with reading() as (venue, reader):
        venue.faults.order(Fault(kind="null_rows", route=KLINES, count=1))
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        parsed = parse_candles(rows, Timeframe.H1, exchange_time=venue.now())

    assert parsed.frame.height == 9
    assert parsed.faults == {"malformed": 1}


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        (Fault(kind="status", status=429, retry_after=7, count=1), 7),
        (Fault(kind="status", status=418, retry_after=120, count=1), 120),
        (Fault(kind="status", status=429, count=1), 60),
        (Fault(kind="status", status=403, count=1), 60),
    ],
)
async def test_a_venue_that_tells_us_to_stay_away_hears_nothing_until_then(
    fault: Fault, pause: int
) -> None:
    async with reading() as (venue, reader):
        venue.faults.order(fault)
        with pytest.raises(VenueCoolingError) as told:
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        after = books(venue)["requests"]
        for _ in range(5):
            with pytest.raises(VenueCoolingError):
                await reader.premiums()
        venue.advance(timedelta(seconds=pause - 1))
        with pytest.raises(VenueCoolingError):
            await reader.time()
        silent = books(venue)["requests"]
        venue.advance(timedelta(seconds=1))
        await reader.time()

    assert told.value.until == A_CLOSE + timedelta(minutes=1, seconds=pause)
    assert after == silent == 1


async def test_a_refused_location_is_asked_again_only_after_a_long_time() -> None:
    async with reading() as (venue, reader):
        venue.faults.order(Fault(kind="status", status=451, count=2))
        with pytest.raises(VenueForbiddenError, match="refuses this location") as refused:
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        for minutes in (0, 59):
            venue.advance(timedelta(minutes=minutes))
            with pytest.raises(VenueForbiddenError):
                await reader.time()
        silent = books(venue)["requests"]
        venue.advance(timedelta(minutes=1))
        with pytest.raises(VenueForbiddenError):
            await reader.time()
        venue.advance(timedelta(hours=1))
        await reader.time()

    assert refused.value.until == A_CLOSE + timedelta(minutes=61)
    assert silent == 1
    assert books(venue)["requests"] == 3


async def test_an_unknown_symbol_is_not_asked_for_again() -> None:
    async with reading() as (venue, reader):
        with pytest.raises(VenueRefusedError, match="Invalid symbol"):
            await reader.candles("NOPEUSDT", Timeframe.H1, span(10))

    assert requests(venue) == 1


async def test_while_a_venue_fails_everybody_requests_are_not_multiplied() -> None:
    async with reading(attempts=4) as (venue, reader):
        venue.faults.order(Fault(kind="status", status=503, route=KLINES))
        for _ in range(60):
            with pytest.raises(VenueUnavailableError):
                await reader.candles("BTCUSDT", Timeframe.H1, span(10))

    assert 60 < requests(venue) <= 60 + 20


async def test_after_a_ban_one_request_goes_ahead_and_the_others_wait_for_its_answer() -> None:
    async with reading() as (venue, reader):
        venue.faults.order(Fault(kind="status", status=418, retry_after=10, count=2))
        with pytest.raises(VenueCoolingError):
            await reader.time()
        venue.advance(timedelta(seconds=10))
        answers = await asyncio.gather(*(reader.time() for _ in range(9)), return_exceptions=True)
        probed = books(venue)["requests"]
        venue.advance(timedelta(seconds=10))
        await asyncio.gather(*(reader.time() for _ in range(9)))

    assert all(isinstance(answer, VenueCoolingError) for answer in answers)
    assert probed == 2
    assert books(venue)["while_told_to_wait"] == 0


async def test_the_weight_of_each_minute_stays_within_our_share() -> None:
    async with reading(weight_share=0.02) as (venue, reader):  # 48 of 2400: 24 pages of 400
        reads = asyncio.gather(
            *(reader.candles("BTCUSDT", Timeframe.H1, span(400)) for _ in range(60))
        )
        seen = []
        for minute in (1, 2):
            await eventually(partial(_has_heard, venue, 24 * minute))
            await after_a_while(venue)
            seen.append(requests(venue))
            venue.advance(timedelta(minutes=1))
        await reads

    assert seen == [24, 48]
    assert books(venue)["weight_peak_minute"] == 48
    assert books(venue)["too_many_requests"] == 0


async def test_open_interest_has_a_share_of_its_own_that_nobody_waits_for() -> None:
    async with reading(weight_share=0.02) as (venue, reader):  # 48 of 2400, 9 of them for it
        told = [await reader.open_interest("BTCUSDT") for _ in range(20)]
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(400))
        venue.advance(timedelta(minutes=1))
        later = await reader.open_interest("BTCUSDT")

    assert [point is not None for point in told] == [True] * 9 + [False] * 11
    assert len(rows) == 400
    assert later is not None


async def test_statistics_stay_within_their_own_pools() -> None:
    async with reading(weight_share=0.01) as (venue, reader):  # 10 of 1000 in five minutes
        ratios = [await reader.account_ratio("BTCUSDT") for _ in range(12)]
        histories = [await reader.open_interest_history("BTCUSDT") for _ in range(12)]

    assert [ratio is not None for ratio in ratios] == [True] * 10 + [False] * 2
    assert [history is not None for history in histories] == [True] * 10 + [False] * 2
    assert weight(venue) == 0


async def test_what_others_at_this_address_have_used_counts_too() -> None:
    async with reading(weight_share=0.5) as (venue, reader), reading_again(venue) as other:
        for _ in range(30):
            await other.turnovers()  # 1200, the whole of our share
        await reader.time()
        waiting = asyncio.create_task(reader.time())
        await after_a_while(venue)
        asked = requests(venue, "/fapi/v1/time")
        venue.advance(timedelta(seconds=60))
        await eventually(waiting.done)

    assert asked == 1


def _has_heard(venue: RunningVenue, count: int) -> bool:
    return requests(venue) >= count


@asynccontextmanager
async def reading_again(venue: RunningVenue) -> AsyncIterator[BinanceReader]:
    budget = budget_on(venue.clock, weight_share=1.0)
    reader = BinanceReader(venue.clock, budget, base_url=venue.base_url)
    try:
        yield reader
    finally:
        await reader.close()

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from common.domain import CandleSet, ExclusionRule, Timeframe
from common.errors import (
    VenueCoolingError,
    VenueForbiddenError,
    VenueRefusedError,
    VenueUnavailableError,
)
from exchange_sim.core.faults import Fault
from fetcher.adapters.binance import BinanceReader
from fetcher.adapters.bybit import BybitReader
from fetcher.adapters.ccxt_client import Answered
from fetcher.core.listings import announced_ends
from fetcher.core.parsing import milliseconds, parse_candles
from fetcher.core.windows import Span
from fetcher.handlers.market import MarketDesk
from fetcher.settings import UniverseSettings
from tests.integration.fetcher.books import after_a_while, books, requests
from tests.integration.fetcher.surroundings import ALONE, Surroundings
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

KLINE = "/v5/market/kline"
TICKERS = "/v5/market/tickers"
INTEREST = "/v5/market/open-interest"
HOUR = Timeframe.H1.milliseconds
NOW = A_CLOSE + timedelta(minutes=1)


@asynccontextmanager
async def reading(
    *, weight_share: float = 0.75, **changes: Any
) -> AsyncIterator[tuple[RunningVenue, BybitReader]]:
    settings: dict[str, Any] = {
        "timeout": timedelta(seconds=5),
        "attempts": 3,
        "retry_wait": timedelta(seconds=0.01),
    }
    async with running_venue(symbols=5) as venue:
        budget = budget_on(venue.clock, venue="bybit", weight_share=weight_share)
        reader = BybitReader(venue.clock, budget, base_url=venue.base_url, **(settings | changes))
        try:
            yield venue, reader
        finally:
            await reader.close()


def span(bars: int) -> Span:
    return Span(milliseconds(A_CLOSE) - bars * HOUR, milliseconds(A_CLOSE))


async def test_a_window_is_read_in_as_few_visits_as_can_be() -> None:
    async with reading() as (venue, reader):
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(998))
        one_visit = requests(venue, KLINE)
        long_rows = await reader.candles("BTCUSDT", Timeframe.H1, span(1500))
        parsed = parse_candles(rows, Timeframe.H1, exchange_time=await reader.time())
        long_parsed = parse_candles(long_rows, Timeframe.H1, exchange_time=venue.now())

    assert one_visit == 1
    assert requests(venue, KLINE) == 3
    assert (parsed.frame.height, long_parsed.frame.height) == (998, 1500)
    assert not {**parsed.faults, **long_parsed.faults}
    assert long_parsed.frame.tail(998).equals(parsed.frame)


async def test_one_answer_tells_funding_turnover_spreads_and_everybodys_open_interest() -> None:
    async with reading() as (venue, reader):
        turnovers, spreads = await reader.turnovers(), await reader.spreads()
        premiums = await reader.premiums()
        points = {symbol: await reader.open_interest(symbol) for symbol in premiums}
        asked = requests(venue, TICKERS)
        history = await reader.open_interest_history("BTCUSDT")
        ratio = await reader.account_ratio("BTCUSDT")
        venue.advance(timedelta(minutes=5))
        later = await reader.open_interest("BTCUSDT")

    assert asked == 2  # once for the market, once for the marks
    assert requests(venue, TICKERS) == 3
    assert "BTCUSDT" in turnovers.keys() & spreads.keys() & points.keys()
    assert premiums["BTCUSDT"].mark_price is not None
    assert premiums["BTCUSDT"].funding_interval_hours == 8.0
    assert later.at - points["BTCUSDT"].at == timedelta(minutes=5)
    assert ratio is not None
    assert 0 < ratio.long_share < 1
    assert history is not None
    assert len(history) == 26
    assert 0.5 < history[-1].amount / points["BTCUSDT"].amount < 2


async def test_statistics_have_a_share_of_their_own_that_nobody_waits_for() -> None:
    async with reading(weight_share=0.1) as (venue, reader):  # 30 visits in five seconds, 12 so
        told = [
            await (reader.account_ratio if turn % 2 else reader.open_interest_history)("BTCUSDT")
            for turn in range(14)
        ]
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(400))
        venue.advance(timedelta(seconds=5))
        later = await reader.account_ratio("BTCUSDT")

    assert [one is not None for one in told] == [True] * 12 + [False] * 2
    assert len(rows) == 400
    assert later is not None


async def test_every_listed_contract_is_scanned_or_has_a_reason() -> None:
    async with running_venue(symbols=60) as venue:
        budget = budget_on(venue.clock, venue="bybit")
        reader = BybitReader(venue.clock, budget, base_url=venue.base_url)
        universe = await MarketDesk(reader, venue.clock, UniverseSettings().rules()).read()
        await reader.close()

    reasons = " ".join(one.reason for one in universe.excluded.values())
    assert universe.simulated
    assert all(one.simulated and one.venue == "bybit" for one in universe.members)
    assert len(universe.members) + len(universe.excluded) == len(universe.listed)
    for word in ("be a perpetual", "was stock", "was commodity", "trade freely", "settled in USDT"):
        assert word in reasons


@pytest.mark.parametrize(("kind", "route"), [(BinanceReader, "/fapi/*"), (BybitReader, "/v5/*")])
async def test_a_contract_whose_end_is_announced_is_left_out_before_it_ends(
    kind: type[BinanceReader] | type[BybitReader], route: str
) -> None:
    async with running_venue(symbols=5) as venue:
        ends = venue.now().replace(minute=0) + timedelta(days=3)
        venue.faults.order(Fault(kind="delisted", symbol="SOLUSDT", at=ends, route=route))
        reader = kind(venue.clock, budget_on(venue.clock), base_url=venue.base_url)
        universe = await MarketDesk(reader, venue.clock, UniverseSettings().rules()).read()
        await reader.close()

    [end] = announced_ends(universe, now=venue.now())
    assert (end.symbol, end.ends_at) == ("SOLUSDT", ends)
    assert universe.excluded["SOLUSDT"].rule is ExclusionRule.DELISTING


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="html", route=KLINE),
        Fault(kind="truncated", route=KLINE),
        Fault(kind="status", status=502, route=KLINE),
        Fault(kind="code", code=10016, route=KLINE),
        Fault(kind="code", code=10000, route=KLINE),
        Fault(kind="code", code=10429, route=KLINE),
        Fault(kind="timeout", route=KLINE),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status} {fault.code}",
)
async def test_an_answer_that_may_pass_is_asked_for_again_and_no_more(fault: Fault) -> None:
    async with reading(timeout=timedelta(seconds=0.4)) as (venue, reader):
        venue.faults.order(fault)
        with pytest.raises(VenueUnavailableError):
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        struck = venue.accounting.faults
        venue.faults.clear()
        venue.faults.order(fault.model_copy(update={"count": 2}))
        rows = await reader.candles("BTCUSDT", Timeframe.H1, span(10))

    assert struck == 3
    assert len(rows) == 10


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        (Fault(kind="ban", seconds=600, count=1), 600),
        (Fault(kind="code", code=10006, seconds=7, count=1), 7),
        (Fault(kind="status", status=429, count=1), 60),
        (Fault(kind="status", status=429, retry_after=20, count=1), 20),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else None,
)
async def test_a_venue_that_tells_us_to_stay_away_hears_nothing_until_then(
    fault: Fault, pause: int
) -> None:
    async with reading() as (venue, reader):
        venue.faults.order(fault)
        with pytest.raises(VenueCoolingError) as told:
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        for _ in range(5):
            with pytest.raises(VenueCoolingError):
                await reader.premiums()
        venue.advance(timedelta(seconds=pause - 1))
        with pytest.raises(VenueCoolingError):
            await reader.time()
        silent = books(venue)["requests"]
        venue.advance(timedelta(seconds=1))
        await reader.time()

    assert told.value.until == NOW + timedelta(seconds=pause)
    assert silent == 1
    assert books(venue)["while_banned"] == 0


@pytest.mark.parametrize("status", [403, 451])
async def test_a_refused_location_is_no_ban_and_is_not_asked_for_again(status: Any) -> None:
    async with reading() as (venue, reader):
        venue.faults.order(Fault(kind="status", status=status, route=KLINE))
        with pytest.raises(VenueForbiddenError, match="refuses this location") as refused:
            await reader.candles("BTCUSDT", Timeframe.H1, span(10))
        with pytest.raises(VenueForbiddenError):
            await reader.time()

    assert books(venue)["requests"] == 1
    assert refused.value.until == NOW + timedelta(hours=1)


async def test_when_bybit_says_that_few_visits_are_left_none_leaves_until_its_reset() -> None:
    async with reading() as (venue, reader):
        told = {"x-bapi-limit-status": "3", "x-bapi-limit": "120"}
        reset = NOW + timedelta(seconds=4)
        headers = told | {"x-bapi-limit-reset-timestamp": str(milliseconds(reset))}
        await reader.time()
        reader.heed(Answered(status=200, headers=headers, url="", body="{}", told={}))
        waiting = asyncio.create_task(reader.time())
        await after_a_while(venue)
        silent = books(venue)["requests"]
        venue.advance(timedelta(seconds=4))
        await waiting

    assert silent == 1
    assert books(venue)["requests"] == 2


async def test_an_unknown_symbol_is_refused_once() -> None:
    async with reading() as (venue, reader):
        with pytest.raises(VenueRefusedError, match="Not supported symbols"):
            await reader.candles("NOPEUSDT", Timeframe.H1, span(10))

    assert requests(venue, KLINE) == 1


async def test_a_scan_reads_each_window_in_one_visit_and_the_next_only_what_closed() -> None:
    async with running_venue(symbols=6) as venue:
        around = Surroundings(venue, name="bybit")
        async with around.planner(), around.fetcher():
            first = await around.completed()
            filled = requests(venue, KLINE)
            venue.accounting.reset()
            venue.move_to(NOW + timedelta(hours=4))
            second = await around.completed(2)

    sets = await around.sent(first.scan_id)
    count = len(sets)
    assert first.venue == "bybit"
    assert first.simulated
    assert first.universe == count > 3
    assert not first.failures
    assert not second.failures
    assert filled == count * 3
    assert requests(venue, KLINE) == count
    assert requests(venue, INTEREST) == count
    assert all(_is_whole(one) for one in sets.values())


async def test_a_ban_in_mid_scan_is_obeyed_and_the_scan_goes_on_by_itself() -> None:
    async with running_venue(symbols=5) as venue:
        around = Surroundings(venue, name="bybit", tables=ALONE)
        venue.faults.order(Fault(kind="ban", seconds=600, route=KLINE, count=1))
        async with around.planner(), around.fetcher(fetcher={"concurrency": 1}):
            await eventually(lambda: venue.accounting.faults == 1, within=20)
            await after_a_while(venue)  # the ban has been read before time moves on
            banned = books(venue)["requests"]
            venue.advance(timedelta(seconds=599))
            await after_a_while(venue)
            silent = books(venue)["requests"]
            venue.advance(timedelta(seconds=1))
            completed = await around.completed()

    assert banned == silent
    assert books(venue)["while_banned"] == 0
    assert not completed.failures


def _is_whole(one: CandleSet) -> bool:
    assert one.derivatives is not None
    assert one.derivatives.open_interest_change_24h is not None
    heights = {timeframe: frame.height for timeframe, frame in one.frames.items()}
    return one.quality.score == 1.0 and heights == {
        Timeframe.D1: 499,
        Timeframe.H4: 998,
        Timeframe.H1: 998,
    }


async def test_tickers_are_read_anew_when_the_clock_was_set_back() -> None:
    async with reading() as (venue, reader):
        await reader.turnovers()
        venue.move_to(venue.now() - timedelta(hours=3))
        asked = requests(venue, "/v5/market/tickers")
        await reader.spreads()
        await reader.open_interest("BTCUSDT")

        assert requests(venue, "/v5/market/tickers") == asked + 1

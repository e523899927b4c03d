"""Several fetchers of one venue: each contract is read once, and a scan stays one scan."""

from datetime import timedelta

from common.domain import Timeframe
from fetcher.core.partition import Partition
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.sharing import Sharing
from fetcher.settings import FetcherSettings
from tests.integration.fetcher.books import requests
from tests.integration.fetcher.surroundings import Surroundings
from tests.support import facts
from tests.support.venue import A_CLOSE, running_venue
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import sourcing_of


async def test_two_fetchers_read_each_contract_once_and_complete_one_scan() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with (
            around.planner(),
            around.fetcher(fetcher={"partition": "2/2"}),
            around.fetcher(fetcher={"partition": "1/2"}),
        ):
            first = await around.completed()
            await around.force()
            second = await around.completed(2)

    assert first.universe == second.universe == 8
    assert not first.failures
    assert not second.failures
    assert requests(venue) == 8 * 5
    for scan in (first, second):
        assert len(await around.sent(scan.scan_id)) == 8


async def test_what_an_absent_fetcher_leaves_is_read_by_the_first() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with (
            around.planner(),
            around.fetcher(fetcher={"partition": "1/2", "cover_seconds": 0.2}),
        ):
            completed = await around.completed()

    assert completed.universe == len(await around.sent(completed.scan_id)) == 8
    assert not completed.failures


async def test_a_fetcher_that_comes_late_helps_with_the_scan_that_runs() -> None:
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with (
            around.planner(),
            around.fetcher(fetcher={"partition": "1/2"}),
            around.fetcher(fetcher={"partition": "2/2"}),
        ):
            completed = await around.completed()

    assert completed.universe == 8
    assert not completed.failures


async def test_nobody_helps_with_a_scan_that_another_run_of_the_market_has_completed() -> None:
    later = A_CLOSE + timedelta(hours=4)
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        symbols = [f"{base}USDT" for base in ("BTC", "ETH", "SOL", "XRP", "DOGE")]
        await around.bus.publish(facts.scan_started(symbols, as_of=later))
        await around.bus.publish(facts.scan_completed(as_of=later))
        async with (
            around.planner(),
            around.fetcher(fetcher={"partition": "2/2"}),
            around.fetcher(fetcher={"partition": "1/2"}),
        ):
            completed = await around.completed(2)

    assert completed.as_of == A_CLOSE
    assert not await around.sent(facts.scan_of(later))


async def test_the_first_takes_over_the_windows_that_others_have_told() -> None:
    first = Partition(number=1, of=2)
    async with running_venue(symbols=8) as venue:
        around = Surroundings(venue)
        async with around.planner(), around.fetcher():
            sets = await around.sent((await around.completed()).scan_id)
        reader = FakeVenue(venue.clock)
        windows = CandleWindows(
            sourcing_of(reader),
            ExchangeTime(venue.clock, reader),
            venue.clock,
            bars=FetcherSettings().bars,
            overlap=3,
            grace=timedelta(0),
        )
        sharing = Sharing(
            around.bus, windows, first, venue=around.name, patience=timedelta(seconds=1)
        )

        await sharing.take_over(sets.keys())

    held = {symbol: windows.held(symbol, Timeframe.H1, A_CLOSE).height for symbol in sets}
    assert held == {symbol: 0 if first.has(symbol) else 998 for symbol in sets}

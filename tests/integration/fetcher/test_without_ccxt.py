"""ccxt failing alone: whatever a scan needs is asked over aiohttp, once, out of the same budget."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from common.domain import Timeframe
from common.errors import VenueCoolingError, VenueRefusedError
from exchange_sim.core.fault import Fault
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from fetcher.settings import FetcherSettings
from fetcher.venues import Reader, reader_of
from standalone.adapters.ports import free_port
from tests.integration.fetcher.books import books, requests
from tests.support.budgets import budget_on
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

VENUES = ("binance", "bybit")
DAY = Span(milliseconds(A_CLOSE - timedelta(days=1)), milliseconds(A_CLOSE))
TIME = {"binance": "/fapi/v1/time", "bybit": "/v5/market/time"}
KLINES = {"binance": "/fapi/v1/klines", "bybit": "/v5/market/kline"}
LIMIT = {"binance": -1003, "bybit": 10006}


def _moved(ccxt: Any) -> None:
    """It asks an address where nobody is."""
    for api in ("fapiPublic", "fapiData", "public"):
        ccxt.urls["api"][api] = f"http://127.0.0.1:{free_port()}"


def _renamed(ccxt: Any) -> None:
    """It does not know any more what the venue calls its routes."""
    for api in ("fapiPublic", "fapiData", "public"):
        ccxt.urls["api"].pop(api, None)


def _misread(ccxt: Any) -> None:
    """Its own parts do not fit together."""
    ccxt.parse_json = None


def _reader(venue: RunningVenue, name: str) -> Reader:
    settings = FetcherSettings(venue=name, base_url=venue.base_url, retry_wait_seconds=0.01)
    return reader_of(settings, venue.clock, budget_on(venue.clock, venue=name))


async def _everything(reader: Reader) -> list[object]:
    rows = await reader.candles("BTCUSDT", Timeframe.H1, DAY)
    return [
        [[float(str(field)) for field in row[:6]] for row in rows if isinstance(row, list)],
        await reader.time(),
        await reader.listing(),
        await reader.turnovers(),
        await reader.spreads(),
        await reader.premiums(),
        await reader.open_interest("BTCUSDT"),
        await reader.open_interest_history("BTCUSDT"),
        await reader.account_ratio("BTCUSDT"),
    ]


@pytest.mark.parametrize("fail", [_moved, _renamed, _misread])
@pytest.mark.parametrize("name", VENUES)
async def test_everything_is_asked_in_the_plain_way_and_once(
    name: str, fail: Callable[[Any], None]
) -> None:
    async with running_venue(symbols=3) as venue:
        usual, broken = _reader(venue, name), _reader(venue, name)
        try:
            expected = await _everything(usual)
            asked = books(venue)["venues"][name]["requests"]
            fail(broken._ways._ccxt)
            answers = await _everything(broken)
            twice = books(venue)["venues"][name]["requests"] - 2 * asked
        finally:
            await usual.close()
            await broken.close()

    assert answers == expected
    assert twice <= 3  # what ccxt could send, and not read, before it was left alone


@pytest.mark.parametrize("name", VENUES)
async def test_what_the_venue_says_is_obeyed_in_the_plain_way_too(name: str) -> None:
    async with running_venue(symbols=3) as venue:
        reader = _reader(venue, name)
        _moved(reader._ways._ccxt)
        try:
            await reader.time()
            with pytest.raises(VenueRefusedError):
                await reader.candles("NOWHEREUSDT", Timeframe.H1, DAY)
            venue.faults.order(Fault(kind="code", route=KLINES[name], code=LIMIT[name], count=1))
            with pytest.raises(VenueCoolingError):
                await reader.candles("BTCUSDT", Timeframe.H1, DAY)
            asked = requests(venue, TIME[name])
            with pytest.raises(VenueCoolingError):
                await reader.time()
            assert requests(venue, TIME[name]) == asked
        finally:
            await reader.close()


async def test_ccxt_is_not_blamed_for_what_the_venue_answers() -> None:
    async with running_venue(symbols=3) as venue:
        reader = _reader(venue, "binance")
        venue.faults.order(Fault(kind="status", route=TIME["binance"], status=503, count=12))
        try:
            for _ in range(3):
                with pytest.raises(Exception, match="HTTP 503"):
                    await reader.time()
            assert reader._ways._standing.may_ask(0.0)
        finally:
            await reader.close()

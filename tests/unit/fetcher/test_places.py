"""Another venue that stands in, and how often it is asked what it lists."""

import asyncio
from datetime import timedelta

from typing_extensions import override

from common.clock import ManualClock
from common.domain import Timeframe
from common.errors import VenueUnavailableError
from fetcher.core.contracts import Listing
from fetcher.core.windows import whole_span
from fetcher.handlers.places import OtherVenue
from tests.support.facts import instrument
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import CLOSE

H1 = Timeframe.H1
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


class SlowVenue(FakeVenue):
    """A venue whose listing takes its time."""

    @override
    async def listing(self) -> Listing:
        """Answer when everybody waits."""
        await asyncio.sleep(0.01)
        return await super().listing()


async def test_a_silent_venue_is_asked_once_for_all_who_wait_and_anew_by_who_comes_later() -> None:
    clock = ManualClock(CLOSE)
    venue = SlowVenue(clock)
    venue.errors["listing"] = [VenueUnavailableError("bybit cannot be reached")] * 3
    other = OtherVenue("bybit", lambda: venue, clock)
    span = whole_span(H1, CLOSE, bars=3, listed_since=None)

    async def read(symbol: str) -> str | int:
        try:
            return len(await other.candles(instrument(symbol), H1, span))
        except VenueUnavailableError as error:
            return str(error)

    together = await asyncio.gather(*map(read, SYMBOLS))
    asked = 3 - len(venue.errors["listing"])
    venue.errors.clear()

    assert asked == 1
    assert set(together) == {"bybit cannot be reached"}
    assert await read("BTCUSDT") == 3


async def test_a_listing_read_by_a_clock_that_was_ahead_is_read_again() -> None:
    clock = ManualClock(CLOSE + timedelta(hours=3 * 24))
    venue = FakeVenue(clock)
    other = OtherVenue("bybit", lambda: venue, clock)
    span = whole_span(H1, CLOSE, bars=3, listed_since=None)
    await other.candles(instrument("BTCUSDT"), H1, span)
    clock.move_to(CLOSE)
    venue.symbols = ("BTCUSDT", "DOGEUSDT")

    assert len(await other.candles(instrument("DOGEUSDT"), H1, span)) == 3

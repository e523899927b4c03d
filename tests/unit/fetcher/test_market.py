import pytest

from common.clock import ManualClock
from common.errors import VenueUnavailableError
from fetcher.handlers.market import MarketDesk
from fetcher.settings import UniverseSettings
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import CLOSE


async def test_a_venue_that_has_just_failed_is_left_alone_by_those_who_wait() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    venue.errors["listing"] = [VenueUnavailableError("HTTP 503")] * 3
    market = MarketDesk(venue, venue.clock, UniverseSettings().rules())

    for _ in range(5):
        with pytest.raises(VenueUnavailableError, match="HTTP 503"):
            await market.known()
    asked = 3 - len(venue.errors["listing"])
    venue.errors.clear()
    universe = await market.read()

    assert asked == 1
    assert await market.known() is universe
    assert market.trouble is None


async def test_a_venue_that_tells_no_turnover_is_no_venue_without_contracts() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    market = MarketDesk(venue, venue.clock, UniverseSettings().rules())
    universe = await market.read()

    async def nothing() -> dict[str, float]:
        return {}

    venue.turnovers = nothing  # type: ignore[method-assign]  # an answer of []

    with pytest.raises(VenueUnavailableError, match="turnovers must name contracts"):
        await market.read()

    assert market.universe is universe
    assert universe.members

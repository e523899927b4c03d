from collections.abc import Callable, Coroutine
from typing import Any

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


async def _nothing() -> dict[str, float]:
    return {}


async def _fail() -> dict[str, float]:
    raise VenueUnavailableError("HTTP 503")


@pytest.mark.parametrize("answer", [_nothing, _fail])
async def test_while_no_turnovers_are_told_the_last_ones_choose_and_are_not_told_as_todays(
    answer: Callable[[], Coroutine[Any, Any, dict[str, float]]],
) -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    market = MarketDesk(venue, venue.clock, UniverseSettings(top=2).rules())
    before = await market.read()
    venue.turnovers = answer  # type: ignore[method-assign]  # what the venue says from now on
    now = [await market.read() for _ in range(2)][-1]

    assert [one.symbol for one in now.members] == [one.symbol for one in before.members]
    assert {one.quote_volume_24h for one in now.members} == {None}
    assert now.excluded.keys() == before.excluded.keys()
    assert "turnovers" in (market.lacking() or "")


async def test_without_any_turnovers_nothing_can_be_chosen() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    venue.turnovers = _nothing  # type: ignore[method-assign]
    market = MarketDesk(venue, venue.clock, UniverseSettings().rules())

    with pytest.raises(VenueUnavailableError, match="turnovers must name contracts"):
        await market.read()


async def test_spreads_that_are_not_told_are_unknown_and_leave_nobody_out() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    venue.spreads = _fail  # type: ignore[method-assign]
    market = MarketDesk(venue, venue.clock, UniverseSettings().rules())
    universe = await market.read()

    assert {one.spread_bps for one in universe.members} == {None}
    assert market.lacking() == "spreads are unknown: HTTP 503"


async def test_what_the_allow_list_names_in_vain_is_told_by_name() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    rules = UniverseSettings(allow=("btcusdt", "BTC-USDT", "DOGEUSDT")).rules()
    market = MarketDesk(venue, venue.clock, rules)
    universe = await market.read()

    assert [one.symbol for one in universe.members] == ["BTCUSDT"]
    assert market.lacking() == "[universe] allow names what is not listed: BTC-USDT, DOGEUSDT"

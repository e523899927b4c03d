from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from common.clock import ManualClock
from common.errors import VenueUnavailableError
from fetcher.handlers.exchange_time import ExchangeTime
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import CLOSE


class FarVenue(FakeVenue):
    """Its clock is off, and its answer is on the way for two seconds."""

    ahead: float = 0.0

    @override
    async def time(self) -> datetime:
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(timedelta(seconds=1))
        told = self.clock.now() + timedelta(seconds=self.ahead)
        self.clock.advance(timedelta(seconds=1))
        return told


@pytest.mark.parametrize(
    ("ahead", "offset"),
    [(0.0, 0.0), (0.9, 0.0), (-0.9, 0.0), (5.0, 4.0), (-5.0, -4.0)],
)
async def test_the_clock_is_corrected_by_what_the_answer_proves(
    ahead: float, offset: float
) -> None:
    clock = ManualClock(CLOSE)
    venue = FarVenue(clock)
    venue.ahead = ahead
    time = ExchangeTime(clock, venue)

    await time.refresh()

    assert time.offset == timedelta(seconds=offset)
    assert time.now() == clock.now() + timedelta(seconds=offset)


async def test_the_last_answer_stands_while_the_time_alone_is_not_told() -> None:
    venue = FarVenue(ManualClock(CLOSE))
    venue.ahead = 5.0
    time = ExchangeTime(venue.clock, venue)
    await time.refresh()

    async def silent() -> datetime:
        raise VenueUnavailableError("HTTP 502")

    venue.time = silent  # type: ignore[method-assign]  # it answered before
    await time.refresh()

    assert time.offset == timedelta(seconds=4)


async def test_a_clock_that_was_set_back_is_told_from_one_that_is_set_right() -> None:
    clock = ManualClock(CLOSE)
    time = ExchangeTime(clock, FakeVenue(clock))
    seen = [time.set_backs]

    for by in (timedelta(hours=4), timedelta(seconds=-30), timedelta(hours=-1), timedelta(0)):
        clock.move_to(clock.now() + by)
        seen.append(time.set_backs)

    assert seen == [0, 0, 0, 1, 1]

"""Where a window is read when the venue does not answer, and how it comes home again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from typing_extensions import override

from common.clock import ManualClock
from common.domain import CandleSet, Defect, Instrument, Source, Timeframe
from common.errors import VenueCoolingError, VenueRefusedError, VenueUnavailableError
from fetcher.core.parsing import milliseconds
from fetcher.core.sources import Place
from fetcher.core.windows import Span
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.ports import CandleSource
from tests.support.facts import instrument
from tests.unit.fetcher.fake_venue import LISTED, FakeVenue
from tests.unit.fetcher.harness import BARS, CLOSE, sourcing_of

H1 = Timeframe.H1
BTC = instrument("BTCUSDT", listed_since=LISTED)
GONE = VenueUnavailableError("HTTP 503 from the venue")


@dataclass
class StandIn(CandleSource):
    """Another place whose prices are those of the venue times `factor`."""

    venue: FakeVenue
    name: str = "binance-spot"
    source: Source = Source.SPOT
    factor: float = 1.001
    error: Exception | None = None
    asked: list[Span] = field(default_factory=list)

    @property
    @override
    def place(self) -> Place:
        return Place(self.name, self.source)

    @override
    async def candles(
        self, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> Sequence[object]:
        self.asked.append(span)
        if self.error is not None:
            raise self.error
        told = await FakeVenue(self.venue.clock).candles(instrument.symbol, timeframe, span)
        return [
            [row[0], *(float(price) * self.factor for price in row[1:5]), row[5]]  # type: ignore[index]  # a fake's rows
            for row in told
        ]

    @override
    async def close(self) -> None:
        return


@dataclass
class Rig:
    venue: FakeVenue = field(default_factory=lambda: FakeVenue(ManualClock(CLOSE)))
    hours: int = 0

    def __post_init__(self) -> None:
        self.other = StandIn(self.venue, "bybit", Source.OTHER_VENUE, factor=1.0002)
        self.spot = StandIn(self.venue)
        self.sourcing = sourcing_of(self.venue, self.other, self.spot, rest_seconds=0)
        self.windows = self.fresh()

    def fresh(self) -> CandleWindows:
        time = ExchangeTime(self.venue.clock, self.venue)
        return CandleWindows(
            self.sourcing, time, self.venue.clock, bars=BARS, overlap=2, grace=timedelta(0)
        )

    def fail(self, *, times: int = 100, error: Exception = GONE) -> None:
        self.venue.errors["BTCUSDT"] = [error] * times

    def recover(self) -> None:
        self.venue.errors.clear()

    async def later(self, hours: int = 4) -> dict[Timeframe, Source]:
        """Read at a later close; the first failure is the accident that a scan tries again."""
        assert isinstance(self.venue.clock, ManualClock)
        self.venue.clock.advance(timedelta(hours=hours))
        self.hours += hours
        return await self.read()

    async def read(self) -> dict[Timeframe, Source]:
        close = CLOSE + timedelta(hours=self.hours)
        for _ in range(4):
            try:
                reading = await self.windows.read(BTC, close)
            except VenueUnavailableError:
                continue
            self.reading = reading
            return {one.timeframe: one.source for one in reading.quality.origins}
        raise AssertionError("nothing was read")


async def test_one_failure_is_an_accident_and_no_reason_to_leave_the_venue() -> None:
    rig = Rig()
    rig.fail(times=1)

    with pytest.raises(VenueUnavailableError, match="503"):
        await rig.windows.read(BTC, CLOSE)
    again = await rig.windows.read(BTC, CLOSE)

    assert again.quality.source is Source.VENUE
    assert rig.other.asked == []


async def test_a_venue_that_fails_again_is_replaced_by_the_other_and_the_window_read_whole() -> (
    None
):
    rig = Rig()
    await rig.read()
    rig.fail()

    sources = await rig.later()

    assert sources[H1] is Source.OTHER_VENUE
    assert sources[Timeframe.D1] is Source.VENUE  # nothing new had closed: nothing was asked
    assert rig.other.asked[0].bars(H1) == BARS[H1]
    closes = rig.reading.frames[H1]["close"]
    assert closes.len() == BARS[H1]
    home = await FakeVenue(rig.venue.clock).candles("BTCUSDT", H1, rig.other.asked[0])
    assert closes.to_list() == [pytest.approx(float(row[4]) * 1.0002) for row in home]  # type: ignore[index]
    assert rig.reading.foreign == (Timeframe.H4, H1)


async def test_a_stand_in_goes_on_with_what_has_newly_closed() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    await rig.later()
    rig.other.asked.clear()

    await rig.later(1)

    assert [span.bars(H1) for span in rig.other.asked] == [3]  # one hour, two to compare


async def test_the_next_place_is_asked_when_the_other_venue_fails_too() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    rig.other.error = VenueRefusedError("bybit lists nothing like BTCUSDT")

    sources = await rig.later()

    assert sources[H1] is Source.SPOT
    assert rig.reading.quality.source is Source.SPOT


async def test_a_window_comes_home_whole_as_soon_as_the_venue_answers() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    await rig.later()
    rig.recover()
    rig.venue.asked.clear()

    sources = await rig.read()  # nothing new has closed since

    assert set(sources.values()) == {Source.VENUE}
    assert max(span.bars(H1) for _, tf, span in rig.venue.asked if tf is H1) == BARS[H1]
    anew = await Rig.fresh(rig).read(BTC, CLOSE + timedelta(hours=4))
    for timeframe, frame in rig.reading.frames.items():
        assert frame.equals(anew.frames[timeframe])


async def test_a_venue_that_answers_with_nothing_does_not_wipe_what_a_stand_in_told() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    await rig.later()
    rig.recover()
    rig.venue.spoiled["BTCUSDT"] = []

    sources = await rig.read()

    assert sources[H1] is Source.OTHER_VENUE
    assert rig.reading.frames[H1].height == BARS[H1]


async def test_a_namesake_is_not_taken_for_the_contract() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    rig.other.factor = 1.5

    assert (await rig.later())[H1] is Source.SPOT


async def test_a_ban_that_ends_soon_is_waited_for_and_a_long_one_is_not() -> None:
    rig = Rig()
    soon = rig.venue.clock.now() + timedelta(seconds=30)
    rig.fail(error=VenueCoolingError("banned", until=soon))
    with pytest.raises(VenueCoolingError):
        await rig.windows.read(BTC, CLOSE)
    assert rig.other.asked == []

    rig.fail(error=VenueCoolingError("banned", until=soon + timedelta(hours=2)))

    assert (await rig.windows.read(BTC, CLOSE)).quality.source is Source.OTHER_VENUE


async def test_what_the_venue_refuses_is_not_looked_for_elsewhere() -> None:
    rig = Rig()
    rig.fail(error=VenueRefusedError("Invalid symbol."))

    for _ in range(3):
        with pytest.raises(VenueRefusedError, match="Invalid symbol"):
            await rig.windows.read(BTC, CLOSE)
    assert rig.other.asked == []


async def test_when_no_place_answers_all_reasons_are_told() -> None:
    rig = Rig()
    rig.fail()
    rig.other.error = VenueUnavailableError("bybit cannot be reached")
    rig.spot.error = VenueRefusedError("no such pair")

    with pytest.raises(VenueUnavailableError):
        await rig.windows.read(BTC, CLOSE)
    with pytest.raises(VenueUnavailableError, match=r"503.*bybit cannot be reached.*no such pair"):
        await rig.windows.read(BTC, CLOSE)


async def test_a_venue_that_fails_time_after_time_is_left_alone_for_a_while() -> None:
    rig = Rig()
    rig.sourcing = sourcing_of(rig.venue, rig.other, rest_seconds=1000)
    rig.windows = rig.fresh()
    rig.fail()
    await rig.read()
    left, rig.venue.asked[:] = len(rig.venue.errors["BTCUSDT"]), []

    await rig.later()

    assert rig.venue.asked == []
    assert len(rig.venue.errors["BTCUSDT"]) == left
    assert rig.sourcing.trouble() == (
        "candles of binance are read elsewhere: HTTP 503 from the venue"
    )


async def test_a_venue_that_lists_its_contracts_again_is_asked_for_candles_again_at_once() -> None:
    rig = Rig()
    rig.sourcing = sourcing_of(rig.venue, rig.other, rest_seconds=1000)
    rig.windows = rig.fresh()
    assert rig.sourcing.lose_venue(GONE)
    assert (await rig.read())[H1] is Source.OTHER_VENUE

    rig.sourcing.regain_venue()

    assert rig.sourcing.trouble() is None
    assert (await rig.read())[H1] is Source.VENUE


async def test_a_venue_that_nothing_stands_in_for_is_not_left() -> None:
    venue = FakeVenue(ManualClock(CLOSE))
    alone = sourcing_of(venue)
    soon = VenueCoolingError("banned", until=CLOSE + timedelta(seconds=30))

    assert not alone.lose_venue(GONE)
    assert alone.trouble() is None
    assert not Rig().sourcing.lose_venue(soon)


async def test_no_hole_is_worth_a_long_ban_and_it_is_asked_for_afterwards() -> None:
    rig = Rig()
    hole = milliseconds(CLOSE) - 5 * H1.milliseconds
    rig.venue.absent.add(("BTCUSDT", H1, hole))
    answer, asked = rig.venue.candles, 0

    async def banned_behind_the_first(symbol: str, timeframe: Timeframe, span: Span) -> Any:
        nonlocal asked
        asked += timeframe is H1
        if timeframe is H1 and asked == 2:
            raise VenueCoolingError("banned", until=CLOSE + timedelta(hours=2))
        return await answer(symbol, timeframe, span)

    rig.venue.candles = banned_behind_the_first  # type: ignore[method-assign]  # banned once
    await rig.read()
    holey = rig.reading
    rig.venue.absent.clear()
    await rig.read()

    assert {defect.name for defect in holey.quality.defects} == {"gap"}
    assert rig.reading.quality.defects == ()


async def test_a_candle_heard_from_the_venue_is_not_laid_on_a_stand_ins_window() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    await rig.later()
    frame = rig.reading.frames[H1]
    heard = frame.tail(1).with_columns(open_time=frame["open_time"][-1:] + H1.milliseconds)

    assert not rig.windows.absorb("BTCUSDT", H1, heard)
    assert not rig.windows.reaches("BTCUSDT", H1, CLOSE + timedelta(hours=4))


async def test_a_restart_remembers_where_each_window_was_read() -> None:
    rig = Rig()
    await rig.read()
    rig.fail()
    await rig.later()
    sent = told(rig)
    rig.windows = rig.fresh()
    rig.windows.restore(sent)
    rig.other.asked.clear()

    sources = await rig.read()

    assert sources[H1] is Source.OTHER_VENUE
    assert rig.other.asked == []


async def test_a_hole_is_not_filled_by_the_venue_in_the_window_of_a_place_that_is_no_more() -> None:
    rig = Rig()
    rig.fail()
    rig.other.error = GONE
    await rig.read()
    whole = told(rig)
    holey = whole.frames[H1].filter(pl.Series(range(BARS[H1])) != 5)
    rig.sourcing = sourcing_of(rig.venue)  # [fallback] allows nothing any more
    rig.windows = rig.fresh()
    rig.windows.restore(whole.model_copy(update={"frames": {**whole.frames, H1: holey}}))
    rig.fail(times=1)

    reading = await rig.windows.read(BTC, CLOSE)

    assert reading.frames[H1].equals(holey)
    assert Defect(name="gap", timeframe=H1, count=1) in reading.quality.defects


def told(rig: Rig) -> CandleSet:
    """Write a rig's last reading as the fact that is sent."""
    close = CLOSE + timedelta(hours=rig.hours)
    return CandleSet(
        venue="binance",
        symbol="BTCUSDT",
        simulated=True,
        scan_id="binance.20260310T120000Z.scheduled.0",
        as_of=close,
        deadline=close + timedelta(minutes=15),
        instrument=BTC,
        quality=rig.reading.quality,
        new_since=dict.fromkeys(rig.reading.frames),
        frames=rig.reading.frames,
    )

from datetime import timedelta
from typing import Any

import pytest

from common.clock import ManualClock
from common.domain import Defect, Timeframe
from common.errors import VenueUnavailableError
from fetcher.core.building import compares_at
from fetcher.core.parsing import milliseconds, parse_candles
from fetcher.core.windows import Span
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.exchange_time import ExchangeTime
from tests.support.facts import instrument
from tests.unit.fetcher.fake_venue import LISTED, FakeVenue
from tests.unit.fetcher.frames import candles, open_times
from tests.unit.fetcher.harness import BARS, CLOSE, sourcing_of

H1 = Timeframe.H1
BTC = instrument("BTCUSDT", listed_since=LISTED)


def at(bars_back: int, timeframe: Timeframe = H1) -> int:
    return milliseconds(CLOSE) - bars_back * timeframe.milliseconds


def venue_and_windows(**changes: Any) -> tuple[FakeVenue, CandleWindows]:
    clock = ManualClock(CLOSE + timedelta(minutes=1))
    venue = FakeVenue(clock)
    settings: dict[str, Any] = {"bars": BARS, "overlap": 2, "grace": timedelta(0)}
    windows = CandleWindows(
        sourcing_of(venue), ExchangeTime(clock, venue), clock, **(settings | changes)
    )
    return venue, windows


def later(venue: FakeVenue, hours: int) -> None:
    assert isinstance(venue.clock, ManualClock)
    venue.clock.advance(timedelta(hours=hours))


async def test_a_gap_is_asked_for_again_and_closed() -> None:
    venue, windows = venue_and_windows()
    venue.absent = {("BTCUSDT", H1, at(5)), ("BTCUSDT", H1, at(4))}
    holey = await windows.read(BTC, CLOSE)
    venue.absent.clear()
    later(venue, 1)
    asked_before = len(venue.asked)

    healed = await windows.read(BTC, CLOSE + timedelta(hours=1))

    assert Defect(name="gap", timeframe=H1, count=2) in holey.quality.defects
    assert len(venue.asked) == asked_before + 1  # the hole was known: it is not asked for each time
    assert Defect(name="gap", timeframe=H1, count=2) in healed.quality.defects


async def test_a_row_that_was_refused_is_read_again() -> None:
    venue, windows = venue_and_windows()
    good = await venue.candles("BTCUSDT", H1, _span(12))
    bad = [*good[:5], [at(7), "1", "nan", "1", "1", "1"], *good[6:]]
    answers = [bad]

    original = venue.candles

    async def once_bad(symbol: str, timeframe: Timeframe, span: Any) -> Any:
        if timeframe is H1 and answers:
            return answers.pop()
        return await original(symbol, timeframe, span)

    venue.candles = once_bad  # type: ignore[method-assign]  # one bad answer, then good ones
    reading = await windows.read(BTC, CLOSE)

    assert reading.frames[H1].height == 12
    assert [(one.name, one.count) for one in reading.quality.defects] == [("not_finite", 1)]


async def test_a_changed_past_is_read_again_whole_and_counted() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    venue.lift["BTCUSDT"] = 1.0
    later(venue, 1)

    reading = await windows.read(BTC, CLOSE + timedelta(hours=1))

    assert Defect(name="changed_past", timeframe=H1, count=2) in reading.quality.defects
    fresh_venue, fresh = venue_and_windows()
    fresh_venue.lift["BTCUSDT"] = 1.0
    later(fresh_venue, 1)
    anew = await fresh.read(BTC, CLOSE + timedelta(hours=1))
    assert reading.frames[H1].equals(anew.frames[H1])


async def test_a_forming_candle_never_enters_a_window() -> None:
    venue, windows = venue_and_windows()
    later(venue, 0)

    reading = await windows.read(BTC, CLOSE)

    for timeframe, frame in reading.frames.items():
        assert frame["open_time"][-1] + timeframe.milliseconds <= milliseconds(CLOSE)


async def test_candles_after_the_close_wait_for_their_own_scan() -> None:
    venue, windows = venue_and_windows()
    later(venue, 3)
    await windows.extend(BTC, H1, CLOSE + timedelta(hours=3))

    reading = await windows.read(BTC, CLOSE)

    assert open_times(reading.frames[H1], H1, CLOSE)[-1] == 1


async def test_windows_are_read_anew_once_the_clock_was_set_back() -> None:
    venue, windows = venue_and_windows()
    venue.lift["BTCUSDT"] = 1.0  # a candle that seemed to have closed was forming still
    await windows.read(BTC, CLOSE)
    later(venue, -4)
    venue.lift.clear()

    reading = await windows.read(BTC, CLOSE - timedelta(hours=4))

    fresh_venue, fresh = venue_and_windows()
    later(fresh_venue, -4)
    anew = await fresh.read(BTC, CLOSE - timedelta(hours=4))
    assert all(reading.frames[one].equals(anew.frames[one]) for one in anew.frames)


async def test_a_young_contract_has_a_short_window_and_asks_only_since_its_listing() -> None:
    venue, windows = venue_and_windows()
    young = instrument("BTCUSDT", listed_since=CLOSE - timedelta(hours=4))
    venue.listed_since["BTCUSDT"] = CLOSE - timedelta(hours=4)

    reading = await windows.read(young, CLOSE)

    assert reading.frames[H1].height == 4
    assert venue.asked_for("BTCUSDT")[H1] == 4
    assert Defect(name="short_history", timeframe=H1, count=8) in reading.quality.defects


async def test_a_late_candle_is_waited_for_once() -> None:
    venue, windows = venue_and_windows(grace=timedelta(seconds=0.01))
    venue.absent.add(("BTCUSDT", H1, at(1)))

    reading = await windows.read(BTC, CLOSE)

    assert reading.incomplete == (H1,)
    assert sum(timeframe is H1 for _, timeframe, _ in venue.asked) == 2


async def test_an_answer_of_nothing_but_refused_rows_is_an_error() -> None:
    venue, windows = venue_and_windows()
    venue.spoiled["BTCUSDT"] = [[None] * 12] * 12

    with pytest.raises(VenueUnavailableError, match="all 12 were refused"):
        await windows.read(BTC, CLOSE)


async def test_candles_that_vanish_from_an_answer_do_not_empty_a_window() -> None:
    venue, windows = venue_and_windows()
    held = await windows.read(BTC, CLOSE)
    venue.spoiled["BTCUSDT"] = []
    later(venue, 1)

    with pytest.raises(VenueUnavailableError, match="1h candles told before are missing"):
        await windows.read(BTC, CLOSE + timedelta(hours=1))
    venue.spoiled.clear()
    healed = await windows.read(BTC, CLOSE + timedelta(hours=1))

    assert healed.frames[H1].height == held.frames[H1].height
    assert healed.quality.score == 1.0


async def test_one_candle_the_venue_has_withdrawn_becomes_a_gap() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    venue.absent.add(("BTCUSDT", H1, at(1)))
    later(venue, 1)

    reading = await windows.read(BTC, CLOSE + timedelta(hours=1))

    assert Defect(name="gap", timeframe=H1, count=1) in reading.quality.defects
    assert Defect(name="changed_past", timeframe=H1, count=1) in reading.quality.defects


async def test_rows_outside_the_asked_span_are_ignored() -> None:
    venue, windows = venue_and_windows()
    stray = [at(200), "1", "2", "1", "2", "3"]
    venue.spoiled["BTCUSDT"] = [stray, *await venue.candles("BTCUSDT", H1, _span(12))]

    frame = await windows.extend(BTC, H1, CLOSE)

    assert frame["open_time"][0] == at(12)


def _span(bars: int) -> Span:
    return Span(at(bars), milliseconds(CLOSE))


async def test_a_streamed_candle_that_follows_needs_no_request() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    asked, next_close = len(venue.asked), CLOSE + timedelta(hours=1)

    absorbed = windows.absorb("BTCUSDT", H1, candles(H1, next_close, 1))
    reading = await windows.read(BTC, next_close)

    assert absorbed
    assert len(venue.asked) == asked
    assert reading.incomplete == ()
    assert open_times(reading.frames[H1], H1, next_close)[-1] == 1
    assert reading.frames[H1].height == BARS[H1]


async def test_a_scan_behind_the_newest_streamed_candle_misses_none_of_its_own() -> None:
    venue, windows = venue_and_windows()
    in_time = await windows.read(BTC, CLOSE)
    later(venue, 1)

    windows.absorb("BTCUSDT", H1, candles(H1, CLOSE + timedelta(hours=1), 1))
    late = await windows.read(BTC, CLOSE)

    assert late.frames[H1].equals(in_time.frames[H1])
    assert late.quality.defects == ()


async def test_a_streamed_candle_that_leaves_a_gap_is_not_laid_on_the_window() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    later(venue, 2)
    after = CLOSE + timedelta(hours=2)

    absorbed = windows.absorb("BTCUSDT", H1, candles(H1, after, 1))
    reading = await windows.read(BTC, after)

    assert not absorbed
    assert open_times(reading.frames[H1], H1, after)[-2:] == [2, 1]


async def test_a_streamed_candle_told_twice_or_of_an_unknown_contract_changes_nothing() -> None:
    _, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)

    assert windows.absorb("BTCUSDT", H1, candles(H1, CLOSE, 1, price=1.0))
    assert not windows.absorb("ETHUSDT", H1, candles(H1, CLOSE, 1))
    assert windows.held("BTCUSDT", H1, CLOSE)["open"][-1] != 1.0


async def test_a_window_kept_by_streams_is_compared_with_the_venue_once_a_day() -> None:
    _, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)

    assert windows.reaches("BTCUSDT", H1, CLOSE)
    assert not windows.reaches("BTCUSDT", H1, CLOSE + timedelta(hours=1))
    close = CLOSE
    while windows.reaches("BTCUSDT", H1, close):
        close += timedelta(hours=1)
        windows.absorb("BTCUSDT", H1, candles(H1, close, 1))
        windows.expect("BTCUSDT", close + timedelta(hours=1))
    following = close + timedelta(hours=1)
    assert compares_at("BTCUSDT", following)
    assert timedelta(hours=20) <= following - CLOSE < timedelta(hours=30)


async def test_a_past_that_changed_under_a_streamed_window_is_noticed_within_a_day() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    for hour in range(1, 21):
        windows.absorb("BTCUSDT", H1, candles(H1, CLOSE + timedelta(hours=hour), 1))
    later(venue, 20)  # the venue tells other candles than its stream did

    frame = await windows.extend(BTC, H1, CLOSE + timedelta(hours=20))
    told = await venue.candles("BTCUSDT", H1, Span(at(-19), at(-20)))

    assert windows.reaches("BTCUSDT", H1, CLOSE + timedelta(hours=20))
    assert frame["open"][-1] == float(str(told[-1][1]))  # type: ignore[index]  # a row


async def test_all_that_streams_told_since_the_last_comparison_is_compared() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    later(venue, 20)
    for hour in range(20):
        rows = await venue.candles("BTCUSDT", H1, Span(at(-hour), at(-hour - 1)))
        told = parse_candles(rows, H1, exchange_time=venue.clock.now()).frame
        if hour == 12:
            told = candles(H1, CLOSE + timedelta(hours=hour + 1), 1, price=1.0)
        assert windows.absorb("BTCUSDT", H1, told)

    frame = await windows.extend(BTC, H1, CLOSE + timedelta(hours=20))

    assert 1.0 not in frame["open"].to_list()


async def test_what_was_wrong_between_scans_is_in_the_next_certificate_and_in_no_other() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    later(venue, 1)
    venue.lift["BTCUSDT"] = 1.0
    await windows.extend(BTC, H1, CLOSE + timedelta(hours=1))
    later(venue, 1)

    first = await windows.read(BTC, CLOSE + timedelta(hours=2))
    again = await windows.read(BTC, CLOSE + timedelta(hours=2))

    assert Defect(name="changed_past", timeframe=H1, count=2) in first.quality.defects
    assert "changed_past" not in {defect.name for defect in again.quality.defects}


async def test_longer_candles_are_built_from_hours_and_are_the_venues_own() -> None:
    venue, windows = venue_and_windows(bars={**BARS, H1: 30})
    await windows.read(BTC, CLOSE)
    later(venue, 16)
    venue.asked.clear()

    reading = await windows.read(BTC, CLOSE + timedelta(hours=16))

    assert {timeframe for _, timeframe, _ in venue.asked} == {H1}
    assert reading.quality.defects == ()
    for timeframe in (Timeframe.H4, Timeframe.D1):
        fresh = venue_and_windows(bars={**BARS, H1: 30})
        later(fresh[0], 16)
        told = await fresh[1].read(BTC, CLOSE + timedelta(hours=16))
        assert reading.frames[timeframe].equals(told.frames[timeframe])


async def test_a_candle_with_a_missing_hour_is_asked_of_the_venue() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    later(venue, 4)
    venue.absent = {("BTCUSDT", H1, at(-2))}
    venue.asked.clear()

    reading = await windows.read(BTC, CLOSE + timedelta(hours=4))

    assert Timeframe.H4 in {timeframe for _, timeframe, _ in venue.asked}
    assert reading.frames[Timeframe.H4]["open_time"][-1] == milliseconds(CLOSE)


async def test_what_was_built_is_compared_once_a_day_and_a_difference_is_named() -> None:
    venue, windows = venue_and_windows()
    await windows.read(BTC, CLOSE)
    asked: list[Timeframe] = []
    told = venue.candles

    async def differing(symbol: str, timeframe: Timeframe, span: Span) -> Any:
        asked.append(timeframe)
        rows: Any = await told(symbol, timeframe, span)
        if timeframe is Timeframe.H4:
            rows[-1][5] = "999"
        return rows

    venue.candles = differing  # type: ignore[method-assign]  # the venue tells another volume
    differences: list[int] = []
    for hours in range(4, 32, 4):
        later(venue, 4)
        asked.clear()
        reading = await windows.read(BTC, CLOSE + timedelta(hours=hours))
        if Timeframe.H4 in asked:
            differences.append(hours)
            assert "changed_past" in {defect.name for defect in reading.quality.defects}
            assert reading.frames[Timeframe.H4]["volume"][-1] == 999
            assert venue.asked[-1][2].bars(H1) == BARS[H1]  # the hours may be what is wrong

    assert differences == [28]  # 12:00, the close of the day at which this contract is compared

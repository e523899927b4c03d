import numpy as np
import pytest

from exchange_sim.core.bars import Bars, aggregate
from exchange_sim.core.timeframes import DAY, HOUR, MINUTE, TIMEFRAMES
from exchange_sim.handlers.view import MarketView
from tests.unit.exchange_sim.market import CLOSED_HOUR, NOW, small_market


def view() -> MarketView:
    return MarketView(small_market())


def candles(timeframe: str, *, now: int = NOW, limit: int = 50, **span: int) -> Bars:
    return view().candles("SOLUSDT", TIMEFRAMES[timeframe], now=now, limit=limit, **span)


def rows(bars: Bars) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in bars.columns()), strict=True))


@pytest.mark.parametrize("timeframe", list(TIMEFRAMES))
def test_the_forming_candle_is_the_last_row(timeframe: str) -> None:
    bars = candles(timeframe)

    frame = TIMEFRAMES[timeframe]
    assert int(bars.open_time[-1]) == frame.open_time(NOW)
    assert frame.close_times(bars.open_time)[-1] > NOW
    assert (frame.close_times(bars.open_time)[:-1] <= NOW).all()
    assert len(bars) == (50 if frame.milliseconds < 20 * DAY else 39)


@pytest.mark.parametrize("timeframe", [name for name in TIMEFRAMES if name != "1m"])
def test_every_timeframe_is_the_exact_sum_of_its_minutes(timeframe: str) -> None:
    frame = TIMEFRAMES[timeframe]
    limit = max(1, min(3, 3 * DAY // frame.milliseconds))
    bars = candles(timeframe, limit=limit)

    minutes = candles("1m", limit=(NOW - int(bars.open_time[0])) // MINUTE + 1)
    assert rows(aggregate(minutes, frame)) == rows(bars)


def test_longer_timeframes_are_the_exact_sum_of_their_hours() -> None:
    hours = candles("1h", limit=1_500)

    for timeframe in ("4h", "1d"):
        frame = TIMEFRAMES[timeframe]
        expected = rows(aggregate(hours, frame))[1:]
        assert rows(candles(timeframe, limit=len(expected))) == expected


@pytest.mark.parametrize("timeframe", ["1m", "15m", "1h", "4h", "1d"])
def test_closed_candles_never_change_as_time_goes_on(timeframe: str) -> None:
    length = TIMEFRAMES[timeframe].milliseconds
    before = candles(timeframe)

    for later in (1, MINUTE, HOUR, 5 * HOUR, 26 * HOUR, 40 * DAY):
        start = int(before.open_time[0])
        after = candles(timeframe, now=NOW + later, start=start)
        closed = [row for row in rows(before) if row[0] + length <= NOW]
        assert rows(after)[: len(closed)] == closed


def test_the_forming_candle_grows_into_the_closed_one() -> None:
    moments = [CLOSED_HOUR + into for into in range(0, HOUR, 97_003)]

    forming = [candles("1h", now=now, limit=1) for now in moments]

    closed = candles("1h", now=CLOSED_HOUR + HOUR, start=CLOSED_HOUR, end=CLOSED_HOUR)
    assert {int(bars.open[0]) for bars in forming} == {int(closed.open[0])}
    assert (np.diff([int(bars.high[0]) for bars in forming]) >= 0).all()
    assert (np.diff([int(bars.low[0]) for bars in forming]) <= 0).all()
    assert (np.diff([int(bars.volume[0]) for bars in forming]) >= 0).all()
    assert forming[-1].volume[0] < closed.volume[0]
    assert forming[-1].high[0] <= closed.high[0]
    assert len({int(bars.close[0]) for bars in forming}) > len(forming) // 2


def test_an_end_time_selects_by_open_time_and_leaves_the_latest() -> None:
    boundary = NOW // (4 * HOUR) * (4 * HOUR)

    bars = candles("4h", limit=5, end=boundary - 1)
    assert bars.open_time.tolist() == [boundary - HOUR * 4 * back for back in (5, 4, 3, 2, 1)]


def test_a_start_time_counts_forward_and_need_not_be_aligned() -> None:
    start = NOW - 30 * DAY

    bars = candles("1h", limit=4, start=start)
    first = start // HOUR * HOUR + HOUR
    assert bars.open_time.tolist() == [first, first + HOUR, first + 2 * HOUR, first + 3 * HOUR]


def test_a_start_in_the_future_has_no_rows() -> None:
    assert len(candles("1h", start=NOW + HOUR)) == 0


def test_the_last_price_is_the_close_of_the_forming_minute() -> None:
    for now in range(NOW, NOW + 3 * MINUTE, 7_001):
        contract = small_market().contract("SOLUSDT")
        assert contract is not None
        assert view().last_price(contract, now) == int(candles("1m", now=now, limit=1).close[0])


def test_the_day_is_the_last_1440_minutes() -> None:
    now = NOW // MINUTE * MINUTE
    contract = small_market().contract("SOLUSDT")
    assert contract is not None

    day = view().day(contract, now)
    minutes = candles("1m", now=now, limit=1_441)
    assert int(day.open[0]) == int(minutes.open[0])
    assert int(day.high[0]) == int(minutes.high.max())
    assert int(day.volume[0]) == int(minutes.volume.sum())
    assert int(day.close[0]) == int(minutes.close[-1])


def test_marks_move_between_candle_closes_and_stay_near_the_last_price() -> None:
    contracts = [c for c in small_market().contracts(NOW) if c.status(NOW) == "TRADING"]
    seen = set()

    for now in range(NOW, NOW + 60_000, 10_000):
        for contract, mark in zip(contracts, view().marks(contracts, now), strict=True):
            last = view().last_price(contract, now)
            assert mark is not None
            assert last is not None
            assert abs(mark.mark / last - 1.0) < 0.001
            assert abs(mark.index / mark.mark - 1.0) < 0.002
            assert 0 < mark.next_funding - now <= contract.funding_hours * HOUR
            seen.add((contract.symbol, mark.mark))
    assert len(seen) == 6 * len(contracts)


def test_settlements_lie_on_the_grid_of_the_contracts_interval() -> None:
    for contract in small_market().contracts(NOW):
        if not contract.perpetual or contract.status(NOW) != "TRADING":
            continue
        interval = contract.funding_hours * HOUR
        paid = view().settlements(contract, start=NOW - 10 * DAY, end=NOW)

        assert len(paid) == 10 * DAY // interval
        assert all(0 <= settlement.time % interval < 10 for settlement in paid)
        assert all(abs(settlement.rate) <= contract.funding_cap for settlement in paid)


def test_open_interest_wanders_but_is_the_same_at_each_reading() -> None:
    contract = small_market().contract("SOLUSDT")
    assert contract is not None
    times = list(range(NOW - 20 * DAY, NOW, 4 * HOUR))

    points = view().open_interest(contract, times)
    again = [view().open_interest(contract, [time])[0] for time in times]
    changes = np.abs(np.diff(np.log([point.amount for point in points])))
    assert points == again
    assert np.mean(changes > 0.01) > 0.1
    assert changes.max() < 0.5


def test_the_book_surrounds_the_last_price_on_the_tick_grid() -> None:
    for contract in small_market().contracts(NOW):
        if contract.status(NOW) != "TRADING":
            continue
        quote, last = view().quote(contract, NOW), view().last_price(contract, NOW)
        assert quote is not None
        assert last is not None
        assert quote.bid < quote.ask
        assert quote.bid <= last <= quote.ask
        assert (quote.ask - quote.bid) / last < 0.002 or quote.ask - quote.bid == 1


def test_a_start_before_the_listing_begins_with_the_first_candles() -> None:
    contract = small_market().contract("SOLUSDT")
    assert contract is not None

    minutes = candles("1m", limit=5, start=0)
    days = candles("1d", limit=5, start=0)
    assert minutes.open_time[0] == contract.listed
    assert days.open_time[0] == TIMEFRAMES["1d"].open_time(contract.listed)
    assert len(minutes) == len(days) == 5


def test_a_settled_contract_shows_its_last_candles_whatever_time_has_passed() -> None:
    contract = small_market().contract("SRMUSDT")
    assert contract is not None

    bars = view().candles("SRMUSDT", TIMEFRAMES["1m"], now=NOW, limit=3)
    assert bars.open_time.tolist() == [contract.settles - back * MINUTE for back in (3, 2, 1)]

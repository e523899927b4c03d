from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_sim.core.bars import Bars, aggregate, complete
from exchange_sim.core.minutes import expand, price_inside, so_far
from exchange_sim.core.timeframes import HOUR, MINUTE, TIMEFRAMES

A_HOUR = 490_000 * HOUR


@st.composite
def hours(draw: st.DrawFn) -> Bars:
    low = draw(st.integers(1, 10_000_000))
    high = low + draw(st.integers(0, 200_000))
    prices = [draw(st.integers(low, high)) for _ in range(2)]
    columns = (prices[0], high, low, prices[1])
    return complete(
        np.array([A_HOUR + HOUR * draw(st.integers(0, 1_000))]),
        tuple(np.array([value]) for value in columns),  # type: ignore[arg-type]  # four of them
        np.array([draw(st.integers(0, 10_000_000_000))]),
        quote_decimals=draw(st.integers(0, 5)),
    )


@given(hour=hours(), key=st.integers(0, 2**64 - 1))
def test_sixty_minutes_add_up_exactly_to_their_hour(hour: Bars, key: int) -> None:
    minutes = expand(hour, key)

    whole = aggregate(minutes, TIMEFRAMES["1h"])
    assert len(minutes) == 60
    assert [column.tolist() for column in whole.columns()] == [
        column.tolist() for column in hour.columns()
    ]


@given(hour=hours(), key=st.integers(0, 2**64 - 1))
def test_every_minute_is_a_possible_candle_that_opens_where_the_last_one_closed(
    hour: Bars, key: int
) -> None:
    minutes = expand(hour, key)

    assert (minutes.high >= np.maximum(minutes.open, minutes.close)).all()
    assert (minutes.low <= np.minimum(minutes.open, minutes.close)).all()
    assert (minutes.volume >= 0).all()
    assert (minutes.open[1:] == minutes.close[:-1]).all()


@settings(max_examples=30)
@given(hour=hours(), key=st.integers(0, 2**64 - 1), row=st.integers(0, 59))
def test_a_forming_minute_only_grows_and_ends_as_the_closed_minute(
    hour: Bars, key: int, row: int
) -> None:
    minute = expand(hour, key).take(slice(row, row + 1))
    start = int(minute.open_time[0])

    seen = [so_far(minute, key, start + into) for into in range(0, MINUTE, 1_999)]
    seen.append(so_far(minute, key, start + MINUTE))

    pairs = list(pairwise(seen))
    assert all(later.high[0] >= earlier.high[0] for earlier, later in pairs)
    assert all(later.low[0] <= earlier.low[0] for earlier, later in pairs)
    assert all(later.volume[0] >= earlier.volume[0] for earlier, later in pairs)
    assert [column.tolist() for column in seen[-1].columns()] == [
        column.tolist() for column in minute.columns()
    ]
    assert price_inside(minute, key, start + 20_000) == so_far(minute, key, start + 20_000).close[0]

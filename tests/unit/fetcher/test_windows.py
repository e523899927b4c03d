from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Timeframe
from fetcher.core.parsing import NO_CANDLES, milliseconds
from fetcher.core.windows import (
    Span,
    cut,
    first_difference,
    holes,
    join,
    missing_at_end,
    span_to_ask,
    whole_span,
)
from tests.unit.fetcher.frames import candles, open_times

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
H1 = Timeframe.H1
HOUR = H1.milliseconds


def span(first_back: int, last_back: int = 1) -> Span:
    return Span(
        milliseconds(CLOSE) - first_back * HOUR, milliseconds(CLOSE) - (last_back - 1) * HOUR
    )


WHOLE = span(10)


def test_a_full_window_ends_with_the_newest_closed_candle() -> None:
    asked = whole_span(Timeframe.H4, CLOSE + timedelta(hours=1), bars=6, listed_since=None)

    assert asked == Span(milliseconds(CLOSE - timedelta(hours=24)), milliseconds(CLOSE))


def test_a_window_does_not_reach_back_before_the_listing() -> None:
    listed = CLOSE - timedelta(hours=3, minutes=20)

    assert whole_span(H1, CLOSE, bars=100, listed_since=listed).bars(H1) == 4


def test_nothing_held_asks_for_everything() -> None:
    assert span_to_ask(NO_CANDLES, H1, WHOLE, overlap=3) == WHOLE


def test_nothing_newly_closed_asks_for_nothing() -> None:
    assert span_to_ask(candles(H1, CLOSE, *range(1, 11)), H1, WHOLE, overlap=3) is None


def test_only_new_candles_and_the_overlap_are_asked_for() -> None:
    held = candles(H1, CLOSE, *range(3, 11))

    assert span_to_ask(held, H1, WHOLE, overlap=3) == span(5)


def test_a_window_from_long_ago_is_asked_for_anew() -> None:
    assert span_to_ask(candles(H1, CLOSE, 20, 21), H1, WHOLE, overlap=3) == WHOLE


def test_joining_the_same_candles_changes_nothing() -> None:
    held = candles(H1, CLOSE, 5, 4, 3, 2)

    joined = join(held, candles(H1, CLOSE, 3, 2, 1), span(3))

    assert joined.changed == 0
    assert open_times(joined.frame, H1, CLOSE) == [5, 4, 3, 2, 1]


def test_a_candle_told_differently_is_a_changed_past() -> None:
    held = candles(H1, CLOSE, 5, 4, 3, 2)

    joined = join(held, candles(H1, CLOSE, 3, 2, 1, price=101), span(3))

    assert joined.changed == 2
    assert joined.frame["open"].to_list() == [100, 100, 101, 101, 101]


def test_a_candle_no_longer_told_is_a_changed_past() -> None:
    assert join(candles(H1, CLOSE, 3, 2), candles(H1, CLOSE, 2, 1), span(3)).changed == 1


def test_candles_outside_the_asked_span_are_left_alone() -> None:
    assert join(candles(H1, CLOSE, 9, 8), candles(H1, CLOSE, 2, 1), span(2)).changed == 0


def test_holes_are_the_spans_between_candles() -> None:
    assert holes(candles(H1, CLOSE, 9, 8, 5, 4, 2), H1) == (span(7, 6), span(3, 3))


def test_missing_newest_candles_are_counted() -> None:
    assert missing_at_end(candles(H1, CLOSE, 5, 4, 3), H1, CLOSE) == 2
    assert missing_at_end(candles(H1, CLOSE, 2, 1), H1, CLOSE) == 0


def test_a_window_is_cut_at_a_close_and_at_its_length() -> None:
    frame = candles(H1, CLOSE, *range(1, 11))

    assert open_times(cut(frame, H1, CLOSE - timedelta(hours=2), bars=4), H1, CLOSE) == [6, 5, 4, 3]


@given(
    held=st.sets(st.integers(1, 30)),
    fresh=st.sets(st.integers(1, 30)),
    moved=st.sets(st.integers(1, 30)),
)
def test_a_joined_window_is_in_order_and_holds_every_fresh_candle(
    held: set[int], fresh: set[int], moved: set[int]
) -> None:
    new = pl.concat(
        [
            candles(H1, CLOSE, *(fresh - moved)),
            candles(H1, CLOSE, *(fresh & moved), price=90),
        ]
    ).sort("open_time")

    joined = join(candles(H1, CLOSE, *held), new, span(30))

    assert open_times(joined.frame, H1, CLOSE) == sorted(held | fresh, reverse=True)
    assert joined.frame.join(new, on=new.columns, how="semi").height == len(fresh)
    assert joined.changed == len(held - fresh) + len(held & fresh & moved)


def test_the_first_difference_is_the_first_row_not_sent_just_so() -> None:
    sent = candles(H1, CLOSE, 5, 4, 3)

    assert first_difference(sent, candles(H1, CLOSE, 4, 3)) is None
    assert first_difference(sent, candles(H1, CLOSE, 5, 4, 3, 2, 1)) == span(2).start
    assert first_difference(sent, candles(H1, CLOSE, 4, 3, 2, price=50)) == span(4).start


@given(
    sent=st.integers(1, 12), shift=st.integers(-2, 6), more=st.integers(0, 5),
    changed=st.none() | st.integers(0, 11), missing=st.none() | st.integers(0, 11),
)  # fmt: skip
def test_the_first_difference_is_the_same_by_columns_and_by_rows(
    sent: int, shift: int, more: int, changed: int | None, missing: int | None
) -> None:
    before = candles(H1, CLOSE, *range(1 + more, 1 + more + sent))
    backs = range(1, max(2, 1 + more + sent - shift))
    frame = candles(H1, CLOSE, *(back for back in backs if back != missing))
    if changed is not None and changed < frame.height:
        frame = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == changed).then(7.0).otherwise("volume").alias("volume")
        )

    fresh = frame.join(before, on=frame.columns, how="anti")
    expected = None if fresh.is_empty() else fresh["open_time"].min()

    assert first_difference(before, frame) == expected

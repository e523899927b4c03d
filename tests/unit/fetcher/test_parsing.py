from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Timeframe
from common.domain.frames import check_candles
from fetcher.core.parsing import HARMLESS, Fault, milliseconds, parse_candles, parse_each

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOUR = Timeframe.H1.milliseconds


def row(hours_before_close: int, **changes: Any) -> list[Any]:
    fields = {
        "time": milliseconds(CLOSE) - hours_before_close * HOUR,
        "open": "100.0",
        "high": "103.5",
        "low": "99.0",
        "close": "102.0",
        "volume": "12.5",
        **changes,
    }
    return [*fields.values(), milliseconds(CLOSE), "1275.0", 9, "6", "600", "0"]


def test_a_candle_is_closed_from_its_last_instant_on() -> None:
    rows = [row(2), row(1), row(0)]

    at_close = parse_candles(rows, Timeframe.H1, exchange_time=CLOSE)
    just_before = parse_candles(rows, Timeframe.H1, exchange_time=CLOSE - timedelta(milliseconds=1))

    assert at_close.frame["open_time"].to_list() == [row(2)[0], row(1)[0]]
    assert just_before.frame["open_time"].to_list() == [row(2)[0]]


@pytest.mark.parametrize("more", [(), ([None] * 12,)], ids=["all at once", "row by row"])
def test_a_forming_candle_is_left_out_and_counted(more: tuple[Any, ...]) -> None:
    parsed = parse_candles([*more, row(1), row(0)], Timeframe.H1, exchange_time=CLOSE)

    assert parsed.frame["open_time"].to_list() == [row(1)[0]]
    assert parsed.faults[Fault.FORMING] == 1
    assert {Fault.FORMING} <= HARMLESS


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        pytest.param([None] * 12, Fault.MALFORMED, id="null row"),
        pytest.param(row(2, close=None), Fault.MALFORMED, id="null close"),
        pytest.param(row(2, close=True), Fault.MALFORMED, id="a boolean"),
        pytest.param(row(2, close="much"), Fault.MALFORMED, id="text"),
        pytest.param("<html>", Fault.MALFORMED, id="html"),
        pytest.param({"t": 1}, Fault.MALFORMED, id="an object"),
        pytest.param(row(2)[:5], Fault.MALFORMED, id="a short row"),
        pytest.param(row(2, time="soon"), Fault.MALFORMED, id="no time"),
        pytest.param(row(2, high=float("nan")), Fault.NOT_FINITE, id="nan"),
        pytest.param(row(2, volume="inf"), Fault.NOT_FINITE, id="infinite volume"),
        pytest.param(row(2, high="101.0"), Fault.INCONSISTENT, id="high below close"),
        pytest.param(row(2, low="100.5"), Fault.INCONSISTENT, id="low above open"),
        pytest.param(row(2, low="0"), Fault.INCONSISTENT, id="zero low"),
        pytest.param(row(2, volume="-1"), Fault.INCONSISTENT, id="negative volume"),
        pytest.param(row(2, time=row(2)[0] + 1), Fault.MISALIGNED, id="off the grid"),
        pytest.param(row(2, time=-HOUR), Fault.MISALIGNED, id="before the epoch"),
        pytest.param(row(2, time=-HOUR * 10**15), Fault.MISALIGNED, id="before any time"),
        pytest.param(row(2, time=HOUR * 10**400), Fault.FORMING, id="after any time"),
    ],
)
def test_a_row_that_cannot_be_true_is_left_out_and_named(bad: object, fault: Fault) -> None:
    parsed = parse_candles([row(3), bad, row(1)], Timeframe.H1, exchange_time=CLOSE)

    assert parsed.frame["open_time"].to_list() == [row(3)[0], row(1)[0]]
    assert dict(parsed.faults) == {fault: 1}
    assert fault in HARMLESS or parsed.first_fault.startswith(fault)


def test_a_repeated_row_is_kept_once() -> None:
    parsed = parse_candles([row(2), row(1), row(1)], Timeframe.H1, exchange_time=CLOSE)

    assert parsed.frame.height == 2
    assert dict(parsed.faults) == {Fault.DUPLICATE: 1}


def test_of_two_rows_that_contradict_each_other_neither_is_believed() -> None:
    rows = [row(2), row(1), row(1, close="99.5"), row(1)]

    parsed = parse_candles(rows, Timeframe.H1, exchange_time=CLOSE)

    assert parsed.frame["open_time"].to_list() == [row(2)[0]]
    assert dict(parsed.faults) == {Fault.DUPLICATE: 2}


def test_rows_out_of_order_are_put_in_order_and_counted() -> None:
    parsed = parse_candles([row(1), row(3), row(2)], Timeframe.H1, exchange_time=CLOSE)

    assert parsed.frame["open_time"].to_list() == [row(3)[0], row(2)[0], row(1)[0]]
    assert dict(parsed.faults) == {Fault.OUT_OF_ORDER: 2}


def test_an_empty_answer_is_an_empty_frame() -> None:
    parsed = parse_candles([], Timeframe.H1, exchange_time=CLOSE)

    check_candles(Timeframe.H1, parsed.frame)
    assert parsed.frame.is_empty()


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=3),
    st.integers(min_value=-(10**20), max_value=10**20),
    st.sampled_from([row(hours)[0] for hours in range(6)]),
)


@given(st.lists(st.one_of(anything, st.lists(anything, max_size=8)), max_size=12))
def test_whatever_the_rows_are_only_true_candles_get_through(rows: list[Any]) -> None:
    good = [row(5), row(4)]

    parsed = parse_candles([*good, *rows], Timeframe.H1, exchange_time=CLOSE)

    check_candles(Timeframe.H1, parsed.frame)
    assert (parsed.frame["open_time"] + HOUR <= milliseconds(CLOSE)).all()


@given(
    st.lists(st.integers(0, 9), max_size=8),
    st.sampled_from(["100.0", 100, 100.0, "nan", None, True, "1e309", "x"]),
    st.integers(0, 5),
)
def test_checking_all_rows_at_once_says_the_same_as_row_by_row(
    hours: list[int], value: object, column: int
) -> None:
    rows = [row(hour) for hour in hours]
    if rows:
        rows[len(rows) // 2][column] = value

    parsed = parse_candles(rows, Timeframe.H1, exchange_time=CLOSE)
    slowly = parse_candles(
        [tuple(one) for one in rows],  # what is no list is read one by one
        Timeframe.H1,
        exchange_time=CLOSE,
    )

    assert parsed.frame.equals(slowly.frame)
    assert parsed.frame.schema == slowly.frame.schema
    assert parsed.faults == slowly.faults


@pytest.mark.parametrize(
    "time",
    [-HOUR, -HOUR * 10**15, HOUR * 10**400],
    ids=["before the epoch", "before any time", "after any time"],
)
def test_a_row_of_no_time_spoils_no_other_contract(time: int) -> None:
    first, other = parse_each([row(1, time=time), row(1)], Timeframe.H1, exchange_time=CLOSE)

    assert first.frame.is_empty()
    assert other.frame["open_time"].to_list() == [row(1)[0]]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["102.0", "nan", None, "1"])), max_size=6)
)
def test_rows_of_many_contracts_are_each_read_as_if_alone(told: list[tuple[int, Any]]) -> None:
    rows = [row(hours, close=close) for hours, close in told]

    together = parse_each(rows, Timeframe.H1, exchange_time=CLOSE)

    alone = [parse_candles([one], Timeframe.H1, exchange_time=CLOSE) for one in rows]
    assert len(together) == len(alone)
    for one, other in zip(together, alone, strict=True):
        assert one.frame.equals(other.frame)
        assert one.frame.schema == other.frame.schema
        assert (one.faults, one.first_fault) == (other.faults, other.first_fault)

"""The rows of archive files: recorded ones, damaged ones, and the holes that are left."""

import io
import zipfile

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import CANDLE_COLUMNS, Timeframe
from common.domain.frames import check_candles
from common.errors import InvalidDataError
from recorder.core.archived_candles import (
    NO_CANDLES,
    ReadCandles,
    holes,
    read_archive,
    read_csv,
    read_rows,
    with_candles,
)
from recorder.core.archives import Span
from tests.support.real_data import real_data_folder

HOUR = 3_600_000
START = 1_698_364_800_000
EVER = Span(0, 10**13)


def line(number: float, *, close: float = 1.5) -> str:
    return f"{int(START + number * HOUR)},1.0,2.0,0.5,{close},3.25,0,0,7,0,0,0"


def read(*lines: str, span: Span = EVER) -> ReadCandles:
    return read_csv("\n".join(lines).encode(), Timeframe.H1, span)


def times(frame: pl.DataFrame) -> list[int]:
    return [(time - START) // HOUR for time in frame["open_time"].to_list()]


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "opens", "first"),
    [
        (
            "futures_daily_klines_WITHHEADER_BTCUSD_PERP-1h-2023-10-27.csv",
            [START, START + HOUR, START + 2 * HOUR],
            (34161.6, 34182.5, 33977.4, 34024.2, 409953.0),
        ),
        (
            "spot_daily_klines_NOHEADER_BTCUSDT-1h-2023-10-27.csv",
            [START, START + HOUR, START + 2 * HOUR],
            (34151.66, 34171.28, 33972.39, 34015.27, 908.27901),
        ),
        (
            "spot_2025_MICROSECONDS_readme_example.csv",
            [1_735_689_600_000],
            (4.1507, 4.1587, 4.1506, 4.1554, 539.23),
        ),
    ],
)
def test_recorded_files_are_read_with_and_without_header_in_both_units(
    name: str, opens: list[int], first: tuple[float, ...]
) -> None:
    text = (real_data_folder() / "payloads" / "vision" / name).read_bytes()

    told = read_csv(text, Timeframe.H1, EVER)

    assert told.faults == {}
    assert told.frame["open_time"].to_list() == opens
    assert told.frame.row(0)[1:] == first
    check_candles(Timeframe.H1, told.frame)


@pytest.mark.parametrize(
    ("lines", "kept", "faults"),
    [
        ((line(0), line(1), line(1), line(2)), [0, 1, 2], {"duplicate": 1}),
        ((line(0), line(1), line(1, close=1.6)), [0], {"duplicate": 1}),
        ((line(0), line(2), line(1)), [0, 1, 2], {"out_of_order": 1}),
        ((line(0), line(1.25), line(2)), [0, 2], {"misaligned": 1}),
        ((line(0), line(1, close=9)), [0], {"inconsistent": 1}),
        ((line(0), line(1).replace("3.25", "-1")), [0], {"inconsistent": 1}),
        ((line(0), line(1).replace("3.25", "nan")), [0], {"not_finite": 1}),
        ((line(0), line(1).replace("3.25", "")), [0], {"malformed": 1}),
        ((line(0), "<html>", line(1)), [0, 1], {"malformed": 1}),
        ((line(0), '"', line(1)), [0, 1], {"malformed": 1}),
        ((line(0), line(1) + ",more,columns"), [0, 1], {}),
    ],
)
def test_rows_that_cannot_be_true_are_named_counted_and_not_kept(
    lines: tuple[str, ...], kept: list[int], faults: dict[str, int]
) -> None:
    told = read(*lines)

    assert times(told.frame) == kept
    assert told.faults == faults


def test_rows_of_other_days_are_not_kept() -> None:
    told = read(line(0), line(1), line(2), span=Span(START + HOUR, START + 2 * HOUR))

    assert times(told.frame) == [1]
    assert told.faults == {"outside_period": 2}


@pytest.mark.parametrize("text", ["", "\n\n", "<Error>NoSuchKey</Error>", "1,2,3", "a,b,c,d,e,f"])
def test_a_text_that_is_no_file_of_candles_is_refused(text: str) -> None:
    with pytest.raises(InvalidDataError, match=", was"):
        read(text)


def test_a_file_of_a_header_only_holds_nothing() -> None:
    assert read(",".join(CANDLE_COLUMNS)).frame.is_empty()


@pytest.mark.parametrize("packed", [b"", b"PK\x03\x04", b"not a zip"])
def test_a_broken_zip_is_refused(packed: bytes) -> None:
    with pytest.raises(InvalidDataError, match="zip must hold one file"):
        read_archive(packed, Timeframe.H1, EVER)


def test_a_zip_of_two_files_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", line(0))
        archive.writestr("b.csv", line(1))

    with pytest.raises(InvalidDataError, match="zip must hold one file"):
        read_archive(packed.getvalue(), Timeframe.H1, EVER)


def test_a_venues_rows_are_read_like_a_files() -> None:
    good = [START, "1.0", "2.0", "0.5", "1.5", "3.25", 0]

    told = read_rows([good, None, [None] * 12, [1, 2]], Timeframe.H1, EVER)

    assert times(told.frame) == [0]
    assert told.faults == {"malformed": 3}


@given(st.sets(st.integers(min_value=-2, max_value=12)), st.integers(0, 5), st.integers(0, 12))
def test_holes_and_candles_together_are_the_whole_span(
    there: set[int], first: int, length: int
) -> None:
    frame = NO_CANDLES
    if there:
        frame = read(*(line(number) for number in sorted(there))).frame
    span = Span(START + first * HOUR, START + (first + length) * HOUR)

    found = {
        (time - START) // HOUR
        for hole in holes(frame, Timeframe.H1, span)
        for time in range(hole.start, hole.end, HOUR)
    }

    assert found == set(range(first, first + length)) - there


def test_mending_never_replaces_what_the_file_holds() -> None:
    file, venue = read(line(0), line(2)).frame, read(line(0, close=1.9), line(1)).frame

    mended = with_candles(file, venue)

    assert times(mended) == [0, 1, 2]
    assert mended["close"].to_list() == [1.5, 1.5, 1.5]

"""Candle blocks: only new rows, and bytes that say exactly what the frame says."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Bar, CandleSet, Quality, Source, Timeframe
from common.errors import InvalidDataError
from recorder.core.candles import COLUMNS, CandleBlock, blocks_of
from tests.support import facts

_START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def frame(rows: int, timeframe: Timeframe = Timeframe.H4, close: float = 1.5) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "open_time": [_START + row * timeframe.milliseconds for row in range(rows)],
            "open": [1.0 + row for row in range(rows)],
            "high": [9.0 + row for row in range(rows)],
            "low": [0.5] * rows,
            "close": [close] * rows,
            "volume": [row / 3 for row in range(rows)],
        },
        schema_overrides={"open_time": pl.Int64},
    )


def candle_set(new_since: dict[Timeframe, datetime | None]) -> CandleSet:
    return CandleSet(
        venue="binance",
        symbol="BTCUSDT",
        simulated=True,
        scan_id=facts.scan_of(),
        as_of=facts.AS_OF,
        deadline=facts.AS_OF + timedelta(minutes=5),
        instrument=facts.instrument(),
        quality=Quality(score=1.0, source=Source.SPOT),
        new_since=new_since,
        frames={
            Timeframe.D1: frame(2, Timeframe.D1),
            Timeframe.H4: frame(5),
            Timeframe.H1: frame(3, Timeframe.H1),
        },
    )


def read_rows(body: bytes) -> list[dict[str, Any]]:
    """Read binary COPY tuples field by field, as Postgres does."""
    rows, at = [], 0
    while at < len(body):
        (count,) = struct.unpack_from(">h", body, at)
        at += 2
        values: list[bytes] = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", body, at)
            values.append(body[at + 4 : at + 4 + length])
            at += 4 + length
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def test_only_rows_not_sent_before_become_blocks() -> None:
    second_h1 = datetime(2026, 1, 1, 1, tzinfo=UTC)
    after_all = datetime(2026, 2, 1, tzinfo=UTC)

    blocks = blocks_of(
        candle_set({Timeframe.D1: None, Timeframe.H4: after_all, Timeframe.H1: second_h1})
    )

    assert [(block.timeframe, block.rows.height) for block in blocks] == [(Timeframe.H1, 2)]
    assert {block.source for block in blocks} == {Source.SPOT}


def test_a_bar_is_a_block_of_one_known_at_its_close() -> None:
    bar = Bar(
        venue="binance",
        symbol="BTCUSDT",
        simulated=False,
        timeframe=Timeframe.H1,
        open_time=facts.AS_OF,
        open=1,
        high=2,
        low=0.5,
        close=1.5,
        volume=7,
    )

    [block] = blocks_of(bar)

    assert block.as_of == facts.AS_OF + timedelta(hours=1)
    assert block.rows.height == 1
    assert block.rows["volume"].item() == 7


@given(
    symbol=st.text("ABCXYZ0189_-", min_size=1, max_size=40),
    rows=st.integers(0, 40),
    close=st.floats(1e-9, 1e9),
    simulated=st.booleans(),
)
def test_the_bytes_say_what_the_frame_says(
    symbol: str, rows: int, close: float, *, simulated: bool
) -> None:
    block = CandleBlock(
        venue="binance",
        symbol=symbol,
        timeframe=Timeframe.H4,
        source=Source.VENUE,
        simulated=simulated,
        as_of=facts.AS_OF,
        rows=frame(rows, close=close),
    )

    read = read_rows(block.encode())

    assert len(read) == rows
    for number, row in enumerate(read):
        (opened,) = struct.unpack(">q", row["open_time"])
        (as_of,) = struct.unpack(">q", row["as_of"])
        at = _EPOCH + timedelta(microseconds=opened)
        assert at.timestamp() * 1000 == _START + number * Timeframe.H4.milliseconds
        assert _EPOCH + timedelta(microseconds=as_of) == facts.AS_OF
        assert (row["symbol"], row["timeframe"], row["source"]) == (
            symbol.encode(),
            b"4h",
            b"venue",
        )
        assert struct.unpack(">d", row["close"]) == (close,)
        assert struct.unpack(">d", row["volume"]) == (number / 3,)
        assert row["simulated"] == bytes([simulated])


@pytest.mark.parametrize("open_time", [-Timeframe.H4.milliseconds, 2**62])
def test_a_time_outside_every_calendar_is_refused(open_time: int) -> None:
    block = CandleBlock(
        venue="binance",
        symbol="BTCUSDT",
        timeframe=Timeframe.H4,
        source=Source.VENUE,
        simulated=False,
        as_of=facts.AS_OF,
        rows=frame(1).with_columns(pl.lit(open_time, pl.Int64).alias("open_time")),
    )

    with pytest.raises(InvalidDataError, match=f"was {open_time}"):
        block.encode()

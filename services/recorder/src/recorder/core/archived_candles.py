"""The rows of an archive file: what is in the zip, what each row says, and what cannot be true.

A good check sum only says that the file came over whole. Files have been published with gaps,
doubled rows, with and without a header, and with times in microseconds (spot since 2025).
"""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from common.domain import CANDLE_COLUMNS, Timeframe
from common.errors import InvalidDataError
from recorder.core.archives import Span
from recorder.core.packed import unpacked

CANDLE_SCHEMA: Final = {
    name: pl.Int64() if name == "open_time" else pl.Float64() for name in CANDLE_COLUMNS
}
NO_CANDLES: Final = pl.DataFrame(schema=CANDLE_SCHEMA)

_MICROSECONDS_FROM: Final = 10**14
_FIELDS: Final = len(CANDLE_COLUMNS)


class RowFault(StrEnum):
    """What can be wrong with one row; such a row is not kept, unless its sentence says so."""

    MALFORMED = "malformed"
    """Not six numbers."""
    NOT_FINITE = "not_finite"
    """NaN or infinity."""
    INCONSISTENT = "inconsistent"
    """Prices that cannot be one candle's, or a negative volume."""
    MISALIGNED = "misaligned"
    """An open time off the UTC grid."""
    OUTSIDE = "outside_period"
    """An open time that the file does not cover."""
    DUPLICATE = "duplicate"
    """An open time told twice; when the two differ, neither is believed."""
    OUT_OF_ORDER = "out_of_order"
    """An open time earlier than the row before it; the row is kept, in its place."""


@dataclass(frozen=True)
class ReadCandles:
    """What rows hold: candles oldest first, each open time once, and what was wrong, counted."""

    frame: pl.DataFrame
    faults: Mapping[str, int]


NOTHING_READ: Final = ReadCandles(NO_CANDLES, {})


def read_archive(packed: bytes, timeframe: Timeframe, span: Span) -> ReadCandles:
    """Return the candles of a zip file that covers `span`; refuse what is no file of candles."""
    return _judge(_columns_of(unpacked(packed)), timeframe, span)


def read_csv(text: bytes, timeframe: Timeframe, span: Span) -> ReadCandles:
    """Return the candles of a file's text, with or without a header, in either unit of time."""
    return _judge(_columns_of(text), timeframe, span)


def read_rows(rows: Sequence[object], timeframe: Timeframe, span: Span) -> ReadCandles:
    """Return the candles of a venue's JSON rows."""
    whole = [row for row in rows if isinstance(row, list) and len(row) >= _FIELDS]
    texts = pl.DataFrame(
        [[str(field) for field in row[:_FIELDS]] for row in whole],
        schema=dict.fromkeys(CANDLE_COLUMNS, pl.String),
        orient="row",
    )
    read = _judge(texts, timeframe, span)
    broken = len(rows) - len(whole) + read.faults.get(RowFault.MALFORMED, 0)
    return ReadCandles(
        read.frame, {**read.faults, **({RowFault.MALFORMED: broken} if broken else {})}
    )


def holes(frame: pl.DataFrame, timeframe: Timeframe, span: Span) -> list[Span]:
    """Return the spans inside `span` whose candles a frame does not hold."""
    step = timeframe.milliseconds
    first = -(-span.start // step) * step
    times = frame["open_time"].to_numpy()
    times = times[(times >= first) & (times < span.end)]
    edges = np.concatenate([[first - step], times, [max(first, -(-span.end // step) * step)]])
    return [
        Span(int(edges[place]) + step, int(edges[place + 1]))
        for place in np.flatnonzero(np.diff(edges) > step)
    ]


def with_candles(frame: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the candles of another that it does not hold itself."""
    return pl.concat([frame, more.join(frame, on="open_time", how="anti")]).sort("open_time")


def _columns_of(text: bytes) -> pl.DataFrame:
    first = text.partition(b"\n")[0].decode(errors="replace").strip().split(",")
    if len(first) < _FIELDS:
        raise InvalidDataError(f"file of candles must have six columns or more, was {first}")
    header = not first[0].strip().isdigit()
    if header and tuple(name.strip().lower() for name in first[:_FIELDS]) != CANDLE_COLUMNS:
        raise InvalidDataError(f"columns must begin with {CANDLE_COLUMNS}, was {first[:_FIELDS]}")
    rows = text.partition(b"\n")[2] if header else text
    if not rows.strip():
        return pl.DataFrame(schema=dict.fromkeys(CANDLE_COLUMNS, pl.String))
    try:
        columns = pl.read_csv(
            io.BytesIO(rows),
            has_header=False,
            columns=list(range(_FIELDS)),
            infer_schema=False,
            quote_char=None,
            truncate_ragged_lines=True,
            encoding="utf8-lossy",
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidDataError(f"file of candles cannot be read: {error}") from error
    return columns.rename(dict(zip(columns.columns, CANDLE_COLUMNS, strict=True)))


def _judge(texts: pl.DataFrame, timeframe: Timeframe, span: Span) -> ReadCandles:
    faults: Counter[str] = Counter()
    rows = texts.select(
        pl.col(name).str.strip_chars().cast(kind, strict=False)
        for name, kind in CANDLE_SCHEMA.items()
    ).with_columns(
        pl.when(pl.col("open_time") > _MICROSECONDS_FROM)
        .then(pl.col("open_time") // 1000)
        .otherwise(pl.col("open_time"))
    )
    for fault, bad in _faults(timeframe, span).items():
        sound = rows.filter(~bad)
        faults[fault] = rows.height - sound.height
        rows = sound
    steps = np.diff(rows["open_time"].to_numpy())
    if (steps <= 0).any():
        faults[RowFault.OUT_OF_ORDER] = int((steps < 0).sum())
        distinct = rows.unique(maintain_order=True)
        alone = distinct.filter(pl.col("open_time").is_unique())
        faults[RowFault.DUPLICATE] = rows.height - rows["open_time"].n_unique()
        rows = alone.sort("open_time")
    return ReadCandles(rows, +faults)


def _faults(timeframe: Timeframe, span: Span) -> Mapping[RowFault, pl.Expr]:
    time, low, high = pl.col("open_time"), pl.col("low"), pl.col("high")
    inner = pl.min_horizontal("open", "close"), pl.max_horizontal("open", "close")
    return {
        RowFault.MALFORMED: pl.any_horizontal(pl.all().is_null()),
        RowFault.NOT_FINITE: ~pl.all_horizontal(pl.all().exclude("open_time").is_finite()),
        RowFault.INCONSISTENT: ~(
            (low > 0) & (low <= inner[0]) & (inner[1] <= high) & (pl.col("volume") >= 0)
        ),
        RowFault.MISALIGNED: time % timeframe.milliseconds != 0,
        RowFault.OUTSIDE: (time < span.start) | (time >= span.end),
    }

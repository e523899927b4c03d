"""Venue rows to closed candles: the one place that decides what is closed and what can be true."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from common.domain import CANDLE_COLUMNS, Timeframe

CANDLE_SCHEMA: Final = {
    name: pl.Int64() if name == "open_time" else pl.Float64() for name in CANDLE_COLUMNS
}
NO_CANDLES: Final = pl.DataFrame(schema=CANDLE_SCHEMA)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS: Final = len(CANDLE_COLUMNS)

_NUMERIC: Final = frozenset({int, float, str})

_Candle = tuple[int, float, float, float, float, float]


class Fault(StrEnum):
    """What can be wrong with one row of an answer; such a row is never passed on."""

    MALFORMED = "malformed"
    """Not a row of six numbers: nulls, missing fields, text."""
    NOT_FINITE = "not_finite"
    """NaN or infinity."""
    INCONSISTENT = "inconsistent"
    """Prices that cannot be one candle's, or a negative volume."""
    MISALIGNED = "misaligned"
    """An open time off the UTC grid, or before the epoch it counts from."""
    DUPLICATE = "duplicate"
    """An open time told twice; when the two differ, neither is believed."""
    OUT_OF_ORDER = "out_of_order"
    """An open time earlier than the row before it; the row is kept, in its place."""
    FORMING = "forming"
    """A candle that has not closed yet: venues tell it, nobody may see it."""


HARMLESS: Final = frozenset({Fault.OUT_OF_ORDER, Fault.FORMING})
"""What says nothing against the candles of an answer."""


@dataclass(frozen=True)
class ParsedCandles:
    """The closed candles of one answer, oldest first, and what was wrong with the rest."""

    frame: pl.DataFrame
    faults: Mapping[Fault, int]
    first_fault: str = ""
    """The first refused row as it came, for people."""


def milliseconds(instant: datetime) -> int:
    """Return an instant as whole milliseconds since the epoch."""
    return int((instant - _EPOCH).total_seconds() * 1000)


def instant(milliseconds: int) -> datetime:
    """Return the instant so many milliseconds after the epoch."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def parse_candles(
    rows: Sequence[object], timeframe: Timeframe, *, exchange_time: datetime
) -> ParsedCandles:
    """Read rows of open time, open, high, low, close, volume; keep what is closed and can be true.

    A candle is closed when its open time plus its length is not later than the exchange's time.
    """
    newest_closed = milliseconds(exchange_time) - timeframe.milliseconds
    sound = _all_sound(rows, timeframe, newest_closed) if len(rows) > 1 else None
    return sound or _one_by_one(rows, timeframe, newest_closed)


def parse_each(
    rows: Sequence[object], timeframe: Timeframe, *, exchange_time: datetime
) -> list[ParsedCandles]:
    """Read rows of as many contracts, one of each: every row is an answer of its own."""
    newest_closed = milliseconds(exchange_time) - timeframe.milliseconds
    block = _sound_block(rows, timeframe)
    if block is None or (block[:, 0] > newest_closed).any():
        return [_one_by_one([row], timeframe, newest_closed) for row in rows]
    together = _frame_of(block)
    return [ParsedCandles(together.slice(place, 1), faults={}) for place in range(len(rows))]


def _all_sound(
    rows: Sequence[object], timeframe: Timeframe, newest_closed: int
) -> ParsedCandles | None:
    # Nearly every answer is sound: all of it is checked at once, five times faster than row by row.
    # Whatever looks odd is left to `_one_by_one`, which alone says what is wrong.
    block = _sound_block(rows, timeframe)
    if block is None or (np.diff(block[:, 0]) <= 0).any():
        return None
    closed = block[block[:, 0] <= newest_closed]
    forming = len(rows) - len(closed)
    return ParsedCandles(
        frame=_frame_of(closed), faults={Fault.FORMING: forming} if forming else {}
    )


def _sound_block(rows: Sequence[object], timeframe: Timeframe) -> npt.NDArray[np.float64] | None:
    """Return the rows as one block of numbers, None when one of them cannot be a candle."""
    if not rows or not all(isinstance(row, list) and len(row) >= _FIELDS for row in rows):
        return None
    fields = [field for row in rows for field in row[:_FIELDS]]  # type: ignore[index]  # lists
    if not {type(field) for field in fields} <= _NUMERIC:
        return None
    try:
        block = np.array([float(field) for field in fields]).reshape(len(rows), _FIELDS)
    except (ValueError, OverflowError):
        return None
    if not np.isfinite(block).all():
        return None
    times, opens, highs, lows, closes, volumes = block.T
    sound = (
        (times >= 0)
        & (times % timeframe.milliseconds == 0)
        & (lows > 0)
        & (lows <= np.minimum(opens, closes))
        & (highs >= np.maximum(opens, closes))
        & (volumes >= 0)
    )
    return block if sound.all() else None


def _frame_of(block: npt.NDArray[np.float64]) -> pl.DataFrame:
    columns = dict(zip(CANDLE_COLUMNS, block.T, strict=True))
    columns["open_time"] = columns["open_time"].astype(np.int64)
    return pl.DataFrame(columns)


def _one_by_one(rows: Sequence[object], timeframe: Timeframe, newest_closed: int) -> ParsedCandles:
    faults: Counter[Fault] = Counter()
    first_fault = ""
    believed: dict[int, _Candle | None] = {}
    before = -1
    for row in rows:
        candle = _read(row, timeframe)
        if isinstance(candle, Fault):
            faults[candle] += 1
            first_fault = first_fault or f"{candle}: {str(row)[:120]}"
            continue
        open_time = candle[0]
        if open_time > newest_closed:
            faults[Fault.FORMING] += 1
            continue
        if open_time in believed:
            faults[Fault.DUPLICATE] += 1
            if believed[open_time] != candle:
                believed[open_time] = None
            continue
        if open_time < before:
            faults[Fault.OUT_OF_ORDER] += 1
        before = max(before, open_time)
        believed[open_time] = candle
    candles = sorted(candle for candle in believed.values() if candle is not None)
    return ParsedCandles(frame=_frame(candles), faults=faults, first_fault=first_fault)


def _frame(candles: Sequence[_Candle]) -> pl.DataFrame:
    if not candles:
        return NO_CANDLES
    columns = zip(CANDLE_SCHEMA.items(), zip(*candles, strict=True), strict=True)
    return pl.DataFrame([pl.Series(name, values, kind) for (name, kind), values in columns])


def _read(row: object, timeframe: Timeframe) -> _Candle | Fault:
    candle = _numbers(row)
    if candle is None:
        return Fault.MALFORMED
    open_time, opened, high, low, close, volume = candle
    if not all(map(math.isfinite, candle[1:])):
        return Fault.NOT_FINITE
    if not 0 < low <= min(opened, close) <= max(opened, close) <= high or volume < 0:
        return Fault.INCONSISTENT
    if open_time < 0 or open_time % timeframe.milliseconds:
        return Fault.MISALIGNED
    return candle


def _numbers(row: object) -> _Candle | None:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) < _FIELDS:
        return None
    fields = row[:_FIELDS]
    if any(isinstance(field, bool) or not isinstance(field, int | float | str) for field in fields):
        return None
    try:
        opened, high, low, close, volume = (float(field) for field in fields[1:])
        return int(fields[0]), opened, high, low, close, volume
    except (ValueError, OverflowError):
        return None

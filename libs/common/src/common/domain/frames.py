"""Columns inside a fact: one polars frame per timeframe, checked once, carried as one Arrow block.

In a fact's JSON header a set of frames is written as its row counts, longest timeframe first; the
rows themselves travel as Arrow columns beside it (`common.codec`). Reading it back therefore takes
the columns as validation context.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from common.domain.timeframes import Timeframe

CANDLE_COLUMNS: Final = ("open_time", "open", "high", "low", "close", "volume")
"""A candle frame's columns: open time in milliseconds since the epoch (UTC), then float64."""

Frames = Mapping[Timeframe, pl.DataFrame]


def check_candles(timeframe: Timeframe, frame: pl.DataFrame) -> None:
    """Refuse candles that cannot be true: wrong columns, nulls, bad prices, misplaced times."""
    check_times(timeframe, frame)
    sound = _sound_rows(frame)
    if not sound.all():
        row = int((~sound).argmax())
        raise ValueError(f"{timeframe} candle cannot be true, was {frame.row(row)}")


def check_times(timeframe: Timeframe, frame: pl.DataFrame) -> None:
    """Refuse rows that are not in order, not unique, or not on the timeframe's grid."""
    _check_grid(timeframe, _times(frame))


def _sound_rows(frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
    if tuple(frame.columns) != CANDLE_COLUMNS:
        raise ValueError(f"candle columns must be {CANDLE_COLUMNS}, was {tuple(frame.columns)}")
    values = frame.get_columns()[1:]
    if any(series.dtype != pl.Float64 for series in values):
        raise ValueError(f"candle values must be float64, was {frame.schema}")
    opens, highs, lows, closes, volumes = (series.to_numpy() for series in values)
    # A null reads as NaN, and every comparison with NaN is false.
    return (
        (lows > 0)
        & (lows <= opens)
        & (lows <= closes)
        & (opens <= highs)
        & (closes <= highs)
        & (highs < np.inf)
        & (volumes >= 0)
        & (volumes < np.inf)
    )


def _check_grid(timeframe: Timeframe, times: npt.NDArray[np.int64]) -> None:
    length = timeframe.milliseconds
    steps = times[1:] - times[:-1]
    if (steps == length).all() and (times.size == 0 or times[0] % length == 0):
        return
    if (times % length).any():
        late = int(times[(times % length) != 0][0])
        raise ValueError(f"{timeframe} open_time must lie on the UTC grid, was {late}")
    if (steps <= 0).any():
        row = int((steps <= 0).argmax()) + 1
        raise ValueError(f"{timeframe} open_time must rise, was {times[row - 1]} then {times[row]}")


def _times(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    found = frame.get_column("open_time", default=None)
    if found is None or found.dtype != pl.Int64 or found.null_count():
        raise ValueError(f"open_time must be Int64 milliseconds without nulls, was {frame.schema}")
    times: npt.NDArray[np.int64] = found.to_numpy()
    return times


class _FrameSet:
    """Validate and serialise a mapping from timeframe to frame as one field of a fact."""

    def __init__(self, *, candles: bool) -> None:
        self._candles = candles

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        return core_schema.with_info_plain_validator_function(
            self._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda frames: {str(timeframe): frame.height for timeframe, frame in frames.items()}
            ),
        )

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        del schema, handler
        return {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "Row counts; the rows are the Arrow columns of the message.",
        }

    def _validate(self, value: object, info: ValidationInfo) -> dict[Timeframe, pl.DataFrame]:
        if not isinstance(value, Mapping):
            raise ValueError(f"frames must map timeframes to frames, was {type(value).__name__}")  # noqa: TRY004 - pydantic wants ValueError
        if info.mode != "json":
            return self._checked(dict(value))
        frames = split_rows(value, info.context)
        self._check_block(frames, cast("pl.DataFrame", info.context))
        return frames

    def _check_block(self, frames: dict[Timeframe, pl.DataFrame], block: pl.DataFrame) -> None:
        # All timeframes' rows are one block: looking at it once costs a third.
        if self._candles and frames and not _sound_rows(block).all():
            self._checked(frames)
        times = _times(block) if frames else np.empty(0, dtype=np.int64)
        start = 0
        for timeframe, frame in frames.items():
            _check_grid(timeframe, times[start : start + frame.height])
            start += frame.height

    def _checked(self, frames: dict[Timeframe, pl.DataFrame]) -> dict[Timeframe, pl.DataFrame]:
        check = check_candles if self._candles else check_times
        for timeframe, frame in frames.items():
            check(timeframe, frame)
        return frames


def split_rows(counts: Mapping[str, int], columns: object) -> dict[Timeframe, pl.DataFrame]:
    """Cut the rows of one long frame back into one frame per timeframe, by their counts."""
    if not isinstance(columns, pl.DataFrame):
        raise ValueError("frames cannot be read without their Arrow columns")  # noqa: TRY004 - pydantic wants ValueError
    if sum(counts.values()) != columns.height or any(count < 0 for count in counts.values()):
        raise ValueError(f"row counts must add up to {columns.height}, was {dict(counts)}")
    frames: dict[Timeframe, pl.DataFrame] = {}
    start = 0
    for name, count in counts.items():
        frames[Timeframe(name)] = columns.slice(start, count)
        start += count
    return frames


CandleFrames = Annotated[Frames, _FrameSet(candles=True)]
"""Closed candles by timeframe."""

IndicatorFrames = Annotated[Frames, _FrameSet(candles=False)]
"""The last rows by timeframe, one column per candle field, indicator and pattern."""

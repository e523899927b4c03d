"""Candles to indicator frames: every catalogued column for the last rows of each window.

Values are computed in one float64 block for all windows of a batch and become polars frames at
the end: building a frame column by column costs more than all indicators together.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from indicators.core.catalogue import CANDLE_INPUTS, CATALOGUE, WARM_UP
from indicators.core.compiled import Array

LAST_ROWS: Final = 64
"""Rows that leave this service with every scan."""

VALUE_COLUMNS: Final = (*CANDLE_INPUTS, *WARM_UP)
"""A frame's columns after `open_time`: the candle, then everything computed from it."""


def indicator_frame(candles: pl.DataFrame, rows: int | None = LAST_ROWS) -> pl.DataFrame:
    """Return one window's last `rows` rows (None: all of them) with every column."""
    return indicator_frames([candles], rows)[0]


def indicator_frames(
    windows: Sequence[pl.DataFrame], rows: int | None = LAST_ROWS
) -> list[pl.DataFrame]:
    """Return each window's last `rows` rows with every column, in the order given.

    A window is one timeframe's closed candles: open_time, open, high, low, close, volume. Values
    that do not exist are null.
    """
    heights = [min(window.height, rows or window.height) for window in windows]
    block = np.empty((len(VALUE_COLUMNS), sum(heights)))
    stop = 0
    for window, height in zip(windows, heights, strict=True):
        start, stop = stop, stop + height
        fill_block(_values(window), block[:, start:stop])
    times = [window["open_time"].tail(height) for window, height in zip(windows, heights, strict=True)]
    long = _to_frame(pl.concat(times) if times else pl.Series("open_time", dtype=pl.Int64), block)
    frames, start = [], 0
    for height in heights:
        frames.append(long.slice(start, height))
        start += height
    return frames


def fill_block(candles: Array, block: Array) -> None:
    """Compute every column of one window into `block`, whose width says how many last rows.

    `candles` holds open, high, low, close and volume as rows; `block` has one row per name in
    `VALUE_COLUMNS`. NaN is null.
    """
    width = block.shape[1]
    first_row = candles.shape[1] - width
    known: dict[str, Array] = dict(zip(CANDLE_INPUTS, candles, strict=True))
    block[: len(candles)] = candles[:, first_row:]
    position = len(candles)
    for indicator in CATALOGUE:
        inputs = [known[name] for name in indicator.inputs]
        if indicator.last_rows_only:
            values = indicator.function(*inputs, *indicator.parameters, first_row)
        else:
            values = indicator.function(*inputs, *indicator.parameters)
            known.update(zip(indicator.columns, values, strict=True))
            values = values[:, first_row:]
        end = position + len(indicator.columns)
        block[position:end] = values
        position = end


def _values(window: pl.DataFrame) -> Array:
    values = np.empty((len(CANDLE_INPUTS), window.height))
    for row, name in zip(values, CANDLE_INPUTS, strict=True):
        row[:] = window[name].to_numpy()
    return values


def _to_frame(times: pl.Series, block: Array) -> pl.DataFrame:
    frame = pl.DataFrame(block, schema=list(VALUE_COLUMNS), orient="col")
    with_nulls = np.isnan(block).any(axis=1)
    gaps = [name for name, found in zip(VALUE_COLUMNS, with_nulls, strict=True) if found]
    return frame.with_columns(pl.col(gaps).fill_nan(None)).insert_column(0, times)

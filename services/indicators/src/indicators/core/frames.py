"""Candles to indicator frames: every catalogued column for the last rows of each window.

Values are computed in one float64 block for all windows of a batch and become polars frames at
the end: building a frame column by column costs more than all indicators together.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from indicators.core.block import VALUE_COLUMNS, fill_block
from indicators.core.catalogue import CANDLE_INPUTS
from indicators.core.compiled import Array

LAST_ROWS: Final = 64
"""Rows that leave this service with every scan."""


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
    candles = np.empty((len(CANDLE_INPUTS), max((window.height for window in windows), default=0)))
    stop = 0
    for window, height in zip(windows, heights, strict=True):
        start, stop = stop, stop + height
        for row, name in zip(candles, CANDLE_INPUTS, strict=True):
            row[: window.height] = window.get_column(name).to_numpy()
        fill_block(candles[:, : window.height], block[:, start:stop])
    times = [
        window["open_time"].tail(height) for window, height in zip(windows, heights, strict=True)
    ]
    long = _to_frame(pl.concat(times) if times else pl.Series("open_time", dtype=pl.Int64), block)
    frames, start = [], 0
    for height in heights:
        frames.append(long.slice(start, height))
        start += height
    return frames


def warm_up() -> None:
    """Compile everything, or load it from the cache: the first call otherwise does."""
    fill_block(np.ones((len(CANDLE_INPUTS), 300)), np.empty((len(VALUE_COLUMNS), 300)))


def _to_frame(times: pl.Series, block: Array) -> pl.DataFrame:
    # nulls column by column, and only where there are any: an expression over all of them would
    # wake polars' thread pool for every batch
    gaps = [bool(np.isnan(row).any()) for row in block]
    columns = zip(VALUE_COLUMNS, block, gaps, strict=True)
    return pl.DataFrame(
        [times, *(pl.Series(name, row, nan_to_null=gap) for name, row, gap in columns)]
    )

"""Candles to indicator frames: every catalogued column for the last rows of each window.

Values are computed in one float64 block for all windows of a batch and become polars frames at
the end: building a frame column by column costs more than all indicators together.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
import polars as pl

from indicators.core.block import VALUE_COLUMNS, fill_block
from indicators.core.catalogue import CANDLE_INPUTS, VOLUME_COLUMNS
from indicators.core.compiled import Array

LAST_ROWS: Final = 64
"""Rows that leave this service with every scan."""

_PADDING: Final = 8


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
    if not windows:
        return []
    heights = [min(window.height, rows or window.height) for window in windows]
    stops = list(accumulate(window.height for window in windows))
    # columns of the whole batch at once: taking them out window by window costs twice as much
    joined = pl.concat(windows, rechunk=True)
    times = joined.get_column("open_time").to_numpy()
    candles = np.stack([joined.get_column(name).to_numpy() for name in CANDLE_INPUTS])
    told = np.concatenate(
        [np.arange(stop - height, stop) for stop, height in zip(stops, heights, strict=True)]
    )
    # rows a multiple of 4096 bytes apart would fall into the same few lines of the CPU's cache
    block = np.empty((len(VALUE_COLUMNS), told.size + _PADDING))[:, : told.size]
    start, end = 0, 0
    for window, height, stop in zip(windows, heights, stops, strict=True):
        start, end = end, end + height
        fill_block(candles[:, stop - window.height : stop], block[:, start:end])
    long = _to_frame(pl.Series("open_time", times[told]), block)
    return [
        long.slice(stop - height, height)
        for stop, height in zip(accumulate(heights), heights, strict=True)
    ]


def without_volume(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose values that depend on volume are null: spot volumes are another's."""
    absent = {name: pl.lit(None, pl.Float64()).alias(name) for name in VOLUME_COLUMNS}
    return frame.with_columns([absent[name] for name in frame.columns if name in absent])


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

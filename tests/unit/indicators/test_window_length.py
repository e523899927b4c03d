"""A window of 1,000 bars is long enough: measured on real candles against the full history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest

from indicators.core.catalogue import WARM_UP
from indicators.core.frames import indicator_frame
from indicators.core.smoothing import ema, sma
from tests.support.real_data import real_data_folder

pytestmark = pytest.mark.real

WINDOW: Final = 1000
ALLOWED: Final = 5e-4
"""0.05 %."""

_HOURS: Final = {"1h": 1, "4h": 4, "1d": 24}
_LEVELS: Final = {"obv", "obv_ema_21"}
"""On-balance volume counts from the window's first bar: only its distances mean anything."""


def _files() -> list[Path]:
    return sorted((real_data_folder() / "candles" / "binance").glob("*-1h.parquet"))


def _candles(file: Path, hours: int) -> pl.DataFrame:
    length = hours * 3_600_000
    return (
        pl.read_parquet(file)
        .group_by(pl.col("open_time") // length * length, maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
    )


def _ema_200_errors(window: int, hours: int) -> Iterator[float]:
    # a window differs from the full history by its seed alone, whose weight shrinks with each bar
    for file in _files():
        close = np.ascontiguousarray(_candles(file, hours)["close"].to_numpy())
        if close.size <= window:
            continue
        full, seed = ema(close, 200)[0], sma(close, 200)[0]
        begins = np.arange(199, close.size - (window - 200))
        ends = begins + window - 200
        kept = (1 - 2 / 201) ** (window - 200)
        yield float((np.abs(seed[begins] - full[begins]) * kept / full[ends]).max())


@pytest.mark.parametrize("hours", _HOURS.values(), ids=_HOURS)
def test_ema_200_of_every_window_is_within_the_limit(hours: int) -> None:
    errors = list(_ema_200_errors(WINDOW, hours))

    assert len(errors) >= 4
    assert max(errors) < ALLOWED


def test_a_window_of_900_bars_would_be_too_short() -> None:
    assert max(_ema_200_errors(900, _HOURS["1d"])) > ALLOWED


@pytest.mark.parametrize("hours", _HOURS.values(), ids=_HOURS)
def test_every_column_of_a_window_is_within_the_limit(hours: int) -> None:
    compared = 0
    for file in _files()[::3]:
        candles = _candles(file, hours)
        if candles.height <= WINDOW:
            continue
        whole = indicator_frame(candles, rows=None)
        for end in np.linspace(WINDOW, candles.height, 4, dtype=int):
            window = indicator_frame(candles.slice(int(end) - WINDOW, WINDOW))
            full = whole.slice(int(end) - 64, 64)
            for name in WARM_UP.keys() - _LEVELS:
                here, there = window[name].to_numpy(), full[name].to_numpy()
                limit = ALLOWED * np.abs(there) + 1e-12 * np.abs(full["close"].to_numpy())
                assert (np.isnan(here) == np.isnan(there)).all(), name
                assert (np.isnan(here) | (np.abs(here - there) <= limit)).all(), name
            compared += 1

    assert compared >= 4

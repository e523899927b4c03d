"""Candle frames for the fetcher's tests."""

from datetime import datetime

import polars as pl

from common.domain import Timeframe
from fetcher.core.parsing import CANDLE_SCHEMA, milliseconds


def candles(
    timeframe: Timeframe, close: datetime, *bars_back: int, price: float = 100.0
) -> pl.DataFrame:
    """Candles that closed so many bars before `close` (1 is the newest)."""
    end = milliseconds(close)
    times = [end - back * timeframe.milliseconds for back in sorted(bars_back, reverse=True)]
    rows = [
        (time, price, price + 2, price - 1, price + 1, 5.0 + time // timeframe.milliseconds % 7)
        for time in times
    ]
    return pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row")


def open_times(frame: pl.DataFrame, timeframe: Timeframe, close: datetime) -> list[int]:
    """How many bars before `close` the candles opened, oldest first."""
    end = milliseconds(close)
    return [(end - int(time)) // timeframe.milliseconds for time in frame["open_time"]]

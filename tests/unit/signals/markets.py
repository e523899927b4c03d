"""Hourly candles as a scan would see them at one close: all timeframes, closed bars only."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from common.domain import (
    CANDLE_COLUMNS,
    SCANNED,
    CandleSet,
    IndicatorFrame,
    Quality,
    Timeframe,
)
from indicators.core.frames import indicator_frames
from tests.support.facts import VENUE, derivatives, instrument, scan_of
from tests.support.real_data import real_data_folder

WINDOW: Final = 1000
"""Bars per timeframe, as the fetcher keeps them."""

Frames = dict[Timeframe, pl.DataFrame]


def real_hours(symbol: str) -> pl.DataFrame:
    return pl.read_parquet(real_data_folder() / "candles" / "binance" / f"{symbol}-1h.parquet")


def closes(hours: pl.DataFrame, timeframe: Timeframe = Timeframe.H4) -> list[datetime]:
    """Every close of a timeframe inside the hours, oldest first."""
    step = timeframe.milliseconds
    ends = (hours["open_time"] + Timeframe.H1.milliseconds).to_list()
    return [datetime.fromtimestamp(end / 1000, UTC) for end in ends if end % step == 0]


def resampled(hours: pl.DataFrame, timeframe: Timeframe) -> pl.DataFrame:
    """Longer candles from hourly ones; the first and the last may be incomplete."""
    if timeframe is Timeframe.H1:
        return hours.select(CANDLE_COLUMNS)
    step = timeframe.milliseconds
    return (
        hours.group_by((pl.col("open_time") // step * step).alias("start"), maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        .rename({"start": "open_time"})
        .select(CANDLE_COLUMNS)
    )


def closed(candles: pl.DataFrame, timeframe: Timeframe, as_of: datetime) -> pl.DataFrame:
    """The candles that had closed at `as_of`."""
    return candles.filter(pl.col("open_time") + timeframe.milliseconds <= _milliseconds(as_of))


def windows_at(hours: pl.DataFrame, as_of: datetime, bars: int = WINDOW) -> Frames:
    """Every timeframe's window of closed candles, from nothing later than `as_of`."""
    known = closed(hours, Timeframe.H1, as_of)
    return {one: closed(resampled(known, one), one, as_of).tail(bars) for one in SCANNED}


def indicator_windows(windows: Frames, rows: int | None = 64) -> Frames:
    return dict(zip(windows, indicator_frames(list(windows.values()), rows), strict=True))


def frame_of(
    symbol: str, as_of: datetime, frames: Frames, bars: dict[Timeframe, int], **changes: Any
) -> IndicatorFrame:
    fields: dict[str, Any] = {
        "venue": VENUE,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(as_of),
        "as_of": as_of,
        "deadline": as_of + timedelta(minutes=5),
        "instrument": instrument(symbol),
        "quality": Quality(score=1.0),
        "derivatives": derivatives(symbol),
        "bars": bars,
        "frames": frames,
    }
    return IndicatorFrame(**(fields | changes))


def scanned(symbol: str, hours: pl.DataFrame, as_of: datetime, **changes: Any) -> IndicatorFrame:
    """The indicator frame of a scan at `as_of`."""
    windows = windows_at(hours, as_of)
    heights = {one: window.height for one, window in windows.items()}
    return frame_of(symbol, as_of, indicator_windows(windows), heights, **changes)


def candle_set(symbol: str, hours: pl.DataFrame, as_of: datetime, **changes: Any) -> CandleSet:
    """What the fetcher would tell at `as_of`."""
    frames = windows_at(hours, as_of)
    fields: dict[str, Any] = {
        "venue": VENUE,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(as_of),
        "as_of": as_of,
        "deadline": as_of + timedelta(minutes=5),
        "instrument": instrument(symbol),
        "quality": Quality(score=1.0),
        "derivatives": derivatives(symbol),
        "new_since": dict.fromkeys(frames),
        "frames": frames,
    }
    return CandleSet(**(fields | changes))


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)

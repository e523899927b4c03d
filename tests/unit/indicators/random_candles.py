"""Seeded random candles: a walk with wicks, volume and volatility that comes in clusters."""

import numpy as np
import polars as pl

HOUR = 3_600_000


def random_candles(
    rows: int, *, seed: int, price: float = 100.0, volatility: float = 0.01, step: int = HOUR
) -> pl.DataFrame:
    """Return `rows` closed candles that could be true, the same for the same seed."""
    random = np.random.default_rng(seed)
    calm = np.exp(np.cumsum(random.normal(0.0, 0.05, rows)) * 0.3) * volatility
    close = price * np.exp(np.cumsum(random.normal(0.0, 1.0, rows) * calm))
    open_ = np.concatenate(([price], close[:-1])) if rows else close
    high = np.maximum(open_, close) * (1.0 + np.abs(random.normal(0.0, 0.5, rows)) * calm)
    low = np.minimum(open_, close) * np.exp(-np.abs(random.normal(0.0, 0.5, rows)) * calm)
    return pl.DataFrame(
        {
            "open_time": np.arange(rows, dtype=np.int64) * step,
            "open": open_,
            "high": high,
            "low": low,
            "close": close,
            "volume": random.lognormal(5.0, 1.0, rows),
        }
    )

"""What indicators and patterns cost a frame, against raw TA-Lib calls for the same columns.

Run it as a script. It counts CPU time of all threads, so that a busy machine disturbs little, in
interleaved rounds; the least of each is reported.
"""

import time
from collections.abc import Callable
from itertools import repeat

import numpy as np
import talib

from indicators.core.block import VALUE_COLUMNS, fill_block
from indicators.core.compiled import Array
from indicators.core.frames import LAST_ROWS, indicator_frames
from tests.unit.indicators.random_candles import random_candles

WINDOWS = 300
BARS = 1000
ROUNDS = 7
BATCH = 48
"""Frames computed together: 16 symbols with three timeframes."""

PATTERNS = (
    talib.CDLHAMMER,
    talib.CDLINVERTEDHAMMER,
    talib.CDLHANGINGMAN,
    talib.CDLSHOOTINGSTAR,
    talib.CDLDRAGONFLYDOJI,
    talib.CDLGRAVESTONEDOJI,
    talib.CDLDOJI,
    talib.CDLSPINNINGTOP,
    talib.CDLMARUBOZU,
    talib.CDLENGULFING,
    talib.CDLHARAMI,
    talib.CDLPIERCING,
    talib.CDLDARKCLOUDCOVER,
    talib.CDLMORNINGSTAR,
    talib.CDLEVENINGSTAR,
    talib.CDL3WHITESOLDIERS,
    talib.CDL3BLACKCROWS,
)
"""TA-Lib has no tweezers: our two are compared with nothing."""


def talib_floor(candles: Array) -> None:
    """Make the raw TA-Lib calls for the columns of an indicator frame, on the whole window."""
    open_, high, low, close, volume = candles
    for length in (9, 21, 50, 200):
        talib.EMA(close, length)
    talib.MACD(close, 12, 26, 9)
    talib.RSI(close, 14)
    talib.STOCHRSI(close, 14, 14, 3, 0)
    talib.EMA(talib.OBV(close, volume), 21)
    talib.SMA(volume, 20)
    talib.SUPERTREND(high, low, close, 10, 3)
    talib.ADX(high, low, close, 14)
    talib.PLUS_DI(high, low, close, 14)
    talib.MINUS_DI(high, low, close, 14)
    talib.BBANDS(close, 20, 2.0, 2.0)
    talib.TRANGE(high, low, close)
    talib.ATR(high, low, close, 14)
    talib.HA(open_, high, low, close)
    for pattern in PATTERNS:
        pattern(open_, high, low, close)


def main() -> None:
    """Measure and print microseconds per frame and ratios to the floor."""
    frames = [random_candles(BARS, seed=seed) for seed in range(WINDOWS)]
    arrays = [np.ascontiguousarray(frame.drop("open_time").to_numpy().T) for frame in frames]
    batches = [frames[start : start + BATCH] for start in range(0, WINDOWS, BATCH)]
    last, full = (np.empty((len(VALUE_COLUMNS), rows)) for rows in (LAST_ROWS, BARS))
    jobs: dict[str, Callable[[], object]] = {
        "raw TA-Lib, full windows": lambda: [*map(talib_floor, arrays)],
        "columns, last rows": lambda: [*map(fill_block, arrays, repeat(last))],
        "columns, full windows": lambda: [*map(fill_block, arrays, repeat(full))],
        "polars frames in batches": lambda: [*map(indicator_frames, batches)],
    }
    least = {name: _seconds(job) for name, job in jobs.items()}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            least[name] = min(least[name], _seconds(job))
    floor = least["raw TA-Lib, full windows"]
    print(f"{WINDOWS} windows of {BARS} bars, {len(VALUE_COLUMNS)} columns")
    for name, seconds in least.items():
        print(f"{name:28}{seconds / WINDOWS * 1e6:8.0f} µs a frame {seconds / floor:6.2f} ×")


def _seconds(job: Callable[[], object]) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin


if __name__ == "__main__":
    main()

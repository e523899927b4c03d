"""What a decision costs a symbol: indicators, signal and plan, against raw TA-Lib calls.

300 symbols × 3 timeframes × 1000 bars in one process, facts built and checked on the way. CPU time
in interleaved rounds; the least of each is reported, so that a busy machine disturbs little.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl
from talib import abstract

from common.domain import SCANNED, CandleSet, IndicatorFrame, Quality, Signal
from indicators.handlers import CandleHandler
from planner.core.page import Page
from signals.core.signal import score_frame
from tests.bench.bench_indicators import PATTERNS, talib_floor
from tests.support.facts import AS_OF, VENUE, barometer, derivatives, instrument, scan_of
from tests.unit.indicators.random_candles import random_candles
from tests.unit.planner.rules import load_rules as load_plan_rules
from tests.unit.signals.frames import load_rules

Loop = asyncio.AbstractEventLoop

SYMBOLS = 300
BARS = 1000
ROUNDS = 7
BATCH = 16
"""Symbols that go through a stage together."""
_SOME = 60
RULES = load_rules()
PLAN_RULES = load_plan_rules()
_INDICATORS = CandleHandler().handle


def main() -> None:
    """Measure and print microseconds per symbol and ratios to the floor."""
    loop = asyncio.new_event_loop()  # asyncio.run would write out every result it sees
    sets = [_candles(symbol) for symbol in range(SYMBOLS)]
    windows = [window for one in sets for window in one.frames.values()]
    arrays = [np.ascontiguousarray(one.drop("open_time").to_numpy().T) for one in windows]
    some = [one.to_pandas() for one in windows[:_SOME]]
    frames = _frames(sets, loop)
    sent = _signals(frames)
    jobs: dict[str, Callable[[], object]] = {
        "raw TA-Lib, full windows": lambda: [*map(talib_floor, arrays)],
        "pandas + TA-Lib, one pair": lambda: [*map(as_strategies_do, some)],
        "indicators and patterns": lambda: _frames(sets, loop),
        "signals": lambda: _signals(frames),
        "plans": lambda: _decide(sent),
        "all of it": lambda: _scan(sets, loop),
    }
    least = {name: _seconds(job) for name, job in jobs.items()}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            least[name] = min(least[name], _seconds(job))
    floor = least["raw TA-Lib, full windows"]
    print(f"{SYMBOLS} symbols × {len(SCANNED)} timeframes × {BARS} bars, one process")
    loop.close()
    least["pandas + TA-Lib, one pair"] *= len(windows) / _SOME  # it is slow: a part is enough
    for name, seconds in least.items():
        print(f"{name:28}{seconds / SYMBOLS * 1e6:8.0f} µs a symbol {seconds / floor:6.2f} ×")


def as_strategies_do(candles: pd.DataFrame) -> None:
    """Compute the same columns the way freqtrade strategies do: one pandas column at a time."""
    frame = candles.copy()
    for length in (9, 21, 50, 200):
        frame[f"ema_{length}"] = abstract.EMA(frame, timeperiod=length)
    macd = abstract.MACD(frame, fastperiod=12, slowperiod=26, signalperiod=9)
    frame["macd"], frame["macd_signal"] = macd["macd"], macd["macdsignal"]
    frame["macd_histogram"] = macd["macdhist"]
    frame["rsi"] = abstract.RSI(frame, timeperiod=14)
    stochastic = abstract.STOCHRSI(frame, timeperiod=14, fastk_period=14, fastd_period=3)
    frame["stoch_rsi_k"], frame["stoch_rsi_d"] = stochastic["fastk"], stochastic["fastd"]
    frame["obv"] = abstract.OBV(frame)
    frame["obv_ema_21"] = abstract.EMA(frame["obv"], timeperiod=21)
    frame["volume_sma_20"] = abstract.SMA(frame["volume"], timeperiod=20)
    frame["adx"] = abstract.ADX(frame, timeperiod=14)
    frame["plus_di"] = abstract.PLUS_DI(frame, timeperiod=14)
    frame["minus_di"] = abstract.MINUS_DI(frame, timeperiod=14)
    bands = abstract.BBANDS(frame, timeperiod=20, nbdevup=2.0, nbdevdn=2.0)
    frame["width"] = (bands["upperband"] - bands["lowerband"]) / bands["middleband"]
    frame["width_percentile"] = frame["width"].rolling(200, min_periods=61).rank(pct=True)
    frame["true_range"] = abstract.TRANGE(frame)
    frame["atr"] = abstract.ATR(frame, timeperiod=14)
    frame["atr_percentile"] = (
        (frame["atr"] / frame["close"]).rolling(200, min_periods=61).rank(pct=True)
    )
    frame["supertrend"] = abstract.SUPERTREND(frame, timeperiod=10, multiplier=3.0).iloc[:, 0]
    for pattern in PATTERNS:
        frame[pattern.__name__] = getattr(abstract, pattern.__name__)(frame)


def _candles(symbol: int) -> CandleSet:
    name = f"X{symbol}USDT"
    return CandleSet(
        venue=VENUE,
        symbol=name,
        simulated=True,
        scan_id=scan_of(AS_OF),
        as_of=AS_OF,
        deadline=AS_OF + timedelta(minutes=5),
        instrument=instrument(name),
        quality=Quality(score=1.0),
        derivatives=derivatives(name),
        barometer=barometer(),
        new_since=dict.fromkeys(SCANNED),
        frames={timeframe: _window(symbol, place) for place, timeframe in enumerate(SCANNED)},
    )


def _window(symbol: int, place: int) -> pl.DataFrame:
    step = SCANNED[place].milliseconds
    last = int(SCANNED[place].floor(AS_OF).timestamp() * 1000)
    candles = random_candles(BARS, seed=symbol * len(SCANNED) + place, step=step)
    return candles.with_columns(pl.col("open_time") + (last - BARS * step))


def _scan(sets: Sequence[CandleSet], loop: Loop) -> None:
    """Take batch by batch through all three stages, as the bus would."""
    for start in range(0, len(sets), BATCH):
        _decide(_signals(_frames(sets[start : start + BATCH], loop)))


def _frames(sets: Sequence[CandleSet], loop: Loop) -> list[IndicatorFrame]:
    batches = [sets[start : start + BATCH] for start in range(0, len(sets), BATCH)]
    told = [facts for batch in batches for facts in loop.run_until_complete(_INDICATORS(batch))]
    return [fact for facts in told for fact in facts if isinstance(fact, IndicatorFrame)]


def _signals(frames: Sequence[IndicatorFrame]) -> list[Signal]:
    return [score_frame(frame, RULES) for frame in frames]


def _decide(sent: Sequence[Signal]) -> None:
    for signal in sent:
        Page(PLAN_RULES).answer_signal(signal)


def _seconds(job: Callable[[], object]) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin


if __name__ == "__main__":
    main()

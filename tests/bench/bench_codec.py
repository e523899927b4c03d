"""Microseconds to write and read one CandleSet, one IndicatorFrame and one Signal.

Run as `python -m tests.bench.bench_codec`: the fastest tenth of many runs, so that a busy machine
shows what the code costs and not what its neighbours do.
"""

import time
from collections.abc import Callable

from common.codec import decode, encode
from common.domain import (
    CANDLE_COLUMNS,
    SCANNED,
    CandleSet,
    Fact,
    IndicatorFrame,
    Quality,
)
from tests.support.facts import (
    AS_OF,
    barometer,
    chart_frame,
    derivatives,
    instrument,
    scan_of,
    signal,
)

RUNS = 500


def main() -> None:
    """Print a line for each fact."""
    print(f"{'fact':<24}{'bytes':>10}{'encode µs':>12}{'decode µs':>12}")
    for fact in (candle_set(rows=1000), indicator_frame(rows=64, columns=100), signal()):
        body = encode(fact)
        encoding = _microseconds(lambda: encode(fact))  # noqa: B023 - called in this turn
        decoding = _microseconds(lambda: decode(fact.name(), body))  # noqa: B023 - the same
        print(f"{fact.name():<24}{len(body):>10,}{encoding:>12.0f}{decoding:>12.0f}")


def candle_set(*, rows: int) -> CandleSet:
    frames = {
        timeframe: chart_frame(timeframe=timeframe, rows=rows)
        .frames[timeframe]
        .select(CANDLE_COLUMNS)
        for timeframe in SCANNED
    }
    return CandleSet(
        venue="binance",
        symbol="BTCUSDT",
        simulated=True,
        scan_id=scan_of(),
        as_of=AS_OF,
        deadline=AS_OF,
        instrument=instrument(),
        quality=Quality(score=1.0),
        derivatives=derivatives(),
        barometer=barometer(),
        new_since=dict.fromkeys(SCANNED),
        frames=frames,
    )


def indicator_frame(*, rows: int, columns: int) -> IndicatorFrame:
    frames = {}
    for timeframe in SCANNED:
        candles = chart_frame(timeframe=timeframe, rows=rows).frames[timeframe]
        more = [candles["close"].alias(f"column_{number}") for number in range(columns)]
        frames[timeframe] = candles.with_columns(more)
    described = chart_frame().model_dump(exclude={"frames", "bars", "instrument", "quality"})
    return IndicatorFrame(
        **described,
        instrument=instrument(),
        quality=Quality(score=1.0),
        bars=dict.fromkeys(SCANNED, 1000),
        frames=frames,
    )


def _microseconds(work: Callable[[], bytes | Fact]) -> float:
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return sorted(took)[RUNS // 10] * 1e6


if __name__ == "__main__":
    main()

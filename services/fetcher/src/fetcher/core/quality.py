"""How far a contract's candles can be trusted: every defect named, counted and weighed.

Below 0.8 nobody trades on them (the signals' quality gate). Enough alone for that: one newest
candle missing, 4 % of a window missing, 20 idle ones among the last hundred, one outlier wick
among the last twenty, a clock a minute off. The rest is told and leaves a trace.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from common.domain import Defect, Quality, Timeframe
from fetcher.core.parsing import Fault
from fetcher.core.wicks import outlier_wicks
from fetcher.core.windows import holes, missing_at_end

GAP: Final = "gap"
STALE_TAIL: Final = "stale_tail"
ZERO_VOLUME: Final = "zero_volume_run"
SHORT_HISTORY: Final = "short_history"
CHANGED_PAST: Final = "changed_past"
OUTLIER_WICK: Final = "outlier_wick"
CLOCK_OFFSET: Final = "clock_offset"

_GAP_WEIGHT: Final = 5.0  # 4 % of the candles missing: as far as the planner's gate goes
_STALE_PENALTY: Final = 0.25  # one newest candle missing is enough to be refused
_ZERO_VOLUME_WEIGHT: Final = 1.0  # a fifth of the recent candles without a trade
_CHANGED_PENALTY: Final = 0.05
_WICK_PENALTY: Final = 0.25  # of each that is fresh: ATR and stops are drawn from them
_FRESH: Final = 20
_NOTED_OFFSET: Final = timedelta(seconds=1)
_WRONG_OFFSET: Final = timedelta(minutes=1)  # what closes when cannot be told any more
_OFFSET_PENALTY: Final = 0.25
_ROW_PENALTY: Final = 0.01  # a refused row that was read again well leaves only a trace
_MOST_ROW_PENALTY: Final = 0.1
_RECENT: Final = 100
_SHORTEST_RUN: Final = 3  # single idle candles are normal in quiet hours


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known about one timeframe's window in one scan."""

    frame: pl.DataFrame
    bars: int
    """How many candles a full window holds."""
    faults: Mapping[Fault, int] = field(default_factory=dict)
    changed: int = 0


def certify(
    evidence: Mapping[Timeframe, Evidence],
    close: datetime,
    *,
    clock_offset: timedelta = timedelta(0),
) -> Quality:
    """Return the certificate of one contract's windows; the worst timeframe sets the score.

    `clock_offset` is how far the venue's clock is ahead of ours; it is allowed for, and told.
    """
    defects: list[Defect] = []
    off = abs(clock_offset)
    worst = 1.0 if off < _WRONG_OFFSET else 1.0 - _OFFSET_PENALTY
    if off >= _NOTED_OFFSET:
        defects.append(Defect(name=CLOCK_OFFSET, timeframe=None, count=round(off.total_seconds())))
    for timeframe, known in evidence.items():
        found, score = _judge(timeframe, known, close)
        defects += found
        worst = min(worst, score)
    return Quality(score=round(worst, 4), defects=tuple(defects))


def _judge(timeframe: Timeframe, known: Evidence, close: datetime) -> tuple[list[Defect], float]:
    frame = known.frame
    missing = sum(span.bars(timeframe) for span in holes(frame, timeframe))
    stale = missing_at_end(frame, timeframe, close)
    idle = _idle_bars(frame)
    wicks = outlier_wicks(frame)
    rows = sum(count for fault, count in known.faults.items() if fault is not Fault.FORMING)
    counts = {
        GAP: missing,
        STALE_TAIL: stale,
        ZERO_VOLUME: idle,
        OUTLIER_WICK: int(wicks.sum()),
        CHANGED_PAST: known.changed,
        SHORT_HISTORY: max(0, known.bars - frame.height - missing - stale),
        **{str(fault): count for fault, count in known.faults.items()},
    }
    score = (
        1.0
        - _GAP_WEIGHT * missing / max(1, frame.height + missing)
        - _STALE_PENALTY * stale
        - _ZERO_VOLUME_WEIGHT * idle / _RECENT
        - _WICK_PENALTY * int(wicks[-_FRESH:].sum())
        - (_CHANGED_PENALTY if known.changed else 0.0)
        - min(_MOST_ROW_PENALTY, _ROW_PENALTY * rows)
    )
    defects = [
        Defect(name=name, timeframe=timeframe, count=count)
        for name, count in counts.items()
        if count
    ]
    return defects, min(1.0, max(0.0, score))


def _idle_bars(frame: pl.DataFrame) -> int:
    idle = frame["volume"].tail(_RECENT).to_numpy() == 0
    if not idle.any():
        return 0
    edges = np.diff(np.concatenate([[False], idle, [False]]).astype(np.int8))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths[lengths >= _SHORTEST_RUN].sum())

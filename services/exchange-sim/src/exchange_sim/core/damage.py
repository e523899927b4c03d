"""What a fault does to an answer's candles."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.bars import Bars
from exchange_sim.core.fault import Fault
from exchange_sim.core.timeframes import Timeframe

_REVISED = 1.004  # how far a changed past is off
_WICK = 1.35


def damage(bars: Bars, fault: Fault, timeframe: Timeframe, *, now: int) -> Bars:
    """Return the candles as the fault shows them; the forming candle is left as it is."""
    closed = int(np.searchsorted(timeframe.close_times(bars.open_time), now, side="right"))
    spoil = _SPOILS.get(fault.kind)
    if not closed or spoil is None:
        return bars
    return spoil(bars, _struck(bars, fault, closed, timeframe))


@dataclass(frozen=True, slots=True)
class _Struck:
    first: int
    last: int
    newest: int
    closed: int
    length: int
    rows: NDArray[np.int64]

    @property
    def mask(self) -> NDArray[np.bool_]:
        return (self.rows >= self.first) & (self.rows < self.last)


def _struck(bars: Bars, fault: Fault, closed: int, timeframe: Timeframe) -> _Struck:
    count = max(fault.rows, 2) if fault.kind == "unordered" else fault.rows
    if fault.at is None:
        first = max(closed // 2 - count // 2, 0)
    else:
        first = int(np.searchsorted(bars.open_time, int(fault.at.timestamp() * 1000)))
    return _Struck(
        first=first,
        last=min(first + count, closed),
        newest=max(closed - fault.rows, 0),
        closed=closed,
        length=timeframe.milliseconds,
        rows=np.arange(len(bars)),
    )


def _missing(bars: Bars, struck: _Struck) -> Bars:
    return _take(bars, struck.rows[~struck.mask])


def _late(bars: Bars, struck: _Struck) -> Bars:
    rows = struck.rows
    return _take(bars, rows[(rows < struck.newest) | (rows >= struck.closed)])


def _duplicated(bars: Bars, struck: _Struck) -> Bars:
    return _take(bars, np.sort(np.concatenate([struck.rows, struck.rows[struck.mask]])))


def _unordered(bars: Bars, struck: _Struck) -> Bars:
    mirrored = struck.first + struck.last - 1 - struck.rows
    return _take(bars, np.where(struck.mask, mirrored, struck.rows))


def _shifted(bars: Bars, struck: _Struck) -> Bars:
    later = bars.open_time + struck.length // 4
    return replace(bars, open_time=np.where(struck.mask, later, bars.open_time))


def _changed_past(bars: Bars, struck: _Struck) -> Bars:
    close = np.where(struck.mask, _raised(bars.close, _REVISED), bars.close)
    return replace(bars, close=close, high=np.maximum(bars.high, close))


def _inconsistent(bars: Bars, struck: _Struck) -> Bars:
    low, high = bars.low, bars.high
    return replace(
        bars, low=np.where(struck.mask, high + 1, low), high=np.where(struck.mask, low, high)
    )


def _wick(bars: Bars, struck: _Struck) -> Bars:
    return replace(bars, high=np.where(struck.mask, _raised(bars.high, _WICK), bars.high))


def _zero_volume(bars: Bars, struck: _Struck) -> Bars:
    columns = bars.columns()
    return Bars(*columns[:5], *(np.where(struck.mask, 0, column) for column in columns[5:]))


_SPOILS: dict[str, Callable[[Bars, _Struck], Bars]] = {
    "missing": _missing,
    "late": _late,
    "duplicated": _duplicated,
    "unordered": _unordered,
    "shifted": _shifted,
    "changed_past": _changed_past,
    "inconsistent": _inconsistent,
    "wick": _wick,
    "zero_volume": _zero_volume,
}


def _take(bars: Bars, rows: NDArray[np.int64]) -> Bars:
    return Bars(*(column[rows] for column in bars.columns()))


def _raised(prices: NDArray[np.int64], ratio: float) -> NDArray[np.int64]:
    raised: NDArray[np.int64] = np.rint(prices * ratio).astype(np.int64) + 1
    return raised

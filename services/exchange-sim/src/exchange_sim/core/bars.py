"""Candles as columns of whole numbers, so that every timeframe is exactly the sum of its parts."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.timeframes import Timeframe

Column = NDArray[np.int64]

_TRADE_QUOTE = 700  # quote units an average trade is worth
_TAKER_TILT = 0.35  # how far a full-bodied candle moves the takers' share from one half


@dataclass(frozen=True, slots=True)
class Bars:
    """Candles, oldest first; prices and volumes count the contract's smallest decimal.

    Quote volumes count the product of both decimals, so that they too add up without rounding.
    """

    open_time: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column
    quote_volume: Column
    trades: Column
    taker_volume: Column
    taker_quote_volume: Column

    def __len__(self) -> int:
        return len(self.open_time)

    def take(self, rows: slice) -> "Bars":
        """Return some of the rows."""
        return Bars(*(column[rows] for column in self.columns()))

    def columns(self) -> tuple[Column, ...]:
        """Return every column in the order of the fields."""
        columns: tuple[Column, ...] = _all_columns(self)
        return columns

    def between(self, start: int, end: int) -> "Bars":
        """Return the candles that open in [start, end)."""
        first, last = np.searchsorted(self.open_time, [start, end])
        return self.take(slice(int(first), int(last)))


_all_columns = attrgetter(*(field.name for field in fields(Bars)))


def complete(
    open_time: Column,
    prices: tuple[Column, Column, Column, Column],
    volume: Column,
    *,
    quote_decimals: int,
) -> Bars:
    """Add what a trade tape would tell: turnover, trade count and the takers' side."""
    opened, high, low, close = prices
    typical = (high + low + 2 * close) // 4
    quote_volume = volume * typical
    spread = np.maximum(high - low, 1)
    share = 0.5 + _TAKER_TILT * (close - opened) / spread
    taker_volume = (volume * share).astype(np.int64)
    trades = quote_volume // (_TRADE_QUOTE * 10**quote_decimals) + (volume > 0)
    return Bars(
        open_time, opened, high, low, close, volume,
        quote_volume, trades, taker_volume, taker_volume * typical,
    )  # fmt: skip


def aggregate(bars: Bars, timeframe: Timeframe) -> Bars:
    """Gather candles into the timeframe they fall into; what is missing stays missing."""
    if not len(bars):
        return bars
    opens = timeframe.open_times(bars.open_time)
    changes = np.flatnonzero(opens[1:] != opens[:-1])
    starts = np.concatenate(([0], changes + 1))
    ends = np.concatenate((changes, [len(bars) - 1]))
    return Bars(
        opens[starts],
        bars.open[starts],
        np.maximum.reduceat(bars.high, starts),
        np.minimum.reduceat(bars.low, starts),
        bars.close[ends],
        *(np.add.reduceat(column, starts) for column in bars.columns()[5:]),
    )


def join(parts: Iterable[Bars]) -> Bars:
    """Put candles end to end."""
    columns = zip(*(part.columns() for part in parts), strict=True)
    return Bars(*(np.concatenate(column) for column in columns))


def no_bars() -> Bars:
    """Return no candles at all."""
    return Bars(*(np.empty(0, dtype=np.int64) for _ in fields(Bars)))

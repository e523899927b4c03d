"""What scoring reads of one timeframe's rows: taken out of the frame once, missing means None."""

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, Final, NamedTuple

import polars as pl

from common.domain import Timeframe

_PATTERN_PREFIX: Final = "pattern_"
_UNDIRECTED: Final = frozenset({"doji", "spinning_top"})


class Row(NamedTuple):
    """The newest closed candle's columns, by their names in the frame."""

    close: float | None = None
    ema_9: float | None = None
    ema_21: float | None = None
    ema_50: float | None = None
    ema_200: float | None = None
    macd: float | None = None
    macd_histogram: float | None = None
    rsi: float | None = None
    stoch_rsi_k: float | None = None
    stoch_rsi_d: float | None = None
    obv: float | None = None
    obv_ema_21: float | None = None
    volume_sma_20: float | None = None
    relative_volume: float | None = None
    supertrend_direction: float | None = None
    adx: float | None = None
    plus_di: float | None = None
    minus_di: float | None = None
    bollinger_width_percentile: float | None = None
    atr_percentile: float | None = None
    true_range: float | None = None
    atr: float | None = None
    ha_streak: float | None = None
    last_swing_high: float | None = None
    prior_swing_high: float | None = None
    last_swing_low: float | None = None
    prior_swing_low: float | None = None
    body_atr: float | None = None
    upper_wick_atr: float | None = None
    lower_wick_atr: float | None = None
    range_atr: float | None = None

    def without_volume(self) -> "Row":
        """Forget what depends on volume: spot volumes say nothing about the contract."""
        return self._replace(obv=None, obv_ema_21=None, volume_sma_20=None, relative_volume=None)


_UNKNOWN: Final = Row()


class Pattern(NamedTuple):
    """A candlestick pattern that ends on the newest candle."""

    name: str
    strength: float
    """−1 … 1: its sign is its direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One timeframe as scoring sees it."""

    timeframe: Timeframe
    bars: int
    last: Row = _UNKNOWN
    ema_21_before: float | None = None
    """EMA 21 as many bars ago as the slope is measured over."""
    atr_before: tuple[float | None, float | None] = (None, None)
    """ATR of the bar before the newest, and of the one before that."""
    true_range_before: float | None = None
    """True range of the bar before the newest."""
    swing_highs: tuple[float, ...] = ()
    """Confirmed swing highs, newest first."""
    swing_lows: tuple[float, ...] = ()
    patterns: tuple[Pattern, ...] = ()


def read_window(
    timeframe: Timeframe,
    frame: pl.DataFrame | None,
    *,
    bars: int,
    slope_bars: int,
    with_swings: bool,
    with_volume: bool = True,
) -> Window:
    """Take out of a frame what scoring needs; a frame that is not there gives an empty window."""
    if frame is None or frame.height == 0:
        return Window(timeframe=timeframe, bars=bars)
    # whole rows, single columns: polars' selections cost ten times as much as all of scoring
    columns = tuple(frame.columns)
    values = frame.row(-1)
    last = Row._make(
        [None if place is None else _finite(values[place]) for place in _places(columns)]
    )
    return Window(
        timeframe=timeframe,
        bars=bars,
        last=last if with_volume else last.without_volume(),
        ema_21_before=_item(frame, columns, "ema_21", slope_bars),
        atr_before=(_item(frame, columns, "atr", 1), _item(frame, columns, "atr", 2)),
        true_range_before=_item(frame, columns, "true_range", 1),
        swing_highs=_swings(
            frame, columns, "swing_high", (last.last_swing_high, last.prior_swing_high)
        )
        if with_swings
        else (),
        swing_lows=_swings(frame, columns, "swing_low", (last.last_swing_low, last.prior_swing_low))
        if with_swings
        else (),
        patterns=_patterns(columns, values),
    )


@lru_cache(maxsize=8)
def _places(columns: tuple[str, ...]) -> tuple[int | None, ...]:
    found = {name: place for place, name in enumerate(columns)}
    return tuple(found.get(name) for name in Row._fields)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None


def _item(frame: pl.DataFrame, columns: tuple[str, ...], name: str, bars_ago: int) -> float | None:
    if frame.height <= bars_ago or name not in columns:
        return None
    return _finite(frame.item(frame.height - 1 - bars_ago, columns.index(name)))


def _swings(
    frame: pl.DataFrame,
    columns: tuple[str, ...],
    name: str,
    carried: tuple[float | None, float | None],
) -> tuple[float, ...]:
    rows = frame.to_series(columns.index(name)).to_list() if name in columns else []
    found = [value for value in reversed(rows) if value is not None and isfinite(value)]
    # the two newest are carried forward, so they outlive the rows they stand on
    older = carried[len(found) :]
    return tuple(found) + tuple(value for value in older if value is not None)


def _patterns(columns: tuple[str, ...], values: tuple[Any, ...]) -> tuple[Pattern, ...]:
    return tuple(
        Pattern(columns[place].removeprefix(_PATTERN_PREFIX), float(values[place]))
        for place in _pattern_places(columns)
        if values[place] is not None and isfinite(values[place]) and values[place] != 0.0
    )


@lru_cache(maxsize=8)
def _pattern_places(columns: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        place
        for place, name in enumerate(columns)
        if name.startswith(_PATTERN_PREFIX)
        and name.removeprefix(_PATTERN_PREFIX) not in _UNDIRECTED
    )

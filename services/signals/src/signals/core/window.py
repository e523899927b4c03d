"""What scoring reads of one timeframe's rows: taken out of the frame once, missing means None."""

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple

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
    # whole rows, single values: polars' selections cost ten times as much as all of scoring
    layout = _layout(tuple(frame.columns))
    values = frame.row(-1)
    last = Row._make([None if place is None else _finite(values[place]) for place in layout.fields])
    highs: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()
    if with_swings:
        highs = _swings(frame, layout.swing_high, (last.last_swing_high, last.prior_swing_high))
        lows = _swings(frame, layout.swing_low, (last.last_swing_low, last.prior_swing_low))
    height = frame.height
    return Window(
        timeframe=timeframe,
        bars=bars,
        last=last if with_volume else last.without_volume(),
        ema_21_before=_item(frame, height - 1 - slope_bars, layout.ema_21),
        atr_before=(_item(frame, height - 2, layout.atr), _item(frame, height - 3, layout.atr)),
        true_range_before=_item(frame, height - 2, layout.true_range),
        swing_highs=highs,
        swing_lows=lows,
        patterns=tuple(
            [
                Pattern(name, float(values[place]))
                for name, place in layout.patterns
                if values[place] and isfinite(values[place])
            ]
        ),
    )


class _Layout(NamedTuple):
    """Where a frame's columns are."""

    fields: tuple[int | None, ...]
    ema_21: int | None
    atr: int | None
    true_range: int | None
    swing_high: int | None
    swing_low: int | None
    patterns: tuple[tuple[str, int], ...]


@lru_cache(maxsize=8)
def _layout(columns: tuple[str, ...]) -> _Layout:
    places = {name: place for place, name in enumerate(columns)}
    patterns = {
        name.removeprefix(_PATTERN_PREFIX): place
        for name, place in places.items()
        if name.startswith(_PATTERN_PREFIX)
    }
    return _Layout(
        fields=tuple(places.get(name) for name in Row._fields),
        ema_21=places.get("ema_21"),
        atr=places.get("atr"),
        true_range=places.get("true_range"),
        swing_high=places.get("swing_high"),
        swing_low=places.get("swing_low"),
        patterns=tuple(one for one in patterns.items() if one[0] not in _UNDIRECTED),
    )


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None


def _item(frame: pl.DataFrame, row: int, column: int | None) -> float | None:
    return None if column is None or row < 0 else _finite(frame.item(row, column))


def _swings(
    frame: pl.DataFrame, column: int | None, carried: tuple[float | None, float | None]
) -> tuple[float, ...]:
    rows = [] if column is None else frame.to_series(column).to_list()
    found = [value for value in reversed(rows) if value is not None and isfinite(value)]
    # the two newest are carried forward, so they outlive the rows they stand on
    return (*found, *(value for value in carried[len(found) :] if value is not None))

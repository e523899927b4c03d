"""Everything this service computes: one line per indicator, in an order where inputs come first.

Adding an indicator is one function that takes columns and returns rows, and one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from indicators.core.compiled import Array
from indicators.core.geometry import geometry
from indicators.core.heikin_ashi import heikin_ashi
from indicators.core.momentum import macd, rsi, stochastic_rsi
from indicators.core.patterns.scan import PATTERNS, Pattern, scan_patterns
from indicators.core.percentile import percentile
from indicators.core.smoothing import ema, emas
from indicators.core.swings import swings
from indicators.core.trend import directional_movement, supertrend
from indicators.core.volatility import average_true_range, bollinger, true_range
from indicators.core.volume import on_balance_volume, relative_volume

CANDLE_INPUTS: Final = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """How some columns of an indicator frame come about."""

    name: str
    columns: dict[str, int]
    """Column names, each with its warm-up: the number of rows at the start that have no value."""
    inputs: tuple[str, ...]
    """Candle columns and columns of earlier indicators, in the function's order."""
    function: Callable[..., Array]
    """Takes the inputs, then the parameters; returns one row per column."""
    parameters: tuple[float, ...] = ()
    last_rows_only: bool = False
    """Whether the function also takes the first row wanted and returns the rows from there on.

    Recursive indicators start at the window's first bar instead; only they feed others.
    """


def _pattern_warm_up(pattern: Pattern) -> int:
    # a reversal needs EMA 21 six bars before its first bar, the others ATR 14 one bar before
    return (26 if pattern.reversal else 14) + pattern.bars - 1


_OHLC: Final = ("open", "high", "low", "close")
_HLC: Final = ("high", "low", "close")

CATALOGUE: Final = (
    Indicator(
        name="EMA 9 21 50 200",
        columns={"ema_9": 8, "ema_21": 20, "ema_50": 49, "ema_200": 199},
        inputs=("close",),
        function=emas,
        parameters=(9, 21, 50, 200),
    ),
    Indicator(
        name="MACD 12 26 9",
        columns={"macd": 25, "macd_signal": 33, "macd_histogram": 33},
        inputs=("close",),
        function=macd,
        parameters=(12, 26, 9),
    ),
    Indicator(
        name="RSI 14", columns={"rsi": 14}, inputs=("close",), function=rsi, parameters=(14,)
    ),
    Indicator(
        name="StochRSI 14 14 3 3",
        columns={"stoch_rsi_k": 29, "stoch_rsi_d": 31},
        inputs=("rsi",),
        function=stochastic_rsi,
        parameters=(14, 3, 3),
        last_rows_only=True,
    ),
    Indicator(
        name="OBV", columns={"obv": 1}, inputs=("close", "volume"), function=on_balance_volume
    ),
    Indicator(
        name="EMA 21 of OBV",
        columns={"obv_ema_21": 21},
        inputs=("obv",),
        function=ema,
        parameters=(21,),
    ),
    Indicator(
        name="Relative volume 20",
        columns={"volume_sma_20": 19, "relative_volume": 19},
        inputs=("volume",),
        function=relative_volume,
        parameters=(20,),
        last_rows_only=True,
    ),
    Indicator(name="True range", columns={"true_range": 0}, inputs=_HLC, function=true_range),
    Indicator(
        name="ATR 14",
        columns={"atr": 13, "atr_percent": 13},
        inputs=("true_range", "close"),
        function=average_true_range,
        parameters=(14,),
    ),
    Indicator(
        name="Percentile of ATR % in 199 bars",
        columns={"atr_percentile": 73},
        inputs=("atr_percent",),
        function=percentile,
        parameters=(199, 60),
        last_rows_only=True,
    ),
    Indicator(
        name="Supertrend 10 3",
        columns={"supertrend": 9, "supertrend_direction": 9},
        inputs=(*_HLC, "true_range"),
        function=supertrend,
        parameters=(10, 3.0),
    ),
    Indicator(
        name="ADX 14 14",
        columns={"adx": 27, "plus_di": 14, "minus_di": 14},
        inputs=("high", "low", "true_range"),
        function=directional_movement,
        parameters=(14, 14),
    ),
    Indicator(
        name="Bollinger 20 2",
        columns={
            "bollinger_upper": 19,
            "bollinger_middle": 19,
            "bollinger_lower": 19,
            "bollinger_width": 19,
            "bollinger_width_percentile": 79,
        },
        inputs=("close",),
        function=bollinger,
        parameters=(20, 2.0, 199, 60),
        last_rows_only=True,
    ),
    Indicator(
        name="Heikin Ashi",
        columns={"ha_open": 0, "ha_high": 0, "ha_low": 0, "ha_close": 0, "ha_streak": 0},
        inputs=_OHLC,
        function=heikin_ashi,
    ),
    Indicator(
        name="Swings of 3 bars",
        columns={
            "swing_high": 6,
            "swing_low": 6,
            "last_swing_high": 6,
            "prior_swing_high": 10,
            "last_swing_low": 6,
            "prior_swing_low": 10,
        },
        inputs=("high", "low"),
        function=swings,
        parameters=(3,),
        last_rows_only=True,
    ),
    Indicator(
        name="Geometry in ATR",
        columns={"body_atr": 13, "upper_wick_atr": 13, "lower_wick_atr": 13, "range_atr": 13},
        inputs=(*_OHLC, "atr"),
        function=geometry,
        last_rows_only=True,
    ),
    Indicator(
        name="Candlestick patterns",
        columns={pattern.column: _pattern_warm_up(pattern) for pattern in PATTERNS},
        inputs=(*_OHLC, "atr", "ema_21"),
        function=scan_patterns,
        last_rows_only=True,
    ),
)
"""Every indicator."""

WARM_UP: Final = {
    column: rows for indicator in CATALOGUE for column, rows in indicator.columns.items()
}
"""Every computed column with the number of rows it needs before its first value."""


def _fed_by(source: str) -> frozenset[str]:
    fed: set[str] = set()
    for indicator in CATALOGUE:  # in the order in which they feed each other
        if {source, *fed} & set(indicator.inputs):
            fed |= set(indicator.columns)
    return frozenset(fed)


VOLUME_COLUMNS: Final = _fed_by("volume")
"""Every computed column that volume has a part in."""

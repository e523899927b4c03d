"""Each candlestick pattern: found where it is, and not where it only almost is.

Candles are written as (open, high, low, close) in ATR from the last close of a steady trend.
"""

import numpy as np
import polars as pl
import pytest

from indicators.core.frames import indicator_frame
from indicators.core.patterns.scan import PATTERNS, PatternKind
from tests.unit.indicators.random_candles import HOUR

Candle = tuple[float, float, float, float]

BULLISH: dict[str, tuple[Candle, ...]] = {
    "hammer": ((0.0, 0.1, -1.0, -0.2),),
    "inverted_hammer": ((0.0, 1.0, -0.1, 0.2),),
    "dragonfly_doji": ((0.0, 0.05, -1.0, 0.02),),
    "engulfing": ((0.0, 0.1, -0.5, -0.4), (-0.4, 0.4, -0.5, 0.3)),
    "harami": ((0.0, 0.1, -1.1, -1.0), (-0.9, -0.5, -1.0, -0.6)),
    "piercing": ((0.0, 0.1, -1.1, -1.0), (-1.0, -0.3, -1.1, -0.4)),
    "tweezer_bottom": ((0.0, 0.1, -1.0, -0.5), (-0.5, 0.1, -1.02, -0.1)),
    "morning_star": (
        (0.0, 0.1, -1.1, -1.0),
        (-1.0, -0.8, -1.3, -1.1),
        (-1.1, -0.1, -1.2, -0.3),
    ),
    "three_white_soldiers": (
        (0.0, 0.65, -0.1, 0.6),
        (0.5, 1.25, 0.4, 1.2),
        (1.1, 1.85, 1.0, 1.8),
    ),
}
"""A textbook case of each bullish form, after a fall."""

TWINS = {
    "hammer": "shooting_star",
    "inverted_hammer": "hanging_man",
    "dragonfly_doji": "gravestone_doji",
    "engulfing": "engulfing",
    "harami": "harami",
    "piercing": "dark_cloud",
    "tweezer_bottom": "tweezer_top",
    "morning_star": "evening_star",
    "three_white_soldiers": "three_black_crows",
}

NEAR_MISSES: dict[str, dict[str, tuple[Candle, ...]]] = {
    "hammer": {
        "the upper wick is too long": ((0.0, 0.25, -1.0, -0.2),),
        "the lower wick is too short": ((0.0, 0.1, -0.6, -0.3),),
        "the lower wick is under two bodies": ((0.0, 0.0, -1.0, -0.36),),
        "the candle is too small": ((0.0, 0.04, -0.4, -0.08),),
        "it has no body": ((0.0, 0.1, -1.0, -0.04),),
    },
    "inverted_hammer": {
        "the lower wick is too long": ((0.0, 1.0, -0.25, 0.2),),
        "the upper wick is too short": ((0.0, 0.6, -0.1, 0.3),),
        "the candle is too small": ((0.0, 0.4, -0.04, 0.08),),
    },
    "dragonfly_doji": {
        "the upper wick is too long": ((0.0, 0.2, -1.0, 0.02),),
        "the body is too large": ((0.0, 0.1, -1.0, 0.08),),
    },
    "engulfing": {
        "the close is inside the first body": ((0.0, 0.1, -0.8, -0.7), (-0.8, 0.4, -0.9, -0.05)),
        "the open is well above the first close": (
            (0.0, 0.1, -0.5, -0.4),
            (-0.3, 0.4, -0.5, 0.3),
        ),
        "the first candle rises too": ((-0.4, 0.1, -0.5, 0.0), (-0.4, 0.4, -0.5, 0.3)),
        "the first body is next to nothing": ((0.0, 0.1, -0.2, -0.05), (-0.1, 0.7, -0.2, 0.6)),
        "the second body is small": ((0.0, 0.1, -0.3, -0.2), (-0.2, 0.2, -0.3, 0.1)),
    },
    "harami": {
        "the second body is over half the first": (
            (0.0, 0.1, -1.1, -1.0),
            (-0.9, -0.3, -1.0, -0.35),
        ),
        "the second candle falls too": ((0.0, 0.1, -1.1, -1.0), (-0.6, -0.5, -1.0, -0.9)),
        "the second body opens below the first": ((0.0, 0.1, -1.1, -1.0), (-1.1, -0.7, -1.2, -0.8)),
        "the first body is small": ((0.0, 0.1, -0.7, -0.6), (-0.5, -0.3, -0.6, -0.4)),
    },
    "piercing": {
        "the close stays below the middle": ((0.0, 0.1, -1.1, -1.0), (-1.0, -0.3, -1.1, -0.55)),
        "the close is above the first open": ((0.0, 0.1, -1.1, -1.0), (-1.0, 0.3, -1.1, 0.1)),
        "the open is well above the first close": (
            (0.0, 0.1, -1.1, -1.0),
            (-0.9, -0.3, -1.1, -0.4),
        ),
    },
    "tweezer_bottom": {
        "the lows differ": ((0.0, 0.1, -1.0, -0.5), (-0.5, 0.1, -1.1, -0.1)),
        "the second candle falls too": ((0.0, 0.1, -1.0, -0.5), (-0.5, 0.1, -1.0, -0.6)),
        "a candle is small": ((0.0, 0.1, -0.5, -0.4), (-0.4, 0.0, -0.5, -0.1)),
    },
    "morning_star": {
        "the pause has a body": (
            (0.0, 0.1, -1.1, -1.0),
            (-1.0, -0.5, -1.5, -1.4),
            (-1.4, -0.1, -1.5, -0.3),
        ),
        "the last close stays below the middle": (
            (0.0, 0.1, -1.1, -1.0),
            (-1.0, -0.8, -1.3, -1.1),
            (-1.1, -0.4, -1.2, -0.55),
        ),
        "the pause is above the first candle's middle": (
            (0.0, 0.1, -1.1, -1.0),
            (-0.5, -0.3, -0.6, -0.4),
            (-0.9, -0.1, -1.0, -0.3),
        ),
    },
    "three_white_soldiers": {
        "one closes below the one before": (
            (0.0, 0.65, -0.1, 0.6),
            (0.1, 0.6, 0.0, 0.55),
            (0.5, 1.25, 0.4, 1.2),
        ),
        "one has a long upper wick": (
            (0.0, 0.65, -0.1, 0.6),
            (0.5, 1.9, 0.4, 1.2),
            (1.1, 1.85, 1.0, 1.8),
        ),
        "one opens above the body before it": (
            (0.0, 0.65, -0.1, 0.6),
            (0.8, 1.45, 0.7, 1.4),
            (1.3, 1.95, 1.2, 1.9),
        ),
        "one body is small": (
            (0.0, 0.65, -0.1, 0.6),
            (0.5, 0.85, 0.4, 0.8),
            (0.7, 1.45, 0.6, 1.4),
        ),
    },
}


def _after_trend(candles: tuple[Candle, ...], *, trend: float, sign: float = 1.0) -> pl.DataFrame:
    """Put candles behind 60 bars of a trend: −1 falls, +1 rises, 0 goes nowhere; ATR is 1."""
    rows: list[Candle] = []
    price = 100.0
    for number in range(60):
        step = 0.5 * (trend or (1.0 if number % 2 else -1.0))
        opening, price = price, price + step
        rows.append((opening, max(opening, price) + 0.25, min(opening, price) - 0.25, price))
    for open_, high, low, close in candles:
        top, bottom = (high, low) if sign > 0 else (low, high)
        rows.append(tuple(price + sign * offset for offset in (open_, top, bottom, close)))  # type: ignore[arg-type]  # four of them
    values = np.array(rows)
    return pl.DataFrame(
        {
            "open_time": np.arange(len(rows), dtype=np.int64) * HOUR,
            **dict(zip(("open", "high", "low", "close"), values.T, strict=True)),
            "volume": np.full(len(rows), 10.0),
        }
    )


def _strength(name: str, candles: pl.DataFrame) -> float:
    strength = indicator_frame(candles, 1)[f"pattern_{name}"][0]
    assert isinstance(strength, float)
    return strength


@pytest.mark.parametrize("name", BULLISH)
def test_a_bullish_pattern_is_found_after_a_fall(name: str) -> None:
    assert 0.4 <= _strength(name, _after_trend(BULLISH[name], trend=-1)) <= 1


@pytest.mark.parametrize("name", BULLISH)
def test_its_mirror_image_is_found_after_a_rise(name: str) -> None:
    upright = _strength(name, _after_trend(BULLISH[name], trend=-1))
    turned = _strength(TWINS[name], _after_trend(BULLISH[name], trend=1, sign=-1))

    assert turned == pytest.approx(-upright)


@pytest.mark.parametrize("name", BULLISH)
@pytest.mark.parametrize("trend", [0, 1])
def test_a_bullish_reversal_needs_a_fall_to_reverse(name: str, trend: float) -> None:
    assert _strength(name, _after_trend(BULLISH[name], trend=trend)) == 0


@pytest.mark.parametrize("name", BULLISH)
def test_a_bullish_reversal_needs_a_close_below_ema_21(name: str) -> None:
    # the same candles, but with lows and bodies lifted above the average behind the fall
    lifted = tuple(tuple(offset + 8 for offset in candle) for candle in BULLISH[name])

    assert _strength(name, _after_trend(lifted, trend=-1)) == 0  # type: ignore[arg-type]  # four each


@pytest.mark.parametrize(
    ("name", "miss"), [(name, miss) for name, misses in NEAR_MISSES.items() for miss in misses]
)
def test_a_near_miss_is_no_pattern(name: str, miss: str) -> None:
    candles = NEAR_MISSES[name][miss]

    assert _strength(name, _after_trend(candles, trend=-1)) == 0
    assert _strength(TWINS[name], _after_trend(candles, trend=1, sign=-1)) == 0


@pytest.mark.parametrize("trend", [-1, 0, 1])
def test_a_doji_needs_no_trend(trend: float) -> None:
    assert _strength("doji", _after_trend(((0.0, 0.5, -0.5, 0.03),), trend=trend)) > 0.4
    assert _strength("doji", _after_trend(((0.0, 0.5, -0.5, 0.06),), trend=trend)) == 0
    assert _strength("doji", _after_trend(((0.0, 0.2, -0.2, 0.01),), trend=trend)) == 0


@pytest.mark.parametrize("trend", [-1, 0, 1])
def test_a_spinning_top_needs_no_trend(trend: float) -> None:
    assert _strength("spinning_top", _after_trend(((0.0, 0.6, -0.4, 0.2),), trend=trend)) > 0.4
    assert _strength("spinning_top", _after_trend(((0.0, 0.6, -0.4, 0.4),), trend=trend)) == 0
    assert _strength("spinning_top", _after_trend(((0.0, 0.9, -0.1, 0.2),), trend=trend)) == 0


@pytest.mark.parametrize("trend", [-1, 0, 1])
def test_a_marubozu_points_where_its_body_does(trend: float) -> None:
    assert _strength("marubozu", _after_trend(((0.0, 1.0, -0.02, 0.98),), trend=trend)) > 0.4
    assert _strength("marubozu", _after_trend(((0.0, 0.02, -1.0, -0.98),), trend=trend)) < -0.4
    assert _strength("marubozu", _after_trend(((0.0, 1.0, -0.06, 0.98),), trend=trend)) == 0


def test_a_clearer_and_larger_pattern_is_stronger() -> None:
    plain = _strength("hammer", _after_trend(((0.0, 0.1, -0.8, -0.2),), trend=-1))
    clearer = _strength("hammer", _after_trend(((0.0, 0.0, -0.9, -0.1),), trend=-1))
    larger = _strength("hammer", _after_trend(((0.0, 0.2, -1.6, -0.4),), trend=-1))

    assert plain < clearer
    assert plain < larger


def test_every_pattern_has_a_case_here() -> None:
    tested = BULLISH.keys() | set(TWINS.values()) | {"doji", "spinning_top", "marubozu"}

    assert {pattern.name for pattern in PATTERNS} == tested
    assert NEAR_MISSES.keys() == BULLISH.keys()


def test_each_pattern_stands_under_its_own_name() -> None:
    # one pass computes them by position: names and kinds must not slip against it
    kinds = {pattern.name: pattern.kind for pattern in PATTERNS}

    assert kinds["engulfing"] is kinds["harami"] is kinds["marubozu"] is PatternKind.SIGNED
    assert kinds["doji"] is kinds["spinning_top"] is PatternKind.NEUTRAL
    for name, candles in BULLISH.items():
        assert _strength(name, _after_trend(candles, trend=-1)) > 0
        assert _strength(TWINS[name], _after_trend(candles, trend=1, sign=-1)) < 0

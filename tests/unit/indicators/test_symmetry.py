"""A market turned upside down gives the opposite answer: p' = 2L − p, high and low swapped."""

import numpy as np
import polars as pl
import pytest

from indicators.core.frames import indicator_frame
from indicators.core.patterns.scan import PATTERNS, PatternKind
from tests.support.real_data import real_data_folder
from tests.unit.indicators.random_candles import random_candles

TWINS = {
    "hammer": "shooting_star",
    "inverted_hammer": "hanging_man",
    "dragonfly_doji": "gravestone_doji",
    "piercing": "dark_cloud",
    "tweezer_bottom": "tweezer_top",
    "morning_star": "evening_star",
    "three_white_soldiers": "three_black_crows",
}
GRID = 2.0**-20
"""Prices on this grid mirror without rounding."""


def mirrored(candles: pl.DataFrame, level: float) -> pl.DataFrame:
    return candles.with_columns(
        open=2 * level - pl.col("open"),
        high=2 * level - pl.col("low"),
        low=2 * level - pl.col("high"),
        close=2 * level - pl.col("close"),
    )


def _on_grid(candles: pl.DataFrame) -> pl.DataFrame:
    prices = pl.col("open", "high", "low", "close")
    return candles.with_columns((prices / GRID).round() * GRID)


def _pair(rows: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    candles = _on_grid(random_candles(rows, seed=seed, volatility=0.02))
    level = 2.0 ** np.ceil(np.log2(float(candles["high"].to_numpy().max())))
    return (
        indicator_frame(candles, rows=None),
        indicator_frame(mirrored(candles, level), rows=None),
    )


def test_every_directed_pattern_has_its_twin() -> None:
    kinds = {pattern.name: pattern.kind for pattern in PATTERNS}
    directed = {name for name, kind in kinds.items() if kind.value in {"bullish", "bearish"}}

    assert directed == TWINS.keys() | set(TWINS.values())
    assert all(kinds[name] is PatternKind.BULLISH for name in TWINS)
    assert all(kinds[name] is PatternKind.BEARISH for name in TWINS.values())


@pytest.mark.parametrize("seed", range(4))
def test_patterns_mirror_exactly(seed: int) -> None:
    upright, turned = _pair(3000, seed)

    for pattern in PATTERNS:
        here, there = upright[pattern.column], turned[pattern.column]
        match pattern.kind:
            case PatternKind.NEUTRAL:
                assert there.equals(here, null_equal=True), pattern.name
            case PatternKind.SIGNED:
                assert there.equals(0.0 - here, null_equal=True), pattern.name
            case PatternKind.BULLISH:
                twin = turned[f"pattern_{TWINS[pattern.name]}"]
                assert twin.equals(0.0 - here, null_equal=True), pattern.name
            case PatternKind.BEARISH:
                assert pattern.name in TWINS.values()


def test_the_symmetry_test_sees_every_pattern() -> None:
    found = [
        indicator_frame(_on_grid(random_candles(3000, seed=seed, volatility=0.02)), None)
        for seed in range(4)
    ]
    together = pl.concat(found)
    seen = {
        pattern.name for pattern in PATTERNS if (together[pattern.column].fill_null(0) != 0).any()
    }

    assert {pattern.name for pattern in PATTERNS} - seen <= {
        "three_white_soldiers",
        "three_black_crows",
    }


@pytest.mark.parametrize(
    ("column", "opposite"),
    [
        ("macd", lambda value, _: -value),
        ("macd_signal", lambda value, _: -value),
        ("macd_histogram", lambda value, _: -value),
        ("rsi", lambda value, _: 100 - value),
        ("stoch_rsi_k", lambda value, _: 100 - value),
        ("stoch_rsi_d", lambda value, _: 100 - value),
        ("obv", lambda value, _: -value),
        ("obv_ema_21", lambda value, _: -value),
        ("adx", lambda value, _: value),
        ("plus_di", lambda _, frame: frame["minus_di"].to_numpy()),
        ("minus_di", lambda _, frame: frame["plus_di"].to_numpy()),
        ("true_range", lambda value, _: value),
        ("atr", lambda value, _: value),
        ("ha_streak", lambda value, _: -value),
        ("body_atr", lambda value, _: value),
        ("upper_wick_atr", lambda _, frame: frame["lower_wick_atr"].to_numpy()),
        ("range_atr", lambda value, _: value),
    ],
)
def test_indicators_mirror(column: str, opposite: "object") -> None:
    upright, turned = _pair(600, 11)
    assert callable(opposite)

    np.testing.assert_allclose(
        turned[column].to_numpy(),
        opposite(upright[column].to_numpy(), upright),
        rtol=1e-9,
        atol=1e-7,
    )


def test_supertrend_mirrors_once_both_have_turned() -> None:
    upright, turned = _pair(600, 11)
    directions = upright["supertrend_direction"].to_numpy()
    other = turned["supertrend_direction"].to_numpy()
    settled = max(int(np.argmax(directions > 0)), int(np.argmax(other > 0)))

    assert settled < 100
    np.testing.assert_array_equal(directions[settled:], -other[settled:])


@pytest.mark.real
@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_patterns_mirror_on_real_candles(symbol: str) -> None:
    folder = real_data_folder() / "candles" / "binance"
    candles = _on_grid(pl.read_parquet(folder / f"{symbol}-1h.parquet").tail(5000))
    level = 2.0 ** np.ceil(np.log2(float(candles["high"].to_numpy().max())))
    upright = indicator_frame(candles, rows=None)
    turned = indicator_frame(mirrored(candles, level), rows=None)

    for name, twin in TWINS.items():
        mirror = 0.0 - turned[f"pattern_{twin}"]
        assert upright[f"pattern_{name}"].equals(mirror, null_equal=True), name

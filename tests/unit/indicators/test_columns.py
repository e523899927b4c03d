"""What each column means where no reference series says it, and when its first value comes."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from indicators.core.catalogue import CANDLE_INPUTS, CATALOGUE, WARM_UP
from indicators.core.frames import indicator_frame, indicator_frames
from indicators.core.patterns.scan import PATTERNS
from indicators.core.percentile import percentile
from indicators.core.smoothing import ema
from indicators.core.swings import swings
from indicators.core.volatility import bollinger
from tests.unit.indicators.random_candles import random_candles

CONTRACT = [
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "ema_9",
    "ema_21",
    "ema_50",
    "ema_200",
    "macd",
    "macd_signal",
    "macd_histogram",
    "rsi",
    "stoch_rsi_k",
    "stoch_rsi_d",
    "obv",
    "obv_ema_21",
    "volume_sma_20",
    "relative_volume",
    "supertrend",
    "supertrend_direction",
    "adx",
    "plus_di",
    "minus_di",
    "bollinger_upper",
    "bollinger_middle",
    "bollinger_lower",
    "bollinger_width",
    "bollinger_width_percentile",
    "true_range",
    "atr",
    "atr_percent",
    "atr_percentile",
    "ha_open",
    "ha_high",
    "ha_low",
    "ha_close",
    "ha_streak",
    "swing_high",
    "swing_low",
    "last_swing_high",
    "prior_swing_high",
    "last_swing_low",
    "prior_swing_low",
    "body_atr",
    "upper_wick_atr",
    "lower_wick_atr",
    "range_atr",
]
"""The columns other stages rely on, besides the patterns."""

WHOLE = random_candles(400, seed=1)
FRAME = indicator_frame(WHOLE, rows=None)


def test_a_frame_has_the_columns_other_stages_read() -> None:
    patterns = [pattern.column for pattern in PATTERNS]

    assert sorted(FRAME.columns) == sorted(CONTRACT + patterns)
    assert len(patterns) >= 16
    assert FRAME.columns[:6] == ["open_time", *CANDLE_INPUTS]
    assert set(FRAME.schema.values()) == {pl.Int64, pl.Float64}
    assert FRAME.schema["open_time"] == pl.Int64


def test_the_candle_rides_along_unchanged() -> None:
    assert FRAME.select("open_time", *CANDLE_INPUTS).equals(WHOLE)


@pytest.mark.parametrize("column", WARM_UP)
def test_the_stated_warm_up_is_exact(column: str) -> None:
    frame = indicator_frame(_zigzag(260), rows=None)

    assert frame[column][: WARM_UP[column]].null_count() == WARM_UP[column]
    assert frame[column][WARM_UP[column]] is not None


@pytest.mark.parametrize("seed", range(3))
def test_no_column_ever_has_a_value_in_its_warm_up(seed: int) -> None:
    frame = indicator_frame(random_candles(220, seed=seed), rows=None)

    early = [name for name, rows in WARM_UP.items() if frame[name][:rows].null_count() != rows]
    assert not early


def test_every_indicator_comes_after_its_inputs() -> None:
    known = set(CANDLE_INPUTS)
    for indicator in CATALOGUE:
        assert known.issuperset(indicator.inputs), indicator.name
        known.update(indicator.columns)


@pytest.mark.parametrize("rows", [1, 5, 64, 399, 400, 1000])
def test_the_last_rows_equal_the_end_of_the_whole_frame(rows: int) -> None:
    assert indicator_frame(WHOLE, rows).equals(FRAME.tail(rows), null_equal=True)


def test_a_batch_equals_its_windows_one_by_one() -> None:
    windows = [random_candles(rows, seed=rows) for rows in (300, 20, 0, 90)]
    frames = indicator_frames(windows)

    assert [frame.height for frame in frames] == [64, 20, 0, 64]
    for window, frame in zip(windows, frames, strict=True):
        assert frame.equals(indicator_frame(window), null_equal=True)
        assert frame["open_time"].to_list() == window["open_time"].tail(64).to_list()


def test_an_empty_batch_gives_no_frames() -> None:
    assert indicator_frames([]) == []


def test_no_column_holds_nan_or_infinity() -> None:
    values = FRAME.drop("open_time")

    assert values.select(pl.all().is_nan().any()).row(0) == (False,) * values.width
    assert values.select(pl.all().is_infinite().any()).row(0) == (False,) * values.width


def test_a_percentile_is_the_share_of_earlier_values_below() -> None:
    width, shown = FRAME["bollinger_width"], FRAME["bollinger_width_percentile"]

    for row in (79, 150, 300, 399):
        before = width[max(row - 199, 0) : row].drop_nulls()
        assert shown[row] == pytest.approx(100 * (before < width[row]).sum() / len(before))


def test_a_percentile_needs_its_least_number_of_earlier_values() -> None:
    values = np.arange(100.0)
    values[:10] = np.nan
    shares = percentile(values, 199, 60, 0)[0]

    assert np.isnan(shares[:70]).all()
    assert (shares[70:] == 100.0).all()


def test_a_percentile_forgets_what_is_older_than_its_window() -> None:
    values = np.concatenate([np.full(50, 9.0), np.full(5, 1.0), [5.0]])

    assert percentile(values, 10, 3, 55)[0, 0] == pytest.approx(50.0)
    assert percentile(values, 5, 3, 55)[0, 0] == pytest.approx(100.0)


def test_a_width_that_comes_back_is_not_below_itself_however_sums_are_rounded() -> None:
    ticks = np.random.default_rng(11).integers(1030, 1042, 400)
    close = ticks / 10_000
    shown = bollinger(close, 20, 2.0, 199, 60, 0)[4]
    exact = [
        _squared_width(window) for window in np.lib.stride_tricks.sliding_window_view(ticks, 20)
    ]

    for row in range(79, 400):
        before = exact[max(row - 199, 19) - 19 : row - 19]
        below = sum(width < exact[row - 19] for width in before)
        assert shown[row] == pytest.approx(100 * below / len(before))


def _squared_width(window: npt.NDArray[np.int64]) -> Fraction:
    total = int(window.sum())
    return Fraction(20 * int((window**2).sum()) - total**2, total**2)  # but for a factor of 16


def test_a_swing_stands_on_the_row_that_confirms_it() -> None:
    high = np.array([1.0, 2, 3, 9, 3, 2, 1, 1, 1, 1])
    found = swings(high, high - 0.5, 3, 0)

    assert np.flatnonzero(~np.isnan(found[0])).tolist() == [6]
    assert found[0, 6] == 9.0
    assert found[2, 6:].tolist() == [9.0] * 4
    assert np.isnan(found[3]).all()


def test_of_equal_highs_the_earliest_is_the_swing() -> None:
    high = np.array([1.0, 2, 3, 9, 9, 9, 3, 2, 1, 1])
    found = swings(high, np.ones(10), 3, 0)

    assert np.flatnonzero(~np.isnan(found[0])).tolist() == [6]


def test_last_and_prior_swing_are_the_two_newest_confirmed() -> None:
    rows = [row for row in range(FRAME.height) if FRAME["swing_low"][row] is not None]
    assert len(rows) > 5
    for earlier, later in pairwise(rows):
        assert FRAME["last_swing_low"][later] == FRAME["swing_low"][later]
        assert FRAME["prior_swing_low"][later] == FRAME["swing_low"][earlier]
        assert FRAME["last_swing_low"][later - 1] == FRAME["swing_low"][earlier]


def test_a_heikin_ashi_streak_counts_candles_of_one_colour() -> None:
    colours = (FRAME["ha_close"] - FRAME["ha_open"]).sign().to_list()
    streaks = FRAME["ha_streak"].to_list()

    assert streaks[0] == colours[0]
    for row in range(1, FRAME.height):
        goes_on = colours[row] == colours[row - 1]
        assert streaks[row] == (streaks[row - 1] + colours[row] if goes_on else colours[row])
    assert max(streaks) >= 3
    assert min(streaks) <= -3


def test_heikin_ashi_candles_follow_their_definition() -> None:
    row, before = FRAME.row(50, named=True), FRAME.row(49, named=True)

    assert row["ha_close"] == pytest.approx(
        (row["open"] + row["high"] + row["low"] + row["close"]) / 4
    )
    assert row["ha_open"] == pytest.approx((before["ha_open"] + before["ha_close"]) / 2)
    assert row["ha_high"] == max(row["high"], row["ha_open"], row["ha_close"])
    assert row["ha_low"] == min(row["low"], row["ha_open"], row["ha_close"])


def test_geometry_is_measured_in_the_bars_own_atr() -> None:
    row = FRAME.row(99, named=True)

    assert row["body_atr"] == pytest.approx(abs(row["close"] - row["open"]) / row["atr"])
    assert row["range_atr"] == pytest.approx(
        row["body_atr"] + row["upper_wick_atr"] + row["lower_wick_atr"]
    )


def test_obv_average_starts_with_obv_itself() -> None:
    obv = FRAME["obv"].to_numpy()

    np.testing.assert_allclose(FRAME["obv_ema_21"][21:], ema(obv[1:].copy(), 21)[0][20:])


def test_relative_volume_is_volume_over_its_own_average() -> None:
    average = WHOLE["volume"][40:60].mean()

    assert FRAME["volume_sma_20"][59] == pytest.approx(average)
    assert FRAME["relative_volume"][59] == pytest.approx(WHOLE["volume"][59] / average)


def _zigzag(rows: int) -> pl.DataFrame:
    """A walk whose swings follow each other as closely as they can: every four bars."""
    wave = np.arange(rows) % 4 + np.sin(np.arange(rows)) * 0.1
    return random_candles(rows, seed=0, volatility=0.001).with_columns(
        pl.Series("high", 120.0 + wave), pl.Series("low", 80.0 - wave)
    )

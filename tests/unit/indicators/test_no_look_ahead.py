"""No column of a row may depend on candles that close later."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.core.frames import indicator_frame
from tests.support.real_data import real_data_folder
from tests.unit.indicators.random_candles import random_candles

Compute = Callable[[pl.DataFrame], pl.DataFrame]

histories = st.builds(
    random_candles,
    st.integers(1, 320),
    seed=st.integers(0, 2**32 - 1),
    price=st.sampled_from([1e-8, 0.0123, 1.0, 64_000.0]),
    volatility=st.sampled_from([0.0, 0.001, 0.02, 0.2]),
)


def _whole(candles: pl.DataFrame) -> pl.DataFrame:
    return indicator_frame(candles, rows=None)


def leaks(compute: Compute, candles: pl.DataFrame, cut: int) -> list[str]:
    """Name the columns whose first `cut` rows change when the later candles are taken away."""
    known, whole = compute(candles.head(cut)), compute(candles).head(cut)
    return [name for name in whole.columns if not known[name].equals(whole[name], null_equal=True)]


@settings(max_examples=60, deadline=None)
@given(candles=histories, data=st.data())
def test_no_column_knows_the_candles_after_any_cut(
    candles: pl.DataFrame, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, candles.height), label="cut")

    assert leaks(_whole, candles, cut) == []


def test_no_column_knows_the_candles_after_every_cut_of_one_history() -> None:
    candles = random_candles(240, seed=5)

    assert [cut for cut in range(1, 240) if leaks(_whole, candles, cut)] == []


@settings(max_examples=40, deadline=None)
@given(candles=histories, data=st.data(), factor=st.floats(0.1, 10))
def test_another_future_changes_nothing(
    candles: pl.DataFrame, data: st.DataObject, factor: float
) -> None:
    cut = data.draw(st.integers(1, candles.height), label="cut")
    later = pl.int_range(pl.len()) >= cut
    mutated = candles.with_columns(
        pl.when(later).then(pl.col(name) * factor).otherwise(pl.col(name))
        for name in ("open", "high", "low", "close", "volume")
    )

    assert _whole(mutated).head(cut).equals(_whole(candles).head(cut), null_equal=True)


@settings(max_examples=30, deadline=None)
@given(candles=histories, data=st.data())
def test_the_rows_that_leave_know_no_later_candle_either(
    candles: pl.DataFrame, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, candles.height), label="cut")

    then = indicator_frame(candles.head(cut))
    assert then.equals(_whole(candles).head(cut).tail(64), null_equal=True)


@pytest.mark.real
@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000PEPEUSDT", "BIOUSDT"])
def test_no_column_knows_the_future_of_real_candles(symbol: str) -> None:
    folder = real_data_folder() / "candles" / "binance"
    candles = pl.read_parquet(folder / f"{symbol}-1h.parquet").tail(600)

    assert [cut for cut in range(20, 600, 7) if leaks(_whole, candles, cut)] == []


@pytest.mark.parametrize("column", ["ema_21", "last_swing_high", "pattern_hammer", "rsi"])
def test_a_planted_look_into_the_future_is_caught(column: str) -> None:
    def shifted(candles: pl.DataFrame) -> pl.DataFrame:
        return _whole(candles).with_columns(pl.col(column).shift(-1))

    candles = random_candles(300, seed=2)

    assert any(column in leaks(shifted, candles, cut) for cut in range(250, 300))


def test_a_planted_centred_swing_is_caught() -> None:
    def centred(candles: pl.DataFrame) -> pl.DataFrame:
        return _whole(candles).with_columns(pl.col("swing_high").shift(-3))

    candles = random_candles(300, seed=2)

    assert any(leaks(centred, candles, cut) == ["swing_high"] for cut in range(200, 300))


def test_a_planted_normalisation_over_the_whole_window_is_caught() -> None:
    def normalised(candles: pl.DataFrame) -> pl.DataFrame:
        return _whole(candles).with_columns(pl.col("atr_percent").rank() / pl.len())

    assert leaks(normalised, random_candles(300, seed=2), 250) == ["atr_percent"]


def test_the_same_candles_give_the_same_bits() -> None:
    candles = random_candles(500, seed=9)
    first, second = (_whole(candles).drop("open_time").to_numpy() for _ in range(2))

    np.testing.assert_array_equal(first.view(np.int64), second.view(np.int64))

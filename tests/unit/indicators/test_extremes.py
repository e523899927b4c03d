"""Extreme but possible candles: null where a value is not defined, never infinity or an error."""

import numpy as np
import polars as pl
import pytest

from indicators.core.catalogue import WARM_UP
from indicators.core.frames import indicator_frame
from tests.unit.indicators.random_candles import HOUR, random_candles

RATIOS = (
    "rsi",
    "stoch_rsi_k",
    "stoch_rsi_d",
    "relative_volume",
    "adx",
    "plus_di",
    "minus_di",
    "bollinger_width",
    "bollinger_width_percentile",
    "atr_percent",
    "atr_percentile",
    "ha_streak",
    "supertrend_direction",
    "body_atr",
    "upper_wick_atr",
    "lower_wick_atr",
    "range_atr",
)


def _check(frame: pl.DataFrame) -> None:
    values = frame.drop("open_time").to_numpy()
    assert not np.isinf(values).any()
    assert (
        frame.select(pl.col(pl.Float64).is_nan().any()).row(0)
        == (False,) * len(WARM_UP) + (False,) * 5
    )
    for name in frame.columns:
        column = frame[name].drop_nulls().to_numpy()
        if name.startswith("pattern_"):
            assert (np.abs(column) <= 1).all(), name
        elif name.endswith("percentile") or name in {"rsi", "stoch_rsi_k", "adx", "plus_di"}:
            assert ((column >= -1e-9) & (column <= 100 + 1e-9)).all(), name


def _flat(rows: int, price: float, volume: float = 10.0) -> pl.DataFrame:
    prices = {name: np.full(rows, price) for name in ("open", "high", "low", "close")}
    times = np.arange(rows, dtype=np.int64) * HOUR
    return pl.DataFrame({"open_time": times, **prices, "volume": np.full(rows, volume)})


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 7, 13, 14, 15, 20, 21, 33, 60])
def test_short_histories_have_nulls_where_nothing_is_known(rows: int) -> None:
    frame = indicator_frame(random_candles(rows, seed=rows))

    _check(frame)
    assert frame.height == rows
    assert frame["ema_200"].null_count() == rows


@pytest.mark.parametrize("price", [0.1, 1e-8, 67_123.4])
def test_flat_candles_are_defined_where_a_value_exists(price: float) -> None:
    frame = indicator_frame(_flat(300, price))
    last = frame.row(-1, named=True)

    _check(frame)
    assert last["ema_200"] == pytest.approx(price)
    assert last["true_range"] == last["atr"] == last["bollinger_width"] == 0
    assert last["macd"] == pytest.approx(0, abs=price * 1e-12)
    undefined = ["rsi", "stoch_rsi_k", "adx", "plus_di", "supertrend", "body_atr", "range_atr"]
    assert {name: last[name] for name in undefined} == dict.fromkeys(undefined)
    assert all(last[name] == 0 for name in frame.columns if name.startswith("pattern_"))
    assert last["last_swing_high"] is None
    assert last["ha_streak"] == 0


def test_a_market_that_falls_silent_keeps_finite_values() -> None:
    lively = random_candles(200, seed=3)
    silent = _flat(300, float(lively["close"][-1]), volume=0.0)
    candles = pl.concat([lively, silent]).with_columns(
        open_time=pl.int_range(pl.len(), dtype=pl.Int64) * HOUR
    )
    frame = indicator_frame(candles, rows=None)
    last = frame.row(-1, named=True)

    _check(frame)
    assert last["stoch_rsi_k"] is None  # the RSI no longer moves: rounding noise is no signal
    assert last["volume_sma_20"] == 0
    assert last["relative_volume"] is None
    assert last["bollinger_width"] == 0


def test_zero_volume_is_no_error() -> None:
    frame = indicator_frame(random_candles(300, seed=1).with_columns(volume=pl.lit(0.0)))

    _check(frame)
    assert frame["obv"].to_list() == [0.0] * 64
    assert frame["relative_volume"].null_count() == 64


def test_one_huge_volume_leaves_no_trace_in_later_averages() -> None:
    candles = random_candles(300, seed=1).with_columns(
        volume=pl.when(pl.int_range(pl.len()) == 250).then(1e18).otherwise(pl.lit(3.0))
    )

    assert indicator_frame(candles)["volume_sma_20"][-1] == 3.0


@pytest.mark.parametrize("power", [-40, -27, 30])
def test_ratios_do_not_depend_on_the_unit_of_the_price(power: int) -> None:
    candles = random_candles(400, seed=4)
    scaled = candles.with_columns(pl.col("open", "high", "low", "close") * 2.0**power)
    frame, other = indicator_frame(candles, None), indicator_frame(scaled, None)
    patterns = [name for name in frame.columns if name.startswith("pattern_")]

    # a power of two only shifts exponents: not one bit may differ
    for name in (*RATIOS, *patterns):
        assert other[name].equals(frame[name], null_equal=True), name


@pytest.mark.parametrize("seed", range(3))
def test_candles_of_ninety_per_cent_up_and_down_are_no_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    candles = random_candles(300, seed=seed)
    factors = random.choice([0.1, 1.0, 1.9], 300, p=[0.05, 0.85, 0.1])
    close = np.clip(100 * np.cumprod(factors), 1e-8, 1e12)
    open_ = np.concatenate(([100.0], close[:-1]))
    wild = candles.with_columns(
        open=pl.Series(open_),
        close=pl.Series(close),
        high=pl.Series(np.maximum(open_, close) * 1.9),
        low=pl.Series(np.minimum(open_, close) * 0.1),
    )
    frame = indicator_frame(wild, None)

    _check(frame)
    assert frame["atr"].null_count() == 13


def test_a_thousandfold_contract_has_the_same_ratios() -> None:
    candles = random_candles(400, seed=8)
    contract = candles.with_columns(
        pl.col("open", "high", "low", "close") * 1000, pl.col("volume") / 1000
    )
    frame, other = indicator_frame(candles), indicator_frame(contract)

    for name in RATIOS:
        np.testing.assert_allclose(
            other[name].to_numpy(), frame[name].to_numpy(), rtol=1e-9, atol=1e-9
        )


def test_a_nan_silences_what_depends_on_it_and_raises_nothing() -> None:
    # candles with NaN are refused before they come here; should one ever pass, recursive columns
    # end at it (they would otherwise be silently wrong), windowed ones recover behind it
    candles = random_candles(400, seed=8)
    broken = candles.with_columns(
        close=pl.when(pl.int_range(pl.len()) == 300).then(float("nan")).otherwise(pl.col("close"))
    )
    frame = indicator_frame(broken, None)

    _check(frame)
    assert frame["ema_9"].is_null().to_list() == [True] * 8 + [False] * 292 + [True] * 100
    assert frame["rsi"][299] is not None
    assert frame["rsi"][300:].null_count() == 100
    assert frame["bollinger_middle"][300:320].null_count() == 20
    assert frame["bollinger_middle"][320:].null_count() == 0
    assert frame["last_swing_high"][-1] is not None

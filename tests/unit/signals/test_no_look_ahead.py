"""No vote, gate, level or plan may depend on candles that close after `as_of`."""

from collections.abc import Callable
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain import SCANNED, Timeframe
from planner.core.decision import decide
from planner.core.history import History
from signals.core.signal import score_frame
from tests.unit.indicators.random_candles import random_candles
from tests.unit.planner.rules import load_rules as load_plan_rules
from tests.unit.signals.frames import load_rules
from tests.unit.signals.markets import (
    Frames,
    closed,
    closes,
    frame_of,
    indicator_windows,
    real_hours,
    resampled,
    windows_at,
)

RULES = load_rules()
PLAN_RULES = load_plan_rules()
HOURS = 2200
ALL = 10_000

Cut = Callable[[pl.DataFrame, Timeframe, datetime], pl.DataFrame]


def _decided(as_of: datetime, frames: Frames, bars: dict[Timeframe, int]) -> tuple[str, str]:
    signal = score_frame(frame_of("SOLUSDT", as_of, frames, bars), RULES)
    decision = decide(signal, History(), PLAN_RULES)
    return signal.model_dump_json(), decision.model_dump_json()


def _from_the_past(hours: pl.DataFrame, as_of: datetime) -> tuple[str, str]:
    windows = windows_at(hours, as_of, bars=ALL)
    bars = {one: window.height for one, window in windows.items()}
    return _decided(as_of, indicator_windows(windows), bars)


def _from_everything(
    hours: pl.DataFrame,
    as_of: datetime,
    *,
    cut: Cut = closed,
    spoil: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows,
) -> tuple[str, str]:
    """Compute every column over all candles, later ones too, and only then cut at `as_of`."""
    whole = {one: resampled(hours, one) for one in SCANNED}
    computed = {
        one: cut(spoil(rows), one, as_of) for one, rows in indicator_windows(whole, None).items()
    }
    bars = {one: rows.height for one, rows in computed.items()}
    return _decided(as_of, {one: rows.tail(64) for one, rows in computed.items()}, bars)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    volatility=st.sampled_from([0.002, 0.01, 0.05]),
    cut=st.integers(2, HOURS),
)
def test_later_candles_change_no_vote_gate_or_plan(seed: int, volatility: float, cut: int) -> None:
    hours = random_candles(HOURS, seed=seed, volatility=volatility)
    as_of = closes(hours, Timeframe.H1)[cut - 1]

    assert _from_everything(hours, as_of) == _from_the_past(hours, as_of)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(600, HOURS - 1), factor=st.floats(0.2, 5))
def test_another_future_changes_no_vote_gate_or_plan(seed: int, cut: int, factor: float) -> None:
    hours = random_candles(HOURS, seed=seed)
    as_of = closes(hours, Timeframe.H1)[cut - 1]
    prices = pl.col("open", "high", "low", "close", "volume")
    later = pl.int_range(pl.len()) >= cut
    other = hours.with_columns(pl.when(later).then(prices * factor).otherwise(prices))

    assert _from_everything(other, as_of) == _from_everything(hours, as_of)


@pytest.mark.real
@pytest.mark.parametrize("symbol", ["SOLUSDT", "1000PEPEUSDT"])
def test_later_real_candles_change_no_vote_gate_or_plan(symbol: str) -> None:
    hours = real_hours(symbol).tail(3000)

    for as_of in closes(hours)[-1:-700:-60]:
        assert _from_everything(hours, as_of) == _from_the_past(hours, as_of)


@pytest.mark.parametrize("column", ["rsi", "ema_21", "supertrend_direction", "atr"])
def test_this_test_catches_a_planted_shift(column: str) -> None:
    hours = random_candles(HOURS, seed=3)

    def spoil(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(pl.col(column).shift(-1))

    assert any(
        _from_everything(hours, as_of, spoil=spoil) != _from_the_past(hours, as_of)
        for as_of in closes(hours)[-40:-1]
    )


def test_this_test_catches_a_planted_as_of_leak() -> None:
    hours = random_candles(HOURS, seed=3)
    as_of = closes(hours, Timeframe.H1)[-42]

    def by_open_time(rows: pl.DataFrame, timeframe: Timeframe, instant: datetime) -> pl.DataFrame:
        del timeframe
        return rows.filter(pl.col("open_time") < int(instant.timestamp() * 1000))

    assert _from_everything(hours, as_of, cut=by_open_time) != _from_the_past(hours, as_of)

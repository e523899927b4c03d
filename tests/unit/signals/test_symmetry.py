"""Mirror a market (p' = 2L − p): votes, trend parts and score change their sign, nothing else."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from common.domain import Direction, IndicatorFrame, Signal
from signals.core.signal import score_frame
from tests.unit.indicators.random_candles import random_candles
from tests.unit.signals.frames import downtrend, frame, load_rules
from tests.unit.signals.markets import (
    closes,
    frame_of,
    indicator_windows,
    real_hours,
    windows_at,
)

RULES = load_rules()
HELD_EQUAL = ("bollinger_width_percentile", "atr_percentile")
"""Relative to price, so a mirror changes them: t and high volatility are held equal instead."""
WITHIN = 1e-9


def _on_grid(hours: pl.DataFrame) -> pl.DataFrame:
    """Prices on a binary grid, which mirror without rounding."""
    prices = pl.col("open", "high", "low", "close")
    top = float(hours["high"].to_numpy().max())
    grid = 2.0 ** (np.ceil(np.log2(top)) - 30)
    return hours.with_columns((prices / grid).round() * grid)


def _mirrored(hours: pl.DataFrame) -> pl.DataFrame:
    level = 2.0 ** np.ceil(np.log2(float(hours["high"].to_numpy().max())))
    return hours.with_columns(
        open=2 * level - pl.col("open"),
        high=2 * level - pl.col("low"),
        low=2 * level - pl.col("high"),
        close=2 * level - pl.col("close"),
    )


def _pair(symbol: str, hours: pl.DataFrame, as_of: datetime) -> tuple[Signal, Signal]:
    gridded = _on_grid(hours)
    windows = windows_at(gridded, as_of)
    bars = {one: window.height for one, window in windows.items()}
    upright = indicator_windows(windows)
    turned = {
        one: rows.with_columns(*(upright[one].get_column(name) for name in HELD_EQUAL))
        for one, rows in indicator_windows(windows_at(_mirrored(gridded), as_of)).items()
    }
    frames: Iterator[IndicatorFrame] = (
        frame_of(symbol, as_of, rows, bars, derivatives=None) for rows in (upright, turned)
    )
    first, second = (score_frame(one, RULES) for one in frames)
    return first, second


def _assert_opposite(upright: Signal, turned: Signal) -> None:
    assert upright.score is not None
    assert turned.score == pytest.approx(-upright.score, abs=WITHIN)
    assert turned.trend_score == pytest.approx(-(upright.trend_score or 0.0), abs=WITHIN)
    for one, other in zip(upright.timeframes, turned.timeframes, strict=True):
        for vote, against in zip(one.votes, other.votes, strict=True):
            assert against.value == pytest.approx(_minus(vote.value), abs=WITHIN), vote.name
            assert against.weight == pytest.approx(vote.weight, abs=WITHIN), vote.name
        for part, against_part in zip(one.trend_parts, other.trend_parts, strict=True):
            assert against_part.value == pytest.approx(_minus(part.value), abs=WITHIN), part.name
    points = [modifier.points for modifier in upright.modifiers]
    assert [one.points for one in turned.modifiers] == pytest.approx([-one for one in points])
    assert [gate.verdict for gate in turned.gates] == [gate.verdict for gate in upright.gates]
    assert turned.confidence == pytest.approx(upright.confidence, abs=WITHIN)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def test_a_hand_made_downtrend_is_the_uptrend_with_its_sign_changed() -> None:
    upright = score_frame(frame(derivatives=None), RULES)
    turned = score_frame(frame(every=downtrend(), derivatives=None), RULES)

    assert upright.direction is Direction.LONG
    assert turned.direction is Direction.SHORT
    _assert_opposite(upright, turned)


@pytest.mark.parametrize("seed", range(6))
def test_random_markets_mirror(seed: int) -> None:
    hours = random_candles(2400, seed=seed, volatility=0.01)

    for as_of in closes(hours)[-1:-240:-40]:
        _assert_opposite(*_pair("SOLUSDT", hours, as_of))


@pytest.mark.real
@pytest.mark.parametrize("symbol", ["BTCUSDT", "SOLUSDT", "1000PEPEUSDT", "DOGEUSDT"])
def test_real_markets_mirror(symbol: str) -> None:
    hours = real_hours(symbol)

    for as_of in closes(hours)[-1:-1200:-100]:
        _assert_opposite(*_pair(symbol, hours, as_of))

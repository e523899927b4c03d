"""Real extremes, from candles to the decision: a plan or a rejection with a reason, never more."""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np
import polars as pl
import pytest

from common.domain import Rejection, RejectionKind, Timeframe, TradePlan
from planner.core.decision import decide
from planner.core.history import History
from signals.core.signal import score_frame
from tests.support.facts import instrument
from tests.unit.indicators.random_candles import random_candles
from tests.unit.planner.rules import load_rules as load_plan_rules
from tests.unit.signals.frames import load_rules
from tests.unit.signals.markets import closes, scanned

RULES = load_rules()
PLAN_RULES = load_plan_rules()
ENOUGH = 1800

Change = Callable[[pl.DataFrame], pl.DataFrame]


def _decide(hours: pl.DataFrame, **changes: Any) -> TradePlan | Rejection:
    as_of = closes(hours, Timeframe.H1)[-1]
    signal = score_frame(scanned("X1000USDT", hours, as_of, **changes), RULES)
    decision = decide(signal, History(), PLAN_RULES)
    for fact in (signal, decision):
        assert all(isfinite(number) for number in _numbers(fact.model_dump()))
    return decision


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _numbers(inner)]
    return [float(value)] if isinstance(value, float | Decimal) else []


def _flat(hours: pl.DataFrame) -> pl.DataFrame:
    return hours.with_columns(pl.lit(7.0).alias(name) for name in ("open", "high", "low", "close"))


def _without_volume(hours: pl.DataFrame) -> pl.DataFrame:
    return hours.with_columns(volume=pl.lit(0.0))


def _jumping(factor: float) -> Change:
    def jump(hours: pl.DataFrame) -> pl.DataFrame:
        later = pl.int_range(pl.len()) >= hours.height - 3
        prices = pl.col("open", "high", "low", "close")
        return hours.with_columns(pl.when(later).then(prices * factor).otherwise(prices))

    return jump


@pytest.mark.parametrize("rows", [1, 2, 20, 99, 299])
def test_a_short_history_is_no_data_with_a_reason(rows: int) -> None:
    decision = _decide(random_candles(rows, seed=rows))

    assert isinstance(decision, Rejection)
    assert decision.kind is RejectionKind.NO_DATA
    assert decision.reason


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_flat, id="flat"),
        pytest.param(_without_volume, id="no volume"),
        pytest.param(_jumping(0.1), id="-90 %"),
        pytest.param(_jumping(1.9), id="+90 %"),
        pytest.param(_jumping(1000.0), id="x 1000"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_strange_candles_are_decided(change: Change, seed: int) -> None:
    _decide(change(random_candles(ENOUGH, seed=seed)))


def test_flat_candles_are_never_a_setup() -> None:
    decision = _decide(_flat(random_candles(ENOUGH, seed=1)))

    assert isinstance(decision, Rejection)


@pytest.mark.parametrize(
    ("price", "tick"),
    [(1e-8, "1e-10"), (1e-8, "0.01"), (0.0000123, "0.0000001"), (1e6, "0.1"), (1e9, "1000")],
)
@pytest.mark.parametrize("volatility", [0.0005, 0.01, 0.08])
def test_any_price_scale_is_decided(price: float, tick: str, volatility: float) -> None:
    hours = random_candles(ENOUGH, seed=11, price=price, volatility=volatility)

    _decide(hours, instrument=instrument("X1000USDT", tick_size=Decimal(tick)))


def test_a_market_without_volume_has_no_obv_vote_to_count() -> None:
    hours = _without_volume(random_candles(ENOUGH, seed=5))
    signal = score_frame(scanned("X1000USDT", hours, closes(hours)[-1]), RULES)

    assert signal.coverage == pytest.approx(0.85)
    assert np.isfinite(signal.score or 0.0)

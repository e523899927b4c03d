"""Whatever is missing or absurd: a signal without infinity, never an exception."""

from math import isfinite
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain import SCANNED, Timeframe
from signals.core.signal import score_frame
from signals.core.window import Row
from tests.unit.signals.frames import frame, load_rules, rows

RULES = load_rules()
_ALL = frame()


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if isinstance(value, float) else []


def _check(frames: dict[Timeframe, pl.DataFrame]) -> None:
    signal = score_frame(_ALL.model_copy(update={"frames": frames}), RULES)

    assert all(isfinite(number) for number in _numbers(signal.model_dump()))


@pytest.mark.parametrize("column", rows(Timeframe.H4).columns[1:])
def test_any_column_may_be_null(column: str) -> None:
    nothing = pl.lit(None, pl.Float64).alias(column)

    _check({one: _ALL.frames[one].with_columns(nothing) for one in SCANNED})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_values_give_a_finite_signal(data: st.DataObject) -> None:
    percentages = {"bollinger_width_percentile", "atr_percentile"}
    absurd = st.none() | st.sampled_from([0.0, -0.0, 1e-8, -1e-8, 1e300, -1e300, 5e-324, 1.0])
    frames = {}
    for timeframe in SCANNED:
        names = data.draw(st.sets(st.sampled_from(Row._fields), max_size=12))
        changes = {
            name: data.draw(st.none() | st.floats(0, 100) if name in percentages else absurd)
            for name in names
        }
        frames[timeframe] = rows(timeframe, changes)

    _check(frames)


@given(st.sets(st.sampled_from(SCANNED)))
def test_any_timeframes_may_be_missing(missing: set[Timeframe]) -> None:
    _check({one: _ALL.frames[one] for one in SCANNED if one not in missing})

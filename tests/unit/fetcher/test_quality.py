from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl
import pytest

from common.domain import Defect, Quality, Timeframe
from fetcher.core.parsing import NO_CANDLES, Fault
from fetcher.core.quality import Evidence, certify
from tests.unit.fetcher.frames import candles

CLOSE = datetime(2026, 3, 10, 8, tzinfo=UTC)
H1 = Timeframe.H1
REFUSED_BELOW = 0.8  # the planner's gate


def judged(
    frame: pl.DataFrame,
    *,
    bars: int | None = None,
    faults: Mapping[Fault, int] | None = None,
    changed: int = 0,
) -> Quality:
    known = Evidence(
        frame=frame,
        bars=frame.height if bars is None else bars,
        faults=faults or {},
        changed=changed,
    )
    return certify({H1: known}, CLOSE)


def window(bars: int, *, without: tuple[int, ...] = ()) -> pl.DataFrame:
    return candles(H1, CLOSE, *(back for back in range(1, bars + 1) if back not in without))


def test_a_full_window_is_flawless() -> None:
    assert judged(window(300)) == Quality(score=1.0)


def test_a_few_missing_candles_cost_a_little() -> None:
    quality = judged(window(300, without=(50, 51)), bars=300)

    assert quality.defects == (Defect(name="gap", timeframe=H1, count=2),)
    assert REFUSED_BELOW < quality.score < 1


def test_a_window_with_many_holes_is_refused() -> None:
    missing = tuple(range(20, 40))

    assert judged(window(300, without=missing), bars=300).score < REFUSED_BELOW


def test_a_window_without_its_newest_candle_is_refused() -> None:
    quality = judged(window(300, without=(1,)), bars=300)

    assert quality.defects == (Defect(name="stale_tail", timeframe=H1, count=1),)
    assert quality.score < REFUSED_BELOW


def test_a_short_history_is_counted_and_left_to_the_history_gate() -> None:
    quality = judged(window(20), bars=998)

    assert quality == Quality(
        score=1.0, defects=(Defect(name="short_history", timeframe=H1, count=978),)
    )


def test_idle_hours_count_from_three_in_a_row() -> None:
    volumes = [1.0] * 90 + [0, 0, 0, 1, 0, 0, 1, 0, 1, 1]
    frame = window(100).with_columns(pl.Series("volume", volumes))

    quality = judged(frame)

    assert quality.defects == (Defect(name="zero_volume_run", timeframe=H1, count=3),)
    assert quality.score == 0.97


def test_a_contract_that_stopped_trading_is_refused() -> None:
    frame = window(100).with_columns(pl.lit(0.0).alias("volume"))

    assert judged(frame).score == 0


def test_every_refused_row_is_named_and_counted() -> None:
    quality = judged(window(300), faults={Fault.NOT_FINITE: 2, Fault.DUPLICATE: 1})

    assert {(defect.name, defect.count) for defect in quality.defects} == {
        ("not_finite", 2),
        ("duplicate", 1),
    }
    assert quality.score == 0.97


def test_a_changed_past_is_counted() -> None:
    quality = judged(window(300), changed=4)

    assert quality.defects == (Defect(name="changed_past", timeframe=H1, count=4),)
    assert quality.score == 0.95


def test_the_worst_timeframe_sets_the_score() -> None:
    good = Evidence(frame=candles(Timeframe.H4, CLOSE, *range(1, 50)), bars=49)
    stale = Evidence(frame=window(300, without=(1,)), bars=300)

    assert certify({Timeframe.H4: good, H1: stale}, CLOSE).score == 0.75


@pytest.mark.parametrize("frame", [NO_CANDLES, window(1), window(2)])
def test_tiny_windows_can_be_judged(frame: pl.DataFrame) -> None:
    assert 0 <= judged(frame, bars=10).score <= 1

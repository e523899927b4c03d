from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

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


def spiked(back: int, *, length: float, volume: float = 5.0, bars: int = 200) -> pl.DataFrame:
    """Candles of a true range of 3, one of them with an upper wick and a volume of its own."""
    here = pl.int_range(pl.len()) == pl.len() - back
    return window(bars).with_columns(
        high=pl.when(here).then(pl.col("close") + length).otherwise("high"),
        volume=pl.when(here).then(volume).otherwise(8.0),
    )


@pytest.mark.parametrize(
    ("frame", "count", "score"),
    [
        (spiked(3, length=24.0), 1, 0.75),
        (spiked(3, length=23.0), 0, 1.0),
        (spiked(3, length=24.0, volume=16.0), 0, 1.0),
        (spiked(20, length=24.0), 1, 0.75),
        (spiked(21, length=24.0), 1, 1.0),
        (spiked(1, length=24.0, bars=50), 0, 1.0),
        (spiked(1, length=24.0, bars=51), 1, 0.75),
    ],
    ids=["long", "short", "traded", "just fresh", "old", "too few before", "enough before"],
)
def test_a_long_wick_that_was_hardly_traded_is_an_outlier(
    frame: pl.DataFrame, count: int, score: float
) -> None:
    quality = judged(frame)

    assert sum(one.count for one in quality.defects if one.name == "outlier_wick") == count
    assert quality.score == score


def test_a_market_that_does_not_move_has_no_usual_range_to_judge_by() -> None:
    still = window(100).with_columns(pl.lit(100.0).alias(name) for name in ("open", "low", "close"))
    frame = still.with_columns(
        high=pl.when(pl.int_range(pl.len()) == 98).then(150.0).otherwise(100.0)
    )

    assert judged(frame).score == 1.0


@pytest.mark.parametrize(
    ("seconds", "defects", "score"),
    [
        (0.9, (), 1.0),
        (-7.2, (Defect(name="clock_offset", timeframe=None, count=7),), 1.0),
        (60, (Defect(name="clock_offset", timeframe=None, count=60),), 0.75),
        (-3600, (Defect(name="clock_offset", timeframe=None, count=3600),), 0.75),
    ],
)
def test_a_clock_that_is_off_is_told_and_from_a_minute_on_refused(
    seconds: float, defects: tuple[Defect, ...], score: float
) -> None:
    known = {H1: Evidence(frame=window(300), bars=300)}

    quality = certify(known, CLOSE, clock_offset=timedelta(seconds=seconds))

    assert quality == Quality(score=score, defects=defects)


def test_a_candle_that_was_not_closed_yet_is_counted_and_costs_nothing() -> None:
    quality = judged(window(300), faults={Fault.FORMING: 1})

    assert quality == Quality(score=1.0, defects=(Defect(name="forming", timeframe=H1, count=1),))


@pytest.mark.parametrize("frame", [NO_CANDLES, window(1), window(2)])
def test_tiny_windows_can_be_judged(frame: pl.DataFrame) -> None:
    assert 0 <= judged(frame, bars=10).score <= 1

import polars as pl

from common.domain import Timeframe
from signals.core.window import Row, Window, read_window
from tests.unit.signals.frames import UPTREND, rows


def _window(frame: pl.DataFrame | None, **options: bool) -> Window:
    flags = {"with_swings": True, "with_volume": True} | options
    return read_window(Timeframe.H4, frame, bars=600, slope_bars=5, **flags)


def test_every_value_that_scoring_reads_is_a_column_of_the_indicators() -> None:
    assert set(Row._fields) <= set(rows(Timeframe.H4).columns)


def test_the_last_row_and_the_rows_before_it_are_read() -> None:
    frame = rows(
        Timeframe.H4,
        {
            "ema_21": [95.0, 96.0, 97.0, 98.0, 99.0, 100.0],
            "atr": [1.0, 2.0, 3.0],
            "true_range": [7.0, 8.0],
        },
    )

    window = _window(frame)

    assert window.last.close == UPTREND["close"]
    assert window.ema_21_before == 95.0
    assert window.atr_before == (2.0, 1.0)
    assert window.true_range_before == 7.0


def test_swings_are_listed_newest_first() -> None:
    frame = rows(Timeframe.H4, {"swing_high": [104.0, None, 105.0, None, 103.0, None]})

    assert _window(frame).swing_highs == (103.0, 105.0, 104.0)


def test_swings_older_than_the_rows_are_known_from_the_carried_columns() -> None:
    frame = rows(
        Timeframe.H4,
        {"swing_low": [98.0, None], "last_swing_low": 98.0, "prior_swing_low": 97.0},
    )

    window = _window(frame)

    assert window.swing_lows == (98.0, 97.0)
    assert window.swing_highs == (103.0, 102.0)


def test_a_value_that_is_not_finite_is_missing() -> None:
    frame = rows(Timeframe.H4, {"atr": float("nan"), "obv": float("inf")})

    window = _window(frame)

    assert window.last.atr is None
    assert window.last.obv is None
    assert window.atr_before == (None, None)


def test_a_column_or_a_frame_that_is_not_there_is_missing() -> None:
    bare = rows(Timeframe.H4).drop("ema_21", "swing_high", "atr")

    assert _window(bare).last.ema_21 is None
    assert _window(bare).ema_21_before is None
    assert _window(None) == Window(timeframe=Timeframe.H4, bars=600)
    assert _window(rows(Timeframe.H4).head(0)) == Window(timeframe=Timeframe.H4, bars=600)


def test_a_short_frame_has_no_earlier_rows() -> None:
    window = _window(rows(Timeframe.H4, height=1))

    assert window.ema_21_before is None
    assert window.atr_before == (None, None)
    assert window.last.close == UPTREND["close"]


def test_volume_can_be_left_out() -> None:
    window = _window(rows(Timeframe.H4), with_volume=False)

    assert window.last.obv is None
    assert window.last.relative_volume is None
    assert window.last.rsi == UPTREND["rsi"]

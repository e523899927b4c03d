"""Outlier wicks on recorded markets: crashes stay, bad prints put among them are found."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from common.domain import CANDLE_COLUMNS, Timeframe
from fetcher.core.wicks import outlier_wicks
from tests.support.real_data import real_data_folder

pytestmark = pytest.mark.real

CRASH = int(datetime(2025, 10, 10, 21, tzinfo=UTC).timestamp() * 1000)


@cache
def recorded(file: Path, timeframe: Timeframe) -> pl.DataFrame:
    hours = pl.read_parquet(file).select(CANDLE_COLUMNS).sort("open_time")
    step = timeframe.milliseconds
    return (
        hours.group_by(pl.col("open_time") // step * step, maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        .select(CANDLE_COLUMNS)
    )


def files() -> list[Path]:
    return sorted((real_data_folder() / "candles").glob("*/*.parquet"))


@pytest.mark.parametrize(
    ("timeframe", "candles", "outliers"),
    [
        # Half the price for one print, weeks after the contract was listed.
        (Timeframe.H1, 590_000, [("ADAUSDT-1h", "2020-02-28T17")]),
        (Timeframe.H4, 146_000, [("ADAUSDT-1h", "2020-02-28T16")]),
        (Timeframe.D1, 23_000, []),
    ],
)
def test_hardly_any_recorded_candle_is_called_an_outlier(
    timeframe: Timeframe, candles: int, outliers: list[tuple[str, str]]
) -> None:
    found, judged = [], 0
    for file in files():
        frame = recorded(file, timeframe)
        judged += max(0, frame.height - 50)
        for time in frame.filter(pl.Series(outlier_wicks(frame)))["open_time"]:
            at = datetime.fromtimestamp(time / 1000, UTC)
            found.append((file.stem, f"{at:%Y-%m-%dT%H}"))

    assert judged > candles
    assert found == outliers


def test_the_crash_of_october_2025_is_a_crash_and_no_defect() -> None:
    wicks = {}
    for file in files():
        frame = recorded(file, Timeframe.H1)
        place = frame["open_time"].search_sorted(CRASH)
        if place < frame.height and frame["open_time"][place] == CRASH and place > 50:
            candle = frame.row(place, named=True)
            wicks[file.stem] = min(candle["open"], candle["close"]) / candle["low"] - 1
            assert not outlier_wicks(frame)[place]

    assert len(wicks) > 15
    assert max(wicks.values()) > 0.5, "half the price was gone for minutes, and it was traded"


def test_bad_prints_put_among_recorded_candles_are_found_and_nothing_else_is() -> None:
    draws = np.random.default_rng(5)
    for file in files():
        frame = recorded(file, Timeframe.H1).tail(998)
        places = np.sort(draws.choice(np.arange(60, frame.height), size=5, replace=False))
        usual = (frame["high"] - frame["low"]).median()
        assert isinstance(usual, float)
        before = outlier_wicks(frame)
        spoiled = frame.with_columns(
            high=pl.Series(
                [
                    high + 40 * usual if place in places else high
                    for place, high in enumerate(frame["high"])
                ]
            ),
            volume=pl.Series(
                [
                    frame["volume"][max(0, place - 50) : place].median()
                    if place in places
                    else volume
                    for place, volume in enumerate(frame["volume"])
                ]
            ),
        )

        assert set(np.flatnonzero(outlier_wicks(spoiled))) == {
            *places.tolist(),
            *np.flatnonzero(before).tolist(),
        }, file.stem

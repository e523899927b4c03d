from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.clock import ClockReading
from common.errors import SettingsError
from exchange_sim.adapters.clock_file import ClockFile

READING = ClockReading(
    wall_origin=datetime(2026, 3, 1, tzinfo=UTC),
    venue_origin=datetime(2025, 3, 1, 4, 59, tzinfo=UTC),
    speed=60.0,
)


def test_a_kept_reading_is_the_one_that_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "clock.json"

    ClockFile(path, market="synthetic 7").keep(READING)
    assert ClockFile(path, market="synthetic 7").load() == READING
    assert [file.name for file in path.parent.iterdir()] == ["clock.json"]


def test_nothing_is_kept_without_a_path(tmp_path: Path) -> None:
    ClockFile(None, market="synthetic 7").keep(READING)

    assert ClockFile(None, market="synthetic 7").load() is None
    assert ClockFile(tmp_path / "absent.json", market="synthetic 7").load() is None


def test_the_clock_of_another_market_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    ClockFile(path, market="synthetic 7").keep(READING)

    assert ClockFile(path, market="synthetic 8").load() is None


def test_a_damaged_clock_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text('{"speed":')

    with pytest.raises(SettingsError, match=r"clock\.json"):
        ClockFile(path, market="synthetic 7").load()

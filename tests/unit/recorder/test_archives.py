"""The archive's files: which ones a series needs, and what their check sums say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from common.domain import Timeframe
from common.errors import InvalidDataError
from recorder.core.archives import (
    ArchiveFile,
    MetricsFile,
    Series,
    day_of,
    days_wanted,
    digest_in,
    month_of,
    periods_wanted,
)

DIGEST = "ab" * 32
DAY = date(2024, 2, 29)


def names(since: date, until: date, *done: str) -> list[str]:
    return [period.name for period in periods_wanted(since, until, done)]


def test_finished_months_are_whole_and_the_last_one_is_days() -> None:
    assert names(date(2025, 12, 1), date(2026, 2, 3)) == [
        "2025-12",
        "2026-01",
        "2026-02-01",
        "2026-02-02",
    ]


def test_a_month_is_whole_although_the_wanted_time_begins_inside_it() -> None:
    assert names(date(2026, 1, 30), date(2026, 2, 1)) == ["2026-01"]
    assert names(date(2026, 2, 2), date(2026, 2, 4)) == ["2026-02-02", "2026-02-03"]


def test_what_is_done_is_not_wanted_as_a_month_nor_as_days() -> None:
    assert names(date(2026, 1, 1), date(2026, 3, 1), "2026-01") == ["2026-02"]
    february = [f"2026-02-{day:02}" for day in range(1, 29)]
    assert names(date(2026, 2, 1), date(2026, 3, 1), *february[:26]) == february[26:]
    assert names(date(2026, 2, 1), date(2026, 3, 1), *february) == []


def test_nothing_is_wanted_of_no_time() -> None:
    assert names(date(2026, 2, 1), date(2026, 2, 1)) == []


def test_a_file_lies_where_the_archive_keeps_it() -> None:
    series = Series("1000PEPEUSDT", Timeframe.H4)

    month = ArchiveFile(series, month_of(date(2024, 2, 10)))
    day = ArchiveFile(series, day_of(date(2024, 2, 29)))

    assert month.path == (
        "data/futures/um/monthly/klines/1000PEPEUSDT/4h/1000PEPEUSDT-4h-2024-02.zip"
    )
    assert day.path == (
        "data/futures/um/daily/klines/1000PEPEUSDT/4h/1000PEPEUSDT-4h-2024-02-29.zip"
    )
    assert month.period.end == day.period.end == datetime(2024, 3, 1, tzinfo=UTC)


def test_metrics_are_files_of_days() -> None:
    [file] = [MetricsFile("BTCUSDT", day) for day in days_wanted(DAY, DAY + timedelta(1), [])]

    assert file.path == "data/futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2024-02-29.zip"
    assert days_wanted(DAY, DAY + timedelta(2), ["2024-02-29"]) == [day_of(date(2024, 3, 1))]


def test_a_check_sum_file_tells_the_digest_of_its_own_file_only() -> None:
    assert digest_in(f"{DIGEST}  A-1h-2024-01.zip\n", "A-1h-2024-01.zip") == DIGEST


@pytest.mark.parametrize(
    "text", ["", f"{DIGEST}  B.zip", f"{DIGEST[:-1]}  A.zip", "<Error/>", f"{DIGEST}"]
)
def test_a_check_sum_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidDataError, match=r"check sum of A\.zip cannot be read, was"):
        digest_in(text, "A.zip")

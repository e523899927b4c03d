"""How values are written: missing is a dash, never a zero; minus is a minus."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboard.core import words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (words.signed(None), "—"),
        (words.signed(0.304, 1, "ATR"), "+0.3 ATR"),
        (words.signed(-0.304, 1), "−0.3"),
        (words.signed(-0.001, 2), "0.00"),
        (words.number(None, 2), "—"),
        (words.number(-1234.5, 1, "ms"), "−1,234.5 ms"),
        (words.number(-0.0001, 2), "0.00"),
        (words.number(0.0, 0), "0"),
        (words.compact(None), "—"),
        (words.compact(8_131_573.0, "USD"), "8.13 M USD"),
        (words.compact(2.5e9), "2.50 B"),
        (words.compact(81_234.5), "81.23 k"),
        (words.compact(12.0), "12.00"),
        (words.threshold(None), "—"),
        (words.threshold(2.0), "2"),
        (words.threshold(-60.0), "−60"),
        (words.threshold(0.10), "0.1"),
        (words.price(None), "—"),
        (words.price(Decimal("91250.40"), Decimal("0.1")), "91,250.4"),
        (words.price(0.0068123, Decimal("0.0000001")), "0.0068123"),
        (words.price(91447.4507), "91,447.5"),
        (words.price(0.142678), "0.142678"),
        (words.price(0.00000681234), "0.0000068123"),
        (words.price(Decimal("0.00010000"), None), "0.00010000"),
        (words.price(1234.0, Decimal(1)), "1,234"),
        (words.duration(None), "—"),
        (words.duration(timedelta(seconds=40)), "40s"),
        (words.duration(timedelta(minutes=12)), "12m"),
        (words.duration(timedelta(hours=3, minutes=5)), "3h 05m"),
        (words.duration(timedelta(days=2, hours=4)), "2d 4h"),
        (words.hours(35.0), "1d 11h"),
        (words.moment(None, UTC), "—"),
        (words.plain("htf_conflict"), "HTF conflict"),
        (words.counted(1, "plan"), "1 plan"),
        (words.counted(0, "plan"), "0 plans"),
        (words.text("a_b <b> [x](y)"), "a\\_b \\<b\\> \\[x\\]\\(y\\)"),
    ],
)
def test_values_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


def test_times_are_written_in_the_readers_zone() -> None:
    close = datetime(2026, 1, 5, 20, tzinfo=UTC)

    assert words.moment(close, UTC) == "Mon 05 Jan 20:00"
    assert words.moment(close, ZoneInfo("Asia/Bangkok")) == "Tue 06 Jan 03:00"
    assert words.moment(close, UTC, seconds=True) == "Mon 05 Jan 20:00:00"

from datetime import UTC, datetime, timedelta

import pytest

from exchange_sim.core.opening import opening

LATEST = datetime(2026, 5, 15, 21, 0, tzinfo=UTC)
LAST_CLOSE = datetime(2026, 5, 15, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("speed", "lead"),
    [
        (1.0, timedelta(minutes=1)),
        (0.0, timedelta(minutes=1)),
        (60.0, timedelta(hours=1)),
        (1440.0, timedelta(hours=3, minutes=59)),
    ],
)
def test_a_venue_opens_about_a_wall_minute_before_a_close(speed: float, lead: timedelta) -> None:
    assert opening(LATEST, speed=speed) == LAST_CLOSE - lead


def test_the_closes_asked_for_are_still_ahead() -> None:
    opened = opening(LATEST, speed=1.0, closes_ahead=42)

    assert opened == LAST_CLOSE - timedelta(days=7, minutes=1)

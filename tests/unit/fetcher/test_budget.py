from datetime import UTC, datetime, timedelta

from fetcher.core.budget import Allowance

MINUTE = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return MINUTE + timedelta(seconds=seconds)


def test_what_fits_is_spent_and_what_does_not_waits_for_the_next_minute() -> None:
    allowance = Allowance(10)

    assert allowance.spend(6, at(3)) is None
    assert allowance.spend(4, at(4)) is None
    assert allowance.spend(1, at(5)) == at(60)
    assert allowance.spend(1, at(60)) is None


def test_the_venue_is_believed_when_it_has_counted_more() -> None:
    allowance = Allowance(10)
    allowance.spend(1, at(3))

    allowance.observe(9, at(3), at(4))

    assert allowance.spend(2, at(5)) == at(60)


def test_the_venue_is_not_believed_when_it_has_counted_less() -> None:
    allowance = Allowance(10)
    allowance.spend(8, at(3))

    allowance.observe(2, at(3), at(4))

    assert allowance.used == 8


def test_a_count_of_an_earlier_minute_says_nothing_about_this_one() -> None:
    allowance = Allowance(10)

    allowance.observe(10, at(59.9), at(60.1))

    assert allowance.spend(10, at(60.2)) is None


def test_more_than_the_whole_limit_goes_alone() -> None:
    allowance = Allowance(10)

    assert allowance.spend(40, at(0)) is None
    assert allowance.spend(1, at(1)) == at(60)


def test_windows_may_be_longer() -> None:
    allowance = Allowance(1, timedelta(minutes=5))
    allowance.spend(1, at(0))

    assert allowance.spend(1, at(200)) == at(300)

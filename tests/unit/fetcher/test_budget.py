from datetime import UTC, datetime, timedelta

import pytest

from fetcher.core.budget import Account, Pool, Retries, Stop, draw

MINUTE = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
POOL = Pool("weight", 10)
NEW = Account(at=MINUTE)


def at(seconds: float) -> datetime:
    return MINUTE + timedelta(seconds=seconds)


def drawn(account: Account, amount: int, seconds: float, *, pool: Pool = POOL) -> Account:
    return draw(account, pool, amount, at(seconds), most=amount).account


def test_what_fits_is_granted_and_what_does_not_waits_for_the_next_minute() -> None:
    account = drawn(drawn(NEW, 6, 3), 4, 4)

    assert draw(account, POOL, 1, at(5), most=1).again_at == at(60)
    assert draw(account, POOL, 1, at(60), most=1).granted == 1


def test_a_portion_is_as_large_as_there_is_left() -> None:
    assert draw(drawn(NEW, 7, 3), POOL, 1, at(4), most=8).granted == 3


def test_the_venue_is_believed_when_it_has_counted_more() -> None:
    account = drawn(NEW, 1, 3).counted(POOL, 9, MINUTE)

    assert draw(account, POOL, 2, at(5), most=2).again_at == at(60)


def test_the_venue_is_not_believed_when_it_has_counted_less() -> None:
    account = drawn(NEW, 8, 3)

    assert account.counted(POOL, 2, MINUTE) is account


def test_a_count_of_an_earlier_minute_says_nothing_about_this_one() -> None:
    account = drawn(NEW, 1, 61)

    assert account.counted(POOL, 10, MINUTE) is account


def test_more_than_the_whole_limit_goes_alone() -> None:
    account = drawn(NEW, 40, 0)

    assert draw(account, POOL, 1, at(1), most=1).again_at == at(60)


def test_windows_may_be_longer_and_begin_exactly() -> None:
    pool = Pool("history", 1, timedelta(minutes=5))
    account = drawn(NEW, 1, 0, pool=pool)

    assert draw(account, pool, 1, at(299.999999), most=1).again_at == at(300)
    assert pool.floor(at(299.999999)) == MINUTE


def test_a_neighbour_whose_clock_is_ahead_has_begun_the_window_for_both() -> None:
    account = drawn(NEW, 10, 60)

    assert draw(account, POOL, 1, at(59), most=1).again_at == at(120)


def test_nothing_is_drawn_until_the_venue_says_there_is_more() -> None:
    account = NEW.resting(POOL, at(65), at(3))

    assert draw(account, POOL, 1, at(62), most=1).again_at == at(65)
    assert draw(account, POOL, 1, at(65), most=1).granted == 1


def test_of_two_stops_the_longer_one_holds() -> None:
    short, long = Stop(until=at(10), reason="429"), Stop(until=at(90), reason="418")

    account = NEW.stopped(long).stopped(short)

    assert account.stop_at(at(89)) == long
    assert account.stop_at(at(90)) is None


@pytest.mark.parametrize(("later", "believed"), [(60, True), (600, False)])
def test_an_account_of_another_run_of_the_market_is_not_believed(
    later: float, believed: bool
) -> None:
    account = Account(at=at(later)).stopped(Stop(until=at(9e5), reason="418"))

    assert (account.believed(MINUTE).stop is not None) is believed


def test_an_account_survives_being_written_down() -> None:
    account = drawn(NEW, 3, 5).resting(POOL, at(9), at(5)).stopped(Stop(until=at(9), reason="x"))

    assert Account.model_validate_json(account.model_dump_json()) == account


def test_requests_are_repeated_a_few_times_and_then_as_a_share_of_those_that_succeed() -> None:
    retries = Retries(most=2, earned=0.5)

    at_once = [retries.allow() for _ in range(3)]
    retries.succeeded()
    too_early = retries.allow()
    retries.succeeded()

    assert at_once == [True, True, False]
    assert not too_early
    assert retries.allow()

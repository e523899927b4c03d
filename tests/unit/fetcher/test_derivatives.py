from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.domain import Derivatives, InterestQuadrant
from fetcher.core.derivatives import AccountRatio, Premium, QuadrantRule, describe, quadrant
from fetcher.core.interest import InterestMemory, InterestPoint

NOW = datetime(2026, 3, 10, 8, 0, 5, tzinfo=UTC)
RULE = QuadrantRule(price=0.005, interest=0.01)


def premium(**changes: Any) -> Premium:
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "observed_at": NOW,
        "mark_price": 50_000.0,
        "index_price": 49_990.0,
        "funding_rate": 0.0001,
        "funding_interval_hours": 4.0,
        "next_funding_at": NOW + timedelta(hours=4),
    }
    return Premium(**(fields | changes))


def described(
    of: Premium,
    current: InterestPoint | None = None,
    history: tuple[InterestPoint, ...] = (),
    accounts: AccountRatio | None = None,
) -> Derivatives:
    memory = InterestMemory()
    memory.learn_history(history)
    return describe(
        of,
        venue="binance",
        simulated=True,
        rule=RULE,
        current=current,
        past=memory,
        accounts=accounts,
    )


def hours_ago(hours: float, amount: float, price: float | None = None) -> InterestPoint:
    at = datetime(2026, 3, 10, 8, tzinfo=UTC) - timedelta(hours=hours)
    return InterestPoint(at, amount, price)


@pytest.mark.parametrize(
    ("interval", "per_8h", "per_year"),
    [(1.0, 0.0008, 0.876), (4.0, 0.0002, 0.219), (8.0, 0.0001, 0.1095)],
)
def test_funding_is_also_told_per_eight_hours_and_per_year(
    interval: float, per_8h: float, per_year: float
) -> None:
    derivatives = described(premium(funding_interval_hours=interval))

    assert derivatives.funding_rate == 0.0001
    assert derivatives.funding_rate_8h == pytest.approx(per_8h)
    assert derivatives.funding_rate_year == pytest.approx(per_year)


def test_the_basis_is_the_marks_distance_from_the_index() -> None:
    assert described(premium(mark_price=100.1, index_price=100.0)).basis_bps == pytest.approx(10)
    assert described(premium(index_price=None)).basis_bps is None


def test_an_unknown_interval_leaves_the_comparable_rate_unknown() -> None:
    derivatives = described(premium(funding_interval_hours=None))

    assert derivatives.funding_rate == 0.0001
    assert derivatives.funding_rate_8h is None
    assert derivatives.funding_rate_year is None


def test_open_interest_is_valued_at_the_mark() -> None:
    derivatives = described(premium(), InterestPoint(NOW, 10.0))

    assert derivatives.open_interest == 10.0
    assert derivatives.open_interest_usd == 500_000.0


def test_changes_compare_with_the_readings_of_their_hour() -> None:
    history = (hours_ago(24, 80), hours_ago(4, 100), hours_ago(1, 88), hours_ago(0, 109))

    derivatives = described(premium(), InterestPoint(NOW, 110.0), history)

    assert derivatives.open_interest_change_1h == pytest.approx(0.25)
    assert derivatives.open_interest_change_4h == pytest.approx(0.10)
    assert derivatives.open_interest_change_24h == pytest.approx(0.375)


def test_a_missing_hour_is_unknown_and_never_zero() -> None:
    derivatives = described(
        premium(), InterestPoint(NOW, 110.0), (hours_ago(1.6, 100), hours_ago(6.5, 100))
    )

    assert derivatives.open_interest_change_1h is None
    assert derivatives.open_interest_change_4h is None
    assert derivatives.open_interest_change_24h is None


def test_a_past_of_zero_has_no_relative_change() -> None:
    derivatives = described(premium(), InterestPoint(NOW, 5.0), (hours_ago(1, 0.0),))

    assert derivatives.open_interest_change_1h is None


def test_without_open_interest_everything_about_it_is_unknown() -> None:
    derivatives = described(premium(mark_price=None))

    assert derivatives.open_interest is None
    assert derivatives.open_interest_usd is None
    assert derivatives.mark_price is None


def test_numbers_too_large_to_be_true_are_unknown_and_stop_nobody() -> None:
    derivatives = described(
        premium(mark_price=1e300, index_price=1e-300, funding_rate=1e308),
        InterestPoint(NOW, 1e300),
        (hours_ago(4, 1e-300, price=1e-300),),
    )

    assert derivatives.mark_price == 1e300
    assert derivatives.basis_bps is None
    assert derivatives.funding_rate_year is None
    assert derivatives.open_interest_usd is None
    assert derivatives.open_interest_change_4h is None
    assert derivatives.quadrant_4h is None


def test_a_change_in_value_moves_with_the_price_too() -> None:
    derivatives = described(
        premium(mark_price=60.0), InterestPoint(NOW, 110.0), (hours_ago(4, 100, price=50.0),)
    )

    assert derivatives.open_interest_change_4h == pytest.approx(0.10)
    assert derivatives.open_interest_usd_change_4h == pytest.approx(110 * 60 / 5000 - 1)
    assert derivatives.price_change_4h == pytest.approx(0.20)
    assert derivatives.quadrant_4h is InterestQuadrant.NEW_LONGS


def test_a_past_without_a_price_has_a_change_in_contracts_alone() -> None:
    derivatives = described(premium(), InterestPoint(NOW, 110.0), (hours_ago(4, 100),))

    assert derivatives.open_interest_change_4h == pytest.approx(0.10)
    assert derivatives.open_interest_usd_change_4h is None
    assert derivatives.price_change_4h is None
    assert derivatives.quadrant_4h is None


@pytest.mark.parametrize(
    ("price", "interest", "expected"),
    [
        (0.02, 0.03, InterestQuadrant.NEW_LONGS),
        (0.02, -0.03, InterestQuadrant.SHORT_COVERING),
        (-0.02, 0.03, InterestQuadrant.NEW_SHORTS),
        (-0.02, -0.03, InterestQuadrant.LONG_UNWINDING),
        (0.005, 0.01, InterestQuadrant.NEW_LONGS),
        (0.0049, 0.03, InterestQuadrant.UNDECIDED),
        (-0.02, 0.0099, InterestQuadrant.UNDECIDED),
        (0.0, 0.0, InterestQuadrant.UNDECIDED),
        (None, 0.03, None),
        (0.02, None, None),
    ],
)
def test_price_and_open_interest_say_who_is_trading(
    price: float | None, interest: float | None, expected: InterestQuadrant | None
) -> None:
    assert quadrant(price, interest, RULE) is expected


def test_accounts_are_told_as_a_share_and_as_a_ratio_with_their_own_time() -> None:
    derivatives = described(premium(), accounts=AccountRatio(NOW, 0.6))

    assert derivatives.long_share == 0.6
    assert derivatives.long_short_ratio == pytest.approx(1.5)
    assert derivatives.long_short_at == NOW
    assert described(premium(), accounts=AccountRatio(NOW, 1.0)).long_short_ratio is None


def test_the_venues_history_counts_before_a_reading_of_the_same_minutes() -> None:
    memory = InterestMemory()
    memory.learn_history([hours_ago(4, 1.0)])
    memory.learn(hours_ago(3.98, 2.0))
    memory.learn(hours_ago(3.5, 3.0))

    assert memory.near(hours_ago(4, 0).at) == hours_ago(4, 1.0)
    assert memory.near(hours_ago(3.96, 0).at) == hours_ago(4, 1.0)
    assert memory.near(hours_ago(3.6, 0).at) == hours_ago(3.5, 3.0)
    assert memory.near(hours_ago(2.9, 0).at) is None


def test_readings_are_kept_for_a_day_and_an_old_one_is_not_new() -> None:
    memory = InterestMemory()
    for hours in (30, 24.5, 0, 2):
        memory.learn(hours_ago(hours, hours))

    assert memory.newest == hours_ago(0, 0)
    assert memory.near(hours_ago(24.5, 0).at) == hours_ago(24.5, 24.5)
    assert memory.near(hours_ago(30, 0).at) is None

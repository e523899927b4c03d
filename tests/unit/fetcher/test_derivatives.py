from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.domain import Derivatives
from fetcher.core.derivatives import InterestPoint, Premium, describe

NOW = datetime(2026, 3, 10, 8, 0, 5, tzinfo=UTC)


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
    of: Premium, current: InterestPoint | None = None, history: tuple[InterestPoint, ...] = ()
) -> Derivatives:
    return describe(of, venue="binance", simulated=True, current=current, history=history)


def hours_ago(hours: float, amount: float) -> InterestPoint:
    return InterestPoint(datetime(2026, 3, 10, 8, tzinfo=UTC) - timedelta(hours=hours), amount)


def test_funding_is_also_told_per_eight_hours() -> None:
    assert described(premium()).funding_rate_8h == pytest.approx(0.0002)


def test_an_unknown_interval_leaves_the_comparable_rate_unknown() -> None:
    derivatives = described(premium(funding_interval_hours=None))

    assert derivatives.funding_rate == 0.0001
    assert derivatives.funding_rate_8h is None


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
    derivatives = described(premium(), InterestPoint(NOW, 110.0), (hours_ago(6.5, 100),))

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

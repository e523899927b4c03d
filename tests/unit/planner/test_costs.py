from datetime import datetime, timedelta
from typing import Any

import pytest

from common.domain import Derivatives, Direction, Quality, Source, Verdict
from planner.core.costs import count_settlements
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.setups import decided, gate, instrument, levels, planned, signal

HOUR = timedelta(hours=1)
SHORT = Direction.SHORT


def _derivatives(**changes: Any) -> Derivatives:
    fields: dict[str, Any] = {
        "funding_rate": 0.0002,
        "funding_interval_hours": 8.0,
        "next_funding_at": AS_OF + 4 * HOUR,
    }
    return facts.derivatives("SOLUSDT", **(fields | changes))


@pytest.mark.parametrize(
    ("next_at", "interval", "hours", "settlements"),
    [
        (4, 8.0, 3.99, 0),
        (4, 8.0, 4, 1),  # due at the end of the holding time counts
        (4, 8.0, 12, 2),
        (0, 8.0, 8, 1),  # due at as_of itself does not
        (1, 1.0, 24, 24),
        (4, 4.0, 24, 6),
        (-5, 8.0, 8, 1),  # an old next time is moved on by the interval: due in 3 hours
        (30, 8.0, 24, 0),  # nothing is due before the next one
    ],
)
def test_settlements_are_counted_after_as_of_by_the_contracts_own_interval(
    next_at: float, interval: float, hours: float, settlements: int
) -> None:
    known = _derivatives(next_funding_at=AS_OF + next_at * HOUR, funding_interval_hours=interval)

    assert count_settlements(known, AS_OF, AS_OF + hours * HOUR) == settlements


@pytest.mark.parametrize("missing", ["funding_rate", "funding_interval_hours", "next_funding_at"])
def test_settlements_are_not_guessed(missing: str) -> None:
    until: datetime = AS_OF + 100 * HOUR

    assert count_settlements(_derivatives(**{missing: None}), AS_OF, until) is None
    assert count_settlements(None, AS_OF, until) is None


def test_costs_are_fees_spread_and_slippage_of_the_entry_plus_funding() -> None:
    plan = planned(signal(101.0))

    assert plan.costs.taker_fee == 0.0005
    assert plan.costs.total == pytest.approx(101.0 * (2 * 0.0005 + 0.0002 + 0.0002), abs=1e-12)


def test_a_long_pays_positive_funding_over_the_median_time_to_the_second_target() -> None:
    # 11.1 · 1.5² · 4 h = 99.9 h: settlements at 4, 12, … 92 h
    plan = planned(signal(101.0, derivatives=_derivatives()))

    assert plan.costs.funding_settlements == 12
    assert plan.costs.funding_signed == pytest.approx(12 * 0.0002)
    assert plan.costs.funding_charged == pytest.approx(12 * 0.0002)
    assert plan.costs.total == pytest.approx(101.0 * (0.0014 + 12 * 0.0002))


def test_a_short_is_shown_the_credit_but_never_counts_it() -> None:
    plan = planned(signal(99.0, SHORT, derivatives=_derivatives()))

    assert plan.costs.funding_signed == pytest.approx(-12 * 0.0002)
    assert plan.costs.funding_charged == 0.0
    assert plan.costs.total == pytest.approx(99.0 * 0.0014)


def test_a_short_pays_negative_funding() -> None:
    plan = planned(signal(99.0, SHORT, derivatives=_derivatives(funding_rate=-0.0001)))

    assert plan.costs.funding_charged == pytest.approx(12 * 0.0001)


def test_unknown_funding_is_null_and_said_to_be() -> None:
    plan = planned(signal(101.0, derivatives=None))

    assert plan.costs.funding_settlements is None
    assert plan.costs.funding_signed is None
    assert "funding not known, none charged" in plan.warnings


def test_an_unknown_spread_is_assumed_to_be_5_bps_and_said_to_be() -> None:
    plan = planned(signal(101.0, instrument=instrument(spread_bps=None)))

    assert plan.costs.spread_bps == 5.0
    assert plan.costs.spread_assumed
    assert plan.costs.total == pytest.approx(101.0 * (0.001 + 0.0005 + 0.0002))
    assert "spread not known, 5 bps assumed" in plan.warnings


def test_spot_levels_are_said_to_be_spot_levels() -> None:
    plan = planned(signal(101.0, quality=Quality(score=1.0, source=Source.SPOT)))

    assert any(warning.startswith("spot levels") for warning in plan.warnings)


def test_steps_that_another_venue_lists_are_said_to_be_its_own() -> None:
    plan = planned(signal(101.0, instrument=instrument(listed_by="bybit")))

    assert "steps of price and size are those bybit lists" in plan.warnings


def test_net_reward_risk_charges_costs_to_both_sides() -> None:
    plan = planned(signal(101.0))
    costs = plan.costs.total

    assert plan.gross_rr == pytest.approx(2.25)
    assert plan.net_rr == pytest.approx((2.25 * 3 - costs) / (3 + costs), abs=1e-12)
    assert plan.targets[0].net_r == pytest.approx((4.5 - costs) / (3 + costs), abs=1e-12)
    assert plan.targets[1].net_r == pytest.approx((9.0 - costs) / (3 + costs), abs=1e-12)


@pytest.mark.parametrize(("rate", "verdict"), [(0.0005, Verdict.PASSED), (0.0012, Verdict.REFUSED)])
def test_net_rr_below_1_2_is_refused(rate: float, verdict: Verdict) -> None:
    paid = _derivatives(funding_rate=rate)
    found = gate(decided(signal(101.0, derivatives=paid)), "net_rr")

    assert found.verdict is verdict
    assert found.threshold == 1.2


def test_a_plan_ranks_by_confidence_times_net_reward_risk_up_to_3() -> None:
    plan = planned(signal(101.0, confidence=50.0))

    assert plan.rank == pytest.approx(50.0 * plan.net_rr)
    assert plan.p_tp1_before_stop is None
    assert levels().reference == plan.reference

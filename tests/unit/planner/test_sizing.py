from decimal import Decimal

import pytest

from common.domain import Signal, TradePlan
from planner.core.decision import decide
from planner.core.history import History
from planner.core.rules import LeverageRules, PlanRules
from planner.core.sizing import highest_leverage
from tests.unit.planner.rules import load_rules
from tests.unit.planner.setups import instrument, levels, planned, signal

LEVERAGE = LeverageRules(stop_multiple=1.5, maintenance=0.01)


def _plan(sent: Signal, rules: PlanRules) -> TradePlan:
    plan = decide(sent, History(), rules)
    assert isinstance(plan, TradePlan)
    return plan


def test_no_account_no_size() -> None:
    assert planned(signal(101.0)).sizing is None


@pytest.mark.parametrize(("step", "quantity"), [("0.001", "31.832"), ("1", "31"), ("50", "0")])
def test_the_size_loses_at_most_one_per_cent_of_the_account_with_costs(
    step: str, quantity: str
) -> None:
    rules = load_rules(SIZING__ACCOUNT=10_000)
    sent = signal(101.0, instrument=instrument(step_size=Decimal(step)))

    sizing = _plan(sent, rules).sizing

    assert sizing is not None
    assert sizing.quantity == Decimal(quantity)
    assert sizing.notional == Decimal(quantity) * 101
    assert sizing.risk <= 100
    assert sizing.risk_share == pytest.approx(0.01)


def test_a_size_below_the_venues_least_order_is_said_to_be_so() -> None:
    plan = _plan(signal(101.0), load_rules(SIZING__ACCOUNT=10))

    assert plan.warnings == ("size is below the venue's least order of 5 USDT",)


def test_a_budget_below_one_step_is_said_to_be_so() -> None:
    whole = signal(101.0, instrument=instrument(step_size=Decimal(1)))

    plan = _plan(whole, load_rules(SIZING__ACCOUNT=10))

    assert plan.sizing is not None
    assert plan.sizing.quantity == 0
    assert plan.warnings == ("one step of quantity already risks more than the budget",)


@pytest.mark.parametrize(
    ("stop_share", "leverage"), [(0.03, 18), (0.08, 7), (0.005, 57), (0.9, 1), (5.0, 1)]
)
def test_the_highest_leverage_is_liquidated_beyond_the_stop(
    stop_share: float, leverage: int
) -> None:
    found, note = highest_leverage(stop_share, instrument(max_leverage=125), LEVERAGE)

    assert found == leverage
    assert note == "isolated margin assumed, maintenance about 1 %"


def test_the_venues_lower_limit_wins() -> None:
    found, note = highest_leverage(0.005, instrument(max_leverage=20), LEVERAGE)

    assert found == 20
    assert note.startswith("the venue's limit")


def test_a_plan_tells_its_leverage() -> None:
    assert planned(signal(levels=levels(101.0))).max_leverage == int(1 / (1.5 * 3 / 101 + 0.01))

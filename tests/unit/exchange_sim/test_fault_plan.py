import pytest
from pydantic import ValidationError

from exchange_sim.core.faults import Fault, FaultPlan


def test_a_fault_strikes_as_often_as_ordered_and_where_ordered() -> None:
    plan = FaultPlan()
    plan.order(Fault(kind="html", route="/fapi/v1/klines", symbol="BTCUSDT", count=2))

    struck = [
        plan.take(route, symbol) is not None
        for route, symbol in [
            ("/fapi/v1/klines", "ETHUSDT"),
            ("/fapi/v1/time", None),
            ("/fapi/v1/klines", "BTCUSDT"),
            ("/fapi/v1/klines", "BTCUSDT"),
            ("/fapi/v1/klines", "BTCUSDT"),
        ]
    ]
    assert struck == [False, False, True, True, False]
    assert plan.left == ()


def test_a_fault_without_a_count_strikes_until_it_is_cleared() -> None:
    plan = FaultPlan()
    plan.order(Fault(kind="status", status=500))

    assert all(plan.take("/fapi/v1/time", None) for _ in range(50))
    plan.clear()
    assert plan.take("/fapi/v1/time", None) is None


def test_faults_strike_in_the_order_of_their_orders() -> None:
    plan = FaultPlan()
    plan.order(Fault(kind="html", count=1), Fault(kind="reset", count=1))

    assert [fault.kind for fault in (plan.take("x", None), plan.take("x", None)) if fault] == [
        "html",
        "reset",
    ]


@pytest.mark.parametrize(
    "wrong", [{"kind": "flood"}, {"kind": "html", "count": 0}, {"kind": "status", "status": 200}]
)
def test_an_unknown_fault_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(wrong)

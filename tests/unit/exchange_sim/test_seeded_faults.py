from itertools import permutations

import pytest
from pydantic import ValidationError

from exchange_sim.core.fault import ANSWER_KINDS, CANDLE_KINDS
from exchange_sim.core.faults import FaultPlan
from exchange_sim.core.seeded import FaultOdds, SeededFaults

KLINES = "/fapi/v1/klines"
KINDS = ANSWER_KINDS | CANDLE_KINDS


def fates(order: tuple[str, ...], *, seed: int = 3, rounds: int = 60) -> dict[str, list[str]]:
    drawn = SeededFaults(FaultOdds(seed=seed, rate=0.2))
    told: dict[str, list[str]] = {symbol: [] for symbol in order}
    for _ in range(rounds):
        for symbol in order:
            fault = drawn.next(KLINES, symbol, KINDS)
            told[symbol].append("fine" if fault is None else fault.kind)
    return told


def test_a_seed_draws_the_same_fates_whatever_the_order_of_the_symbols() -> None:
    orders = list(permutations(("BTCUSDT", "ETHUSDT", "SOLUSDT")))

    assert all(fates(order) == fates(orders[0]) for order in orders)
    assert fates(orders[0], seed=4) != fates(orders[0])


def test_the_rate_is_the_share_of_requests_that_go_wrong_in_many_ways() -> None:
    told = fates(("BTCUSDT",), rounds=3_000)["BTCUSDT"]

    assert told.count("fine") / len(told) == pytest.approx(0.8, abs=0.03)
    assert len(set(told)) > 12
    assert not {"ban", "timeout"} & set(told)


def test_only_what_can_strike_a_request_is_drawn_and_only_on_its_route() -> None:
    odds = FaultOdds(seed=1, rate=1.0, route="/fapi/*", kinds=("missing", "html"))
    drawn = SeededFaults(odds)

    assert {fault.kind for _ in range(20) if (fault := drawn.next(KLINES, "A", ANSWER_KINDS))} == {
        "html"
    }
    assert drawn.next("/v5/market/kline", "A", KINDS) is None


def test_ordered_faults_come_before_drawn_ones_and_clearing_ends_both() -> None:
    plan = FaultPlan()
    plan.draw(SeededFaults(FaultOdds(seed=1, rate=1.0, kinds=("html",))))

    assert plan.take(KLINES, None) is not None
    plan.clear()
    assert plan.take(KLINES, None) is None


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 1.5}, {"rate": 0.1, "kinds": []}, {"rate": -0.1}, {"rate": 1, "statuses": [200]}],
)
def test_impossible_odds_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FaultOdds.model_validate({"seed": 1, **wrong})

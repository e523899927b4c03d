"""Plans that move together are one bet."""

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.domain import Cluster, Direction
from fetcher.core.clusters import (
    ClusterRule,
    Ranked,
    Returns,
    correlation,
    find_clusters,
    hourly_returns,
)

HOUR = 3_600_000
RULE = ClusterRule(bars=168, correlation=0.8)
LONG, SHORT = Direction.LONG, Direction.SHORT


def orthonormal(rows: int, count: int = 4) -> NDArray[np.float64]:
    """Series without a mean, each of length one, no two correlated."""
    random = np.random.default_rng(5).normal(size=(rows, count))
    basis: NDArray[np.float64] = np.linalg.qr(random - random.mean(axis=0))[0].T
    return basis


def series(values: NDArray[np.float64], first: int = 0) -> Returns:
    return Returns((first + np.arange(len(values))) * HOUR, values)


def with_correlation(to_first: float, to_second: float = 0.0) -> NDArray[np.float64]:
    """A series with just these correlations to the first two orthonormal ones."""
    one, two, three, _ = orthonormal(168)
    rest = float(np.sqrt(1 - to_first**2 - to_second**2))
    mixed: NDArray[np.float64] = to_first * one + to_second * two + rest * three
    return mixed


def plan(symbol: str, rank: float, direction: Direction = LONG) -> Ranked:
    return Ranked(symbol=symbol, direction=direction, rank=rank)


ONE, TWO, _, FOUR = (series(row) for row in orthonormal(168))


@pytest.mark.parametrize("wanted", [-1.0, -0.6, 0.0, 0.79, 0.91, 1.0])
def test_a_known_correlation_is_found(wanted: float) -> None:
    assert correlation(ONE, series(with_correlation(wanted)), bars=168) == pytest.approx(wanted)


def test_it_is_numpys_correlation_of_the_newest_common_bars() -> None:
    random = np.random.default_rng(11)
    one, other = random.normal(size=300), random.normal(size=250)
    found = correlation(series(one), series(other, first=40), bars=168)

    expected = np.corrcoef(one[290 - 168 : 290], other[250 - 168 :])[0, 1]
    assert found == pytest.approx(expected, abs=1e-12)


def test_plans_join_the_first_lead_they_move_with_in_order_of_rank() -> None:
    returns = {
        "SOLUSDT": ONE,
        "AVAXUSDT": TWO,
        "SUIUSDT": series(with_correlation(0.85)),
        "APTUSDT": series(with_correlation(0.79)),
        "NEARUSDT": series(with_correlation(0.5, 0.85)),
        "BTCUSDT": series(with_correlation(0.91)),
    }
    plans = [
        plan("NEARUSDT", 10.0),
        plan("APTUSDT", 80.0),
        plan("SUIUSDT", 70.0),
        plan("AVAXUSDT", 90.0),
        plan("SOLUSDT", 100.0),
    ]

    found = find_clusters(plans, returns, RULE, bitcoin="BTCUSDT")

    assert [(one.lead, one.symbols) for one in found] == [
        ("SOLUSDT", ("SOLUSDT", "SUIUSDT")),
        ("AVAXUSDT", ("AVAXUSDT", "NEARUSDT")),
    ]
    assert found[0].btc_correlation == pytest.approx(0.91)
    assert found[1].btc_correlation == pytest.approx(0.0)


def test_members_move_with_their_lead_not_with_each_other() -> None:
    returns = {
        "A": ONE,
        "B": series(with_correlation(0.8001, 0.59)),
        "C": series(with_correlation(0.8001, -0.59)),
    }
    assert (correlation(returns["B"], returns["C"], bars=168) or 0) < 0.4

    (found,) = find_clusters(
        [plan("A", 3.0), plan("B", 2.0), plan("C", 1.0)], returns, RULE, bitcoin=None
    )

    assert found == Cluster(lead="A", direction=LONG, symbols=("A", "B", "C"), btc_correlation=None)


def test_a_plan_that_moves_only_with_a_member_leads_its_own_cluster() -> None:
    middle = series(with_correlation(0.81, 0.58))
    far = series(with_correlation(0.4, 0.9))
    assert (correlation(middle, far, bars=168) or 0) > 0.8
    plans = [plan("A", 3.0), plan("MIDDLE", 2.0), plan("FAR", 1.0)]

    found = find_clusters(plans, {"A": ONE, "MIDDLE": middle, "FAR": far}, RULE, bitcoin=None)

    assert [one.symbols for one in found] == [("A", "MIDDLE")]


def test_opposite_directions_are_never_one_bet() -> None:
    returns = dict.fromkeys(("A", "B", "C", "D"), ONE)
    plans = [plan("A", 4.0), plan("B", 3.0, SHORT), plan("C", 2.0), plan("D", 1.0, SHORT)]

    found = find_clusters(plans, returns, RULE, bitcoin=None)

    assert [(one.direction, one.symbols) for one in found] == [
        (LONG, ("A", "C")),
        (SHORT, ("B", "D")),
    ]


def test_a_plan_by_itself_is_no_cluster() -> None:
    plans = [plan("A", 2.0), plan("B", 1.0)]

    assert find_clusters(plans, {"A": ONE, "B": TWO}, RULE, bitcoin=None) == ()
    assert find_clusters([], {}, RULE, bitcoin="A") == ()


@pytest.mark.parametrize(("common", "known"), [(99, False), (100, True)])
def test_too_few_common_bars_are_no_correlation(common: int, known: bool) -> None:
    values = np.random.default_rng(3).normal(size=common)
    returns = {
        "A": series(np.concatenate((np.zeros(50), values))),
        "B": series(values, first=50),
    }

    found = find_clusters([plan("A", 2.0), plan("B", 1.0)], returns, RULE, bitcoin="B")

    assert bool(found) is known
    assert (correlation(returns["A"], returns["B"], bars=168) is not None) is known


def test_a_contract_without_candles_or_without_movement_stands_alone() -> None:
    still = series(np.zeros(168))
    plans = [plan("A", 3.0), plan("B", 2.0), plan("C", 1.0)]

    assert find_clusters(plans, {"A": still, "B": still}, RULE, bitcoin="A") == ()


def test_equal_ranks_are_ordered_by_symbol_whatever_order_plans_come_in() -> None:
    returns = dict.fromkeys(("A", "B", "C"), ONE) | {"D": TWO}
    plans = [plan("B", 2.0), plan("A", 2.0), plan("C", 3.0), plan("D", 3.0)]

    found = {find_clusters(order, returns, RULE, bitcoin="D") for order in permutations(plans)}

    assert [[one.symbols for one in clusters] for clusters in found] == [[("C", "A", "B")]]


def test_no_return_leaps_over_a_hole() -> None:
    times = np.array([0, 1, 2, 5, 6]) * HOUR
    closes = np.array([1.0, 2.0, 4.0, 64.0, 32.0])

    returns = hourly_returns(times, closes)

    assert (returns.times // HOUR).tolist() == [1, 2, 6]
    assert returns.values == pytest.approx(np.log([2.0, 2.0, 0.5]))


def test_an_empty_window_has_no_returns() -> None:
    assert len(hourly_returns(np.array([], dtype=np.int64), np.array([])).times) == 0

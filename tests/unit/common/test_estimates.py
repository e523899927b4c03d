"""What results say beyond themselves, held against the definitions; few results say nothing."""

from datetime import date, timedelta
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Estimate
from common.estimates import Result, mean_of, share_of


def one_a_day(*values: float, times: int = 1) -> list[Result]:
    """Each value on a day of its own, told so many times on it."""
    days = (date(2026, 1, 1) + timedelta(days=place) for place in range(len(values)))
    return [(day, value) for day, value in zip(days, values, strict=True) for _ in range(times)]


def told(found: Estimate | None) -> tuple[float, float, float]:
    assert found is not None
    return found.low, found.value, found.high


@pytest.mark.parametrize("count", [0, 1, 29])
def test_fewer_than_thirty_results_say_nothing(count: int) -> None:
    assert mean_of(one_a_day(*[1.0] * count)) is None
    assert share_of(one_a_day(*[1.0] * count)) is None


def test_a_mean_of_one_result_a_day_has_the_interval_of_independent_ones() -> None:
    results = [1.0, -1.0, 2.5] * 20

    mean, margin = np.mean(results), 1.96 * np.std(results, ddof=1) / sqrt(60)
    assert told(mean_of(one_a_day(*results))) == pytest.approx((mean - margin, mean, mean + margin))


@pytest.mark.parametrize(("hits", "tries"), [(0, 30), (30, 30), (12, 30), (87, 212), (393, 1000)])
def test_wilsons_ends_are_the_shares_that_would_just_not_be_refused(hits: int, tries: int) -> None:
    low, share, high = told(share_of(one_a_day(*[1.0] * hits, *[0.0] * (tries - hits))))

    assert share == hits / tries
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            off = abs(share - end) / sqrt(end * (1 - end) / tries)
            assert off == pytest.approx(1.96)


def test_no_hit_in_thirty_days_does_not_mean_never() -> None:
    low, _, high = told(share_of(one_a_day(*[0.0] * 30)))

    assert (low, round(high, 4)) == (0, 0.1135)


@given(st.lists(st.floats(-2, 3), min_size=30, max_size=40), st.integers(2, 5))
def test_the_same_result_again_on_the_same_day_makes_nothing_surer(
    results: list[float], times: int
) -> None:
    alone, again = mean_of(one_a_day(*results)), mean_of(one_a_day(*results, times=times))

    assert told(again) == pytest.approx(told(alone), abs=1e-9)


def test_thirty_plans_of_one_day_are_one_bet() -> None:
    today = [(date(2026, 1, 1), float(place % 2)) for place in range(30)]

    low, share, high = told(share_of(today))

    assert share == 0.5
    assert (low, high) == pytest.approx((0.5 - 0.445, 0.5 + 0.445), abs=0.001)
    assert told(mean_of(today))[2] == pytest.approx(0.5 + 1.96 * np.std([0, 1] * 15, ddof=1))


def test_days_whose_results_cancel_out_make_nothing_surer_than_independent_ones() -> None:
    paired = [(date(2026, 1, 1) + timedelta(days=place // 2), place % 2) for place in range(60)]

    assert told(share_of(paired)) == pytest.approx(told(share_of(one_a_day(*[0.0, 1.0] * 30))))


@pytest.mark.parametrize("days", [2, 3, 5, 9, 10, 20])
@pytest.mark.parametrize("in_common", [0.0, 0.3, 0.6])
def test_intervals_hold_the_truth_however_few_days_there_are(days: int, in_common: float) -> None:
    chance, each, held = np.random.default_rng(7), 40 // days + 1, 0
    proposed = [date(2026, 1, 1 + day) for day in range(days) for _ in range(each)]
    for _ in range(300):
        shared = chance.normal(0, sqrt(in_common), days).repeat(each)
        values = shared + chance.normal(0, sqrt(1 - in_common), days * each)
        low, _, high = told(mean_of(list(zip(proposed, values.tolist(), strict=True))))
        held += low <= 0 <= high

    assert held >= 300 * 0.87

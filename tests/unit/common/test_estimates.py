"""What results say beyond themselves, held against the definitions; few results say nothing."""

from math import sqrt

import numpy as np
import pytest

from common.estimates import mean_of, share_of


@pytest.mark.parametrize("count", [0, 1, 29])
def test_fewer_than_thirty_results_say_nothing(count: int) -> None:
    assert mean_of([1.0] * count) is None
    assert share_of(0, count) is None


def test_a_mean_lies_between_the_ends_of_its_interval() -> None:
    results = [1.0, -1.0, 2.5] * 20

    told = mean_of(results)

    assert told is not None
    margin = 1.96 * np.std(results, ddof=1) / sqrt(60)
    assert (told.low, told.value, told.high) == pytest.approx(
        (np.mean(results) - margin, np.mean(results), np.mean(results) + margin)
    )


@pytest.mark.parametrize(("hits", "tries"), [(0, 30), (30, 30), (12, 30), (87, 212), (393, 1000)])
def test_wilsons_ends_are_the_shares_that_would_just_not_be_refused(hits: int, tries: int) -> None:
    told = share_of(hits, tries)

    assert told is not None
    assert 0 <= told.low <= told.value <= told.high <= 1
    for end in (told.low, told.high):
        if 0 < end < 1:
            off = abs(hits / tries - end) / sqrt(end * (1 - end) / tries)
            assert off == pytest.approx(1.96)


def test_no_hit_of_thirty_does_not_mean_never() -> None:
    told = share_of(0, 30)

    assert told is not None
    assert (told.low, round(told.high, 4)) == (0, 0.1135)

"""The prices a chart draws, and labels that do not hide each other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Direction, EntryKind
from dashboard.core.levels import plan_levels, spread
from tests.support import facts


def test_a_long_shows_its_levels_from_top_to_bottom() -> None:
    assert [level.label for level in plan_levels(facts.plan())] == [
        "TP2 109.00 · 3.0 R",
        "TP1 104.50 · 1.5 R",
        "Do not chase 101.00",
        "Entry 100.00",
        "Stop 97.00 · −1 R",
    ]


def test_a_short_shows_its_stop_on_top() -> None:
    names = [level.name for level in plan_levels(facts.plan(direction=Direction.SHORT))]

    assert names == ["Stop", "Entry", "Do not chase", "TP1", "TP2"]


def test_a_pull_back_shows_the_other_edge_of_its_zone() -> None:
    levels = plan_levels(facts.plan(kind=EntryKind.PULLBACK))

    assert [level.label for level in levels if level.name == "Zone"] == ["Zone 99.00"]


def test_labels_far_apart_stay_where_they_are() -> None:
    assert spread([0.9, 0.5, 0.1], 0.1) == pytest.approx([0.9, 0.5, 0.1])


def test_labels_that_touch_are_moved_apart_around_their_middle() -> None:
    assert spread([0.52, 0.5], 0.1) == pytest.approx([0.56, 0.46])
    assert spread([0.5, 0.5, 0.5], 0.1) == pytest.approx([0.6, 0.5, 0.4])
    assert spread([], 0.1) == []


@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=8))
def test_labels_keep_their_order_and_their_distance(wanted: list[float]) -> None:
    placed = spread(sorted(wanted, reverse=True), 0.05)

    assert all(high - low >= 0.05 - 1e-9 for high, low in pairwise(placed))
    assert sum(placed) == pytest.approx(sum(wanted))

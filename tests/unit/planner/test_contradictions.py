"""Settings that contradict each other are refused by name before anything is planned."""

import pytest

from common.errors import SettingsError
from tests.unit.planner.rules import load_rules


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TARGETS__FIRST": 3.5}, "first must be less than second, was 3.5 and 3"),
        ({"STOP__NEAREST": 2.6}, "nearest must be at most furthest, was 2.6 and 2.5"),
        (
            {"STOP__DISTANCE_HIGH_VOLATILITY": 1.0},
            "distance must be at most distance_high_volatility, was 1.5 and 1",
        ),
        ({"ENTRY__ZONE_NEAR": 0.8}, "zone_near must be less than zone_far, was 0.8 and 0.75"),
        ({"ETA__FIRST_P25": 4.0}, "first_p25 must be less than first_p50, was 4 and 3.9"),
        (
            {"ETA__EXPIRY_LEAST_BARS": 91},
            "expiry_least_bars must be at most expiry_most_bars, was 91 and 90",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_refused_by_name(
    changes: dict[str, float], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        load_rules(**changes)

"""config/scanner.toml says what the decision rules say."""

from tests.unit.planner.rules import load_rules

RULES = load_rules()


def test_the_plan_is_drawn_by_the_numbers_of_the_rules() -> None:
    assert RULES.entry.model_dump() == {
        "market_within": 1.0,
        "zone_near": 0.25,
        "zone_far": 0.75,
        "do_not_chase": 0.5,
        "fill_bars": 3,
    }
    assert RULES.stop.model_dump() == {
        "beyond_swing": 0.25,
        "nearest": 1.0,
        "furthest": 2.5,
        "distance": 1.5,
        "distance_high_volatility": 2.0,
    }
    assert RULES.targets.model_dump() == {"first": 1.5, "second": 3.0, "first_share": 0.5}


def test_times_follow_a_driftless_walk_as_the_rules_say() -> None:
    assert RULES.eta.model_dump() == {
        "first_p25": 2.2,
        "first_p50": 3.9,
        "first_p75": 6.2,
        "second_p25": 7.1,
        "second_p50": 11.1,
        "second_p75": 17,
        "expiry_least_bars": 12,
        "expiry_most_bars": 90,
    }


def test_costs_gates_size_and_leverage_are_those_of_the_rules() -> None:
    assert RULES.costs.model_dump() == {
        "taker_percent": 0.05,
        "slippage_bps": 2,
        "assumed_spread_bps": 5,
    }
    assert RULES.gates.model_dump() == {
        "stop_too_wide_percent": 8,
        "net_rr": 1.2,
        "cooldown_stop_hours": 12,
        "cooldown_other_hours": 4,
    }
    assert RULES.sizing.risk_percent == 1
    assert RULES.leverage.model_dump() == {"stop_multiple": 1.5, "maintenance": 0.01}
    assert RULES.rank_net_rr == 3

"""config/scanner.toml says what the decision rules say."""

import tomllib

from tests.unit.signals.frames import CONFIG, load_rules


def test_the_timeframes_weigh_what_the_rules_say() -> None:
    weights = load_rules().timeframes

    assert (weights.weight_1d, weights.weight_4h, weights.weight_1h) == (0.35, 0.45, 0.20)


def test_the_votes_weigh_what_the_rules_say_in_a_trend_and_in_a_range() -> None:
    votes = load_rules().votes

    assert dict(votes.trend) == {
        "ema_trend": 0.25,
        "macd": 0.20,
        "rsi": 0.10,
        "stoch_rsi": 0.05,
        "obv": 0.15,
        "supertrend": 0.25,
    }
    assert dict(votes.range) == {
        "ema_trend": 0.10,
        "macd": 0.15,
        "rsi": 0.25,
        "stoch_rsi": 0.25,
        "obv": 0.15,
        "supertrend": 0.10,
    }


def test_the_trend_score_weighs_its_parts_as_the_rules_say() -> None:
    trend = load_rules().trend
    parts = (trend.ema, trend.slope, trend.directional, trend.supertrend, trend.structure)

    assert parts == (0.30, 0.20, 0.20, 0.15, 0.15)


def test_the_gates_refuse_where_the_rules_say() -> None:
    gates = load_rules().gates

    assert gates.model_dump() == {
        "overextension": 2.0,
        "trap_wick_bodies": 2.0,
        "trap_wick_least_body": 0.1,
        "trap_wick_atr": 0.6,
        "trap_wick_range_share": 0.5,
        "trap_wick_volume": 1.5,
        "whipsaw_atr": 1.5,
        "whipsaw_volume": 2.0,
        "oversized": 2.5,
        "htf_conflict": 40,
        "regime_conflict": 10,
        "btc_conflict": 60,
        "liquidity_quote_volume": 20_000_000,
        "liquidity_spread_bps": 10,
        "assumed_spread_bps": 5,
        "funding_percent": 0.10,
        "quality": 0.8,
        "coverage": 0.7,
        "history_1h": 300,
        "history_4h": 120,
        "history_1d": 60,
    }


def test_every_number_a_trader_tunes_has_a_comment() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    own = text[text.index("# ---- signals") : text.index("# ---- recorder, api")]
    bare = [
        line
        for line in own.splitlines()
        if " = " in line and "#" not in line and line.split(" = ")[0] not in _NAMED_BY_THEIR_TABLE
    ]

    assert tomllib.loads(text)["signals"]
    assert bare == []


_NAMED_BY_THEIR_TABLE = {
    *("ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend"),
    *("weight_1h", "history_4h", "history_1d"),
    *("first_p25", "first_p50", "first_p75", "second_p25", "second_p50", "second_p75"),
}

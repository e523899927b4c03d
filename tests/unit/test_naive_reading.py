"""The product's decisions on real markets against a naive reading of the rules, value by value."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from common.domain import IndicatorFrame, Signal, TradePlan, Verdict
from planner.core.decision import decide
from planner.core.history import History
from signals.core.signal import score_frame
from tests.support.facts import barometer, derivatives, instrument
from tests.unit.naive import Case, Market, Plan
from tests.unit.planner.rules import load_rules as plan_rules
from tests.unit.signals.frames import load_rules
from tests.unit.signals.markets import closes, real_hours, scanned

RULES, PLAN_RULES = load_rules(), plan_rules()
ENOUGH_HOURS = 24 * 320
"""A window in which every indicator of every timeframe is known."""
TICKS = {"BTCUSDT": "0.1", "DOGEUSDT": "0.00001", "ALGOUSDT": "0.0001", "1000PEPEUSDT": "0.0000001"}


def told_and_read(
    symbol: str, hours: pl.DataFrame, as_of: datetime, place: int
) -> tuple[IndicatorFrame, Case]:
    """One decision's input as the product and as the naive reading take it."""
    market = Market(
        tick=Decimal(TICKS[symbol]),
        spread_bps=(1.2, 0.4, 12.0, 5.0)[place % 4],
        turnover=19e6 if place % 9 == 0 else 350e6,
        funding_8h=2 * (rate := (0.00005, -0.0001, 0.0007, -0.0006)[place % 4]),
        funding_rate=rate,
        settlements=tuple(4.0 * step for step in range(1, 2000)),
        btc_trend=None if symbol == "BTCUSDT" else float(place * 37 % 200 - 100),
    )
    known = hours.filter(hours["open_time"] < int(as_of.timestamp() * 1000)).tail(ENOUGH_HOURS)
    trend = market.btc_trend
    frame = scanned(
        symbol,
        known,
        as_of,
        instrument=instrument(
            symbol,
            tick_size=market.tick,
            spread_bps=market.spread_bps,
            quote_volume_24h=market.turnover,
        ),
        derivatives=derivatives(
            symbol,
            funding_rate=rate,
            funding_rate_8h=market.funding_8h,
            next_funding_at=as_of + timedelta(hours=4),
        ),
        barometer=None if trend is None else barometer().model_copy(update={"btc_trend": trend}),
    )
    rows = {str(timeframe): rows.to_dicts() for timeframe, rows in frame.frames.items()}
    return frame, Case(rows, market)


def compare(signal: Signal, case: Case) -> None:
    for told in signal.timeframes:
        read = case.readings[str(told.timeframe)]
        assert [vote.value for vote in told.votes] == pytest.approx(read.votes, abs=1e-9)
        assert [vote.weight for vote in told.votes] == pytest.approx(read.weights, abs=1e-9)
        assert told.score == pytest.approx(read.score, abs=1e-7)
        assert told.trend_score == pytest.approx(read.trend, abs=1e-7)
        assert told.regime is not None
        assert told.regime.regime == read.label
    assert signal.score == pytest.approx(case.score, abs=1e-7)
    assert signal.trend_score == pytest.approx(case.trend, abs=1e-7)
    assert signal.confidence == pytest.approx(case.confidence, abs=1e-7)
    assert signal.candidate is case.candidate


@pytest.mark.real
@pytest.mark.parametrize("symbol", TICKS)
def test_real_markets_are_decided_as_the_rules_read_naively(symbol: str) -> None:
    plans, hours = 0, real_hours(symbol)
    times = closes(hours)
    for place in range(-1, -1000, -13):
        frame, case = told_and_read(symbol, hours, times[place], place)
        signal = score_frame(frame, RULES)
        compare(signal, case)
        decision = decide(signal, History(), PLAN_RULES)
        refused = {gate.name for gate in decision.gates if gate.verdict is Verdict.REFUSED}
        assert refused == case.refusals, (symbol, signal.as_of)
        assert isinstance(decision, TradePlan) is (case.candidate and not refused)
        if isinstance(decision, TradePlan):
            plans += 1
            plan = Plan(case)
            levels = (decision.entry.price, decision.stop, *(one.price for one in decision.targets))
            assert [Fraction(one) for one in levels] == [plan.entry, plan.stop, *plan.targets]
            assert decision.net_rr == pytest.approx(plan.net_rr, abs=1e-9)
            assert decision.costs.total == pytest.approx(plan.costs, rel=1e-9)
            assert decision.expires_at == decision.as_of + timedelta(hours=plan.lasts_hours)

    assert plans

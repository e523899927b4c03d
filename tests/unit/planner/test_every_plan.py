"""Whatever the signal: a plan's prices are in order and its figures can be recomputed."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor, isfinite
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from common.domain import Direction, EntryKind, Regime, Rejection, Signal, TradePlan, Verdict
from planner.core.decision import decide
from planner.core.history import History
from tests.support import facts
from tests.support.facts import AS_OF
from tests.unit.planner.rules import load_rules
from tests.unit.planner.setups import instrument, levels, signal

RULES = load_rules(SIZING__ACCOUNT=10_000, GATES__NET_RR=0)
TICKS = st.sampled_from(["1e-10", "0.0000001", "0.0001", "0.0005", "0.01", "0.1", "1", "25"])


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    price = draw(st.sampled_from([1e-8, 3.21e-5, 0.0123, 0.5, 7.77, 101.0, 64_123.4]))
    atr = price * draw(st.floats(0.0005, 0.05))
    ema = price + draw(st.floats(-2.0, 2.0)) * atr
    swings = st.lists(st.floats(-4, 4).map(lambda away: price + away * atr), max_size=4)
    positive = swings.map(lambda found: tuple(one for one in found if one > 0))
    assume(ema > 0)
    own = levels(
        price,
        anchor_ema_21=ema,
        anchor_atr=atr,
        anchor_swing_highs=draw(positive),
        anchor_swing_lows=draw(positive),
    )
    return signal(
        direction=draw(st.sampled_from(Direction)),
        score=draw(st.floats(50, 100)),
        regime=draw(st.sampled_from(Regime)),
        levels=own,
        instrument=instrument(
            tick_size=Decimal(draw(TICKS)),
            step_size=Decimal(draw(TICKS)),
            spread_bps=draw(st.none() | st.floats(0, 50)),
        ),
        derivatives=draw(st.none() | _derivatives),
    )


_derivatives = st.builds(
    lambda rate, interval, due: facts.derivatives(
        "SOLUSDT",
        funding_rate=rate,
        funding_interval_hours=interval,
        next_funding_at=AS_OF + timedelta(hours=due),
    ),
    st.floats(-0.01, 0.01),
    st.sampled_from([1.0, 4.0, 8.0]),
    st.integers(-9, 8),
)


def _decide(sent: Signal) -> TradePlan | Rejection:
    return decide(sent, History(), RULES)


def _plan(sent: Signal) -> TradePlan:
    decision = _decide(sent)
    assume(isinstance(decision, TradePlan))
    assert isinstance(decision, TradePlan)
    return decision


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _numbers(inner)]
    return [float(value)] if isinstance(value, float | Decimal) else []


many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@many
@given(signals())
def test_every_signal_gets_one_finite_decision(sent: Signal) -> None:
    decision = _decide(sent)

    assert all(isfinite(number) for number in _numbers(decision.model_dump()))
    if isinstance(decision, Rejection):
        assert any(gate.verdict is Verdict.REFUSED for gate in decision.gates)
        assert decision.reason


@many
@given(signals())
def test_stop_entry_and_targets_are_in_order_and_on_the_tick(sent: Signal) -> None:
    plan = _plan(sent)
    sign, tick = plan.direction.sign, plan.tick_size
    ladder = [plan.stop, plan.entry.price, plan.targets[0].price, plan.targets[1].price]

    assert [sign * step for step in ladder] == sorted({sign * step for step in ladder})
    assert sign * plan.break_even > sign * plan.entry.price
    assert sign * plan.entry.do_not_chase >= sign * plan.entry.price
    assert plan.entry.zone_low <= plan.entry.price <= plan.entry.zone_high
    for step in (*ladder, plan.break_even, plan.entry.zone_low, plan.entry.zone_high):
        assert step % tick == 0


@many
@given(signals())
def test_net_never_exceeds_gross(sent: Signal) -> None:
    plan = _plan(sent)

    assert plan.net_rr <= plan.gross_rr
    assert all(target.net_r <= target.gross_r for target in plan.targets)


@many
@given(signals())
def test_reward_and_risk_can_be_recomputed_from_the_plan_alone(sent: Signal) -> None:
    plan = _plan(sent)
    entry, stop = Fraction(plan.entry.price), Fraction(plan.stop)
    risk = abs(entry - stop)
    rewards = [abs(Fraction(target.price) - entry) for target in plan.targets]
    costs = plan.costs
    charged = entry * (
        2 * Fraction(costs.taker_fee)
        + Fraction(costs.spread_bps) / 10_000
        + Fraction(costs.slippage_bps) / 10_000
        + max(Fraction(0), Fraction(costs.funding_signed or 0.0))
    )
    blended = sum(
        Fraction(target.close_share) * reward
        for target, reward in zip(plan.targets, rewards, strict=True)
    )

    assert Fraction(plan.risk) == risk
    assert abs(costs.total - float(charged)) <= 1e-9 * float(entry)
    assert abs(plan.gross_rr - float(blended / risk)) <= 1e-9
    assert abs(plan.net_rr - float((blended - charged) / (risk + charged))) <= 1e-9
    for target, reward in zip(plan.targets, rewards, strict=True):
        assert abs(target.gross_r - float(reward / risk)) <= 1e-9
        assert abs(target.net_r - float((reward - charged) / (risk + charged))) <= 1e-9
    assert plan.max_leverage == min(75, max(1, floor(1 / (1.5 * float(risk / entry) + 0.01))))


@many
@given(signals())
def test_rounding_never_raises_reward_risk(sent: Signal) -> None:
    plan = _plan(sent)
    grid = sent.instrument.model_copy(update={"tick_size": Decimal("1e-18")})
    exact = _plan(sent.model_copy(update={"instrument": grid}))

    assert plan.gross_rr <= exact.gross_rr + 1e-12
    assert plan.net_rr <= exact.net_rr + 1e-12
    assert plan.risk >= exact.risk


@many
@given(signals())
def test_the_loss_at_the_stop_never_exceeds_the_budget(sent: Signal) -> None:
    plan = _plan(sent)
    assert plan.sizing is not None
    loss = Fraction(plan.risk) + Fraction(plan.costs.total)

    assert plan.sizing.quantity % sent.instrument.step_size == 0
    assert Fraction(plan.sizing.quantity) * loss <= 100 * (1 + Fraction(1, 10**12))
    assert plan.sizing.risk <= 100


@many
@given(signals())
def test_a_plan_is_where_the_rules_put_it(sent: Signal) -> None:
    plan = _plan(sent)
    assert sent.levels is not None
    atr, ema = sent.levels.anchor_atr or 0.0, sent.levels.anchor_ema_21 or 0.0
    sign, tick = plan.direction.sign, float(plan.tick_size)
    distance = sign * (sent.levels.reference - ema) / atr
    assume(abs(distance - 1.0) > 1e-9)  # at the threshold the last digit decides
    away = float(plan.risk) / atr

    pulls_back = distance > 1.0
    expected = ema + sign * 0.75 * atr if pulls_back else sent.levels.reference
    assert (plan.entry.kind is EntryKind.PULLBACK) is pulls_back
    assert abs(float(plan.entry.price) - expected) <= tick * 1.001
    assert 1.0 - 1e-9 <= away <= 2.5 + 2 * tick / atr + 1e-9
    held = plan.expires_at - AS_OF
    assert timedelta(hours=48) <= held <= timedelta(hours=360)

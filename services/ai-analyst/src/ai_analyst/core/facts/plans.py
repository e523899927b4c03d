"""A plan, a rejection and an outcome as facts."""

from ai_analyst.core.facts.building import Pen
from ai_analyst.core.facts.datum import Datum, Unit
from ai_analyst.core.facts.signals import gate_facts
from common.domain import Outcome, Rejection, TradePlan

PRICE_LEVELS = (
    "entry",
    "stop",
    "tp1",
    "tp2",
    "break_even",
    "do_not_chase",
    "zone_low",
    "zone_high",
)
"""Concepts of a plan that are prices."""


def decision_facts(decision: TradePlan | Rejection) -> tuple[Datum, ...]:
    """Write what a scan decided about a contract, with every gate."""
    pen = Pen(decision.symbol, decision.as_of)
    pen.write("price", decision.reference, Unit.PRICE,
              note="close of the newest closed 1h candle")  # fmt: skip
    pen.write("score", decision.score, Unit.POINTS)
    pen.write("trend_score", decision.trend_score, Unit.POINTS)
    pen.write("confidence", decision.confidence, Unit.CONVICTION, note="conviction, no probability")
    pen.write("regime", decision.regime, Unit.WORD)
    pen.write("as_of", decision.as_of, Unit.TIME)
    pen.write("quality", decision.quality_score, Unit.SHARE)
    if isinstance(decision, TradePlan):
        pen.facts += plan_facts(decision)
    else:
        pen.write("direction", decision.direction, Unit.WORD)
        pen.write("decision", f"no plan: {decision.kind.replace('_', ' ')}", Unit.WORD)
        pen.write("decision.reason", decision.reason, Unit.WORD)
        pen.write("decision.nearest_flip", decision.nearest_flip, Unit.WORD)
    return (*pen.facts, *gate_facts(Pen(decision.symbol, decision.as_of), decision.gates))


def plan_facts(plan: TradePlan) -> tuple[Datum, ...]:
    """Write a plan's own facts: what holds for as long as it is open."""
    pen = Pen(plan.symbol, plan.as_of)
    price, note = Unit.PRICE, "if reached"
    pen.write("direction", plan.direction, Unit.WORD)
    pen.write("decision", f"plan: {plan.direction}", Unit.WORD)
    pen.write("plan.as_of", plan.as_of, Unit.TIME)
    pen.write("plan.entry", plan.entry.price, price, note=plan.entry.kind)
    pen.write("plan.zone_low", plan.entry.zone_low, price)
    pen.write("plan.zone_high", plan.entry.zone_high, price)
    pen.write("plan.do_not_chase", plan.entry.do_not_chase, price)
    pen.write("plan.fill_by", plan.entry.fill_by, Unit.TIME)
    pen.write("plan.stop", plan.stop, price, note=plan.stop_kind)
    for target in plan.targets:
        path = f"plan.{target.name.lower()}"
        pen.write(path, target.price, price)
        pen.write(f"{path}.close_share", target.close_share, Unit.SHARE)
        pen.write(f"{path}.gross_r", target.gross_r, Unit.R, concept=f"{target.name.lower()}_r")
        pen.write(f"{path}.net_r", target.net_r, Unit.R, concept=f"{target.name.lower()}_r")
        for name, hours in (
            ("p25", target.eta.p25_hours),
            ("p50", target.eta.p50_hours),
            ("p75", target.eta.p75_hours),
        ):
            pen.write(f"{path}.eta_{name}", hours, Unit.HOURS,
                      concept=f"eta_{target.name.lower()}", note=note)  # fmt: skip
    pen.write("plan.break_even", plan.break_even, price)
    pen.write("plan.risk", plan.risk, price, note="R, from entry to stop")
    pen.write("plan.gross_rr", plan.gross_rr, Unit.R)
    pen.write("plan.net_rr", plan.net_rr, Unit.R)
    pen.write("plan.cost", plan.costs.total, price, note="all costs per unit")
    pen.write("plan.cost.taker_fee", plan.costs.taker_fee * 100, Unit.PERCENT)
    pen.write("plan.cost.spread", plan.costs.spread_bps, Unit.BPS, concept="spread")
    pen.write("plan.cost.slippage", plan.costs.slippage_bps, Unit.BPS)
    pen.write("plan.cost.funding", plan.costs.funding_charged * 100, Unit.PERCENT, concept="cost")
    pen.write("plan.cost.settlements", plan.costs.funding_settlements, Unit.COUNT, concept="cost")
    pen.write("plan.max_leverage", plan.max_leverage, Unit.MULTIPLE, concept="leverage",
              note=plan.max_leverage_note)  # fmt: skip
    pen.write("plan.expires_at", plan.expires_at, Unit.TIME)
    pen.write("plan.rank", plan.rank, Unit.PLAIN)
    pen.write("plan.atr", plan.anchor_atr, price, concept="atr", timeframe="4h")
    pen.write("plan.p_tp1_before_stop", plan.p_tp1_before_stop, Unit.SHARE,
              note="not known until calibrated")  # fmt: skip
    if plan.sizing is not None:
        pen.write("plan.size.account", plan.sizing.account, Unit.USD, concept="size")
        pen.write("plan.size.risk_share", plan.sizing.risk_share, Unit.SHARE, concept="size")
        pen.write("plan.size.quantity", plan.sizing.quantity, Unit.AMOUNT, concept="size")
        pen.write("plan.size.notional", plan.sizing.notional, Unit.USD, concept="size")
        pen.write("plan.size.risk", plan.sizing.risk, Unit.USD, concept="size")
    for place, warning in enumerate(plan.warnings, start=1):
        pen.write(f"plan.warning.{place}", warning, Unit.WORD, concept="warning")
    return tuple(pen.facts)


def outcome_facts(outcomes: tuple[Outcome, ...]) -> tuple[Datum, ...]:
    """Write how plans went on, newest first as given."""
    facts: list[Datum] = []
    for outcome in outcomes:
        pen = Pen(outcome.symbol, outcome.occurred_at)
        path = f"outcome.{outcome.scan_id}.{outcome.step}"
        pen.write(f"{path}.step", outcome.step, Unit.WORD, concept="outcome")
        pen.write(f"{path}.direction", outcome.direction, Unit.WORD, concept="past_direction")
        pen.write(f"{path}.at", outcome.occurred_at, Unit.TIME, concept="outcome")
        if outcome.never_entered:
            pen.write(f"{path}.result", "never entered", Unit.WORD, concept="outcome")
        else:
            pen.write(f"{path}.price", outcome.price, Unit.PRICE, concept="outcome")
            if outcome.step.final:
                pen.write(f"{path}.gross_r", outcome.gross_r, Unit.R, concept="outcome")
                pen.write(f"{path}.net_r", outcome.net_r, Unit.R, concept="outcome")
        facts += pen.facts
    return tuple(facts)

"""One signal, one decision: a plan when every gate passes, else a rejection that says why."""

from collections.abc import Sequence
from typing import Any

from common.domain import (
    ANCHOR,
    Entry,
    Gate,
    Rejection,
    Signal,
    Target,
    TradePlan,
    Verdict,
)
from planner.core.draft import Draft, cost_setup
from planner.core.eta import expiry
from planner.core.gates import cooldown, net_rr, no_entry, open_plan, stop_too_wide
from planner.core.history import History
from planner.core.refusal import explain
from planner.core.rounding import ahead
from planner.core.rules import PlanRules
from planner.core.setup import draw_setup
from planner.core.sizing import highest_leverage, size_position
from planner.core.warnings import warn


def decide(signal: Signal, history: History, rules: PlanRules) -> TradePlan | Rejection:
    """Decide from the signal and from what was known strictly before it, nothing else."""
    setup = draw_setup(signal, rules)
    draft = cost_setup(setup, signal, rules) if setup is not None and setup.sound else None
    gates = (
        *signal.gates,
        no_entry(setup, rules),
        stop_too_wide(draft, rules.gates),
        net_rr(draft, rules.gates),
        open_plan(signal.direction, history),
        cooldown(signal.as_of, history, rules.gates),
    )
    refused = any(gate.verdict is Verdict.REFUSED for gate in gates)
    if draft is None or refused or not signal.candidate:
        kind, reason, nearest = explain(signal, gates, drawn=setup is not None)
        return Rejection(
            **_common(signal, gates),
            direction=signal.direction,
            score=signal.score,
            confidence=signal.confidence,
            kind=kind,
            reason=reason,
            nearest_flip=nearest,
        )
    return _plan(signal, gates, draft, rules)


def _common(signal: Signal, gates: Sequence[Gate]) -> dict[str, Any]:
    return {
        "venue": signal.venue,
        "symbol": signal.symbol,
        "simulated": signal.simulated,
        "scan_id": signal.scan_id,
        "as_of": signal.as_of,
        "trend_score": signal.trend_score,
        "regime": signal.regime,
        "reference": None if signal.levels is None else signal.levels.reference,
        "gates": tuple(gates),
        "quality_score": signal.quality.score,
        "source": signal.quality.source,
    }


def _plan(signal: Signal, gates: Sequence[Gate], draft: Draft, rules: PlanRules) -> TradePlan:
    setup = draft.setup
    tick = signal.instrument.tick_size
    leverage, leverage_note = highest_leverage(draft.stop_share, signal.instrument, rules.leverage)
    sizing = size_position(setup.entry, draft.loss_per_unit, signal.instrument, rules.sizing)
    confidence = signal.confidence or 0.0
    return TradePlan(
        **_common(signal, gates),
        direction=setup.direction,
        score=signal.score or 0.0,
        confidence=confidence,
        entry=Entry(
            kind=setup.kind,
            price=setup.entry,
            zone_low=setup.zone_low,
            zone_high=setup.zone_high,
            do_not_chase=setup.do_not_chase,
            fill_by=signal.as_of + rules.entry.fill_bars * ANCHOR.duration,
        ),
        stop=setup.stop,
        stop_kind=setup.stop_kind,
        targets=_targets(draft, rules),
        break_even=ahead(
            setup.entry + setup.direction.sign * draft.charge.per_unit, tick, setup.direction
        ),
        risk=setup.risk,
        gross_rr=draft.gross_rr,
        net_rr=draft.net_rr,
        costs=draft.charge.told,
        max_leverage=leverage,
        max_leverage_note=leverage_note,
        expires_at=expiry(signal.as_of, draft.pace, rules.eta),
        sizing=sizing,
        warnings=warn(draft, signal, sizing),
        rank=confidence * min(draft.net_rr, rules.rank_net_rr),
        tick_size=tick,
        anchor_atr=setup.atr,
    )


def _targets(draft: Draft, rules: PlanRules) -> tuple[Target, Target]:
    setup, share = draft.setup, rules.targets.first_share
    first, second = setup.reward(setup.first_target), setup.reward(setup.second_target)
    return (
        Target(
            name="TP1",
            price=setup.first_target,
            close_share=share,
            gross_r=float(first / setup.risk),
            net_r=draft.net(first),
            eta=draft.etas[0],
        ),
        Target(
            name="TP2",
            price=setup.second_target,
            close_share=1.0 - share,
            gross_r=float(second / setup.risk),
            net_r=draft.net(second),
            eta=draft.etas[1],
        ),
    )

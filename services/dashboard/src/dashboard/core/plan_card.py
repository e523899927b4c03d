"""The plan in numbers, in the order a trader needs them."""

from datetime import tzinfo
from typing import Final

from common.domain import Cluster, Costs, Target, TradePlan
from dashboard.core import words
from dashboard.core.clusters import cluster_lines
from dashboard.core.sheet import Line, Tone
from dashboard.core.standing import Standing

_STOPS: Final = {"atr": "by ATR", "structure": "behind the last swing"}


def plan_lines(
    plan: TradePlan, stands: Standing, zone: tzinfo, cluster: Cluster | None = None
) -> tuple[Line, ...]:
    """Write all numbers of a plan, in the order a trader needs them."""
    entry, tick = plan.entry, plan.tick_size
    pullback = entry.zone_low != entry.zone_high
    zone_note = f"{words.price(entry.zone_low, tick)} – {words.price(entry.zone_high, tick)}"
    return (
        Line(
            label="Entry",
            value=words.price(entry.price, tick),
            note=f"pull-back, zone {zone_note}" if pullback else "at market",
            tone=Tone.INFO,
        ),
        Line(label="Do not chase beyond", value=words.price(entry.do_not_chase, tick)),
        Line(
            label="Stop",
            value=words.price(plan.stop, tick),
            note=f"{_STOPS.get(plan.stop_kind, plan.stop_kind)} · {_away(plan)}",
            tone=Tone.SHORT,
        ),
        *(_target_line(plan, target) for target in plan.targets),
        Line(
            label="Break-even",
            value=words.price(plan.break_even, tick),
            note="the stop's place after TP1",
        ),
        Line(
            label="Reward / risk",
            value=f"{plan.net_rr:.2f} net",
            note=f"{plan.gross_rr:.2f} gross · {words.number(stands.net_rr_now, 2)} net at mark",
        ),
        Line(label="Risk R", value=words.price(plan.risk, tick), note=_cost_note(plan.costs)),
        Line(label="Funding to pay", value=_funding(plan.costs), note=_settlements(plan.costs)),
        Line(label="Max leverage", value=f"{plan.max_leverage}×", note=plan.max_leverage_note),
        *_sizing_lines(plan),
        Line(label="Fill by", value=words.moment(entry.fill_by, zone)),
        Line(label="Expires", value=words.moment(plan.expires_at, zone)),
        Line(
            label="Rank",
            value=words.number(plan.rank, 1),
            note="confidence × net reward/risk, capped at 3",
        ),
        *cluster_lines(plan, cluster),
    )


def _target_line(plan: TradePlan, target: Target) -> Line:
    eta = target.eta
    times = " · ".join(
        words.hours(value) for value in (eta.p25_hours, eta.p50_hours, eta.p75_hours)
    )
    return Line(
        label=target.name,
        value=words.price(target.price, plan.tick_size),
        note=f"{target.gross_r:.2f} R, net {target.net_r:.2f} R · closes {target.close_share:.0%}"
        f" · if reached: {times} (P25 · P50 · P75)",
        tone=Tone.LONG,
    )


def _away(plan: TradePlan) -> str:
    entry, stop = float(plan.entry.price), float(plan.stop)
    share = words.number(100 * abs(stop - entry) / entry, 2, "%")
    return f"{abs(stop - entry) / plan.anchor_atr:.2f} ATR, {share} from entry"


def _cost_note(costs: Costs) -> str:
    assumed = " assumed" if costs.spread_assumed else ""
    return (
        f"costs {costs.total:.6g} a unit: fee 2 × {costs.taker_fee:.2%}, spread "
        f"{costs.spread_bps:.1f} bps{assumed}, slippage {costs.slippage_bps:.1f} bps"
    )


def _funding(costs: Costs) -> str:
    if costs.funding_signed is None:
        return words.MISSING
    return words.number(100 * costs.funding_charged, 3, "%")


def _settlements(costs: Costs) -> str:
    if costs.funding_settlements is None:
        return "settlements not known"
    signed = costs.funding_signed
    credit = (
        f", a credit of {words.number(-100 * signed, 3, '%')} is not counted"
        if signed is not None and signed < 0
        else ""
    )
    return f"{costs.funding_settlements} settlements until TP2's median time{credit}"


def _sizing_lines(plan: TradePlan) -> tuple[Line, ...]:
    if plan.sizing is None:
        return ()
    size = plan.sizing
    return (
        Line(
            label="Size",
            value=f"{size.quantity:f}",
            note=f"notional {size.notional:,f}, loses {size.risk:,f} at the stop "
            f"({size.risk_share:.1%} of {size.account:,f})",
        ),
    )

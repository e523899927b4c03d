"""Gates that need a plan's prices or its contract's past; all are judged, none hides another."""

from datetime import datetime, timedelta

from common.domain import ANCHOR, Direction, Gate, OutcomeStep, Verdict
from common.domain.judging import not_evaluated, refuse_above, refuse_below
from planner.core.draft import Draft
from planner.core.history import Ending, History
from planner.core.rules import GateRules, PlanRules
from planner.core.setup import Setup

_HOUR = timedelta(hours=1)
_UNDRAWN = "no prices could be drawn"


def no_entry(setup: Setup | None, rules: PlanRules) -> Gate:
    """Refuse when price lies on the wrong side of the average, or no prices can be drawn."""
    limit = -rules.entry.market_within
    if setup is None:
        return not_evaluated(
            "no_entry", "direction, 4h EMA 21 or 4h ATR is not known", limit, "ATR", ANCHOR
        )
    side = "above" if setup.direction is Direction.LONG else "below"
    gate = refuse_below(
        "no_entry",
        setup.distance,
        limit,
        what=f"distance {side} the 4h EMA 21",
        unit="ATR",
        timeframe=ANCHOR,
    )
    if setup.sound:
        return gate
    return gate.model_copy(
        update={
            "verdict": Verdict.REFUSED,
            "detail": "entry, stop and targets cannot be told apart on the tick grid above zero",
            "flip": "needs a finer tick size or an ATR that fits the price",
        }
    )


def stop_too_wide(draft: Draft | None, rules: GateRules) -> Gate:
    """Refuse a stop that is too far from the entry to be worth it."""
    if draft is None:
        return not_evaluated("stop_too_wide", _UNDRAWN, rules.stop_too_wide_percent, "%")
    return refuse_above(
        "stop_too_wide",
        draft.stop_share * 100.0,
        rules.stop_too_wide_percent,
        what="distance from entry to stop",
        unit="%",
    )


def net_rr(draft: Draft | None, rules: GateRules) -> Gate:
    """Refuse what does not earn enough for its risk after all costs."""
    if draft is None:
        return not_evaluated("net_rr", _UNDRAWN, rules.net_rr, "R")
    return refuse_below("net_rr", draft.net_rr, rules.net_rr, what="net reward/risk", unit="R")


def open_plan(direction: Direction | None, history: History) -> Gate:
    """Refuse a second plan in the direction of one that is still open."""
    if direction is None:
        return not_evaluated("open_plan", "no direction", 0.0, "plans")
    same = history.open_in(direction)
    found = f"{direction} plan of {same[0].as_of:%Y-%m-%d %H:%M} UTC is open" if same else ""
    return refuse_above(
        "open_plan",
        float(len(same)),
        0.0,
        what=f"number of open {direction} plans",
        unit="plans",
        detail=found or f"no open {direction} plan",
    )


def cooldown(as_of: datetime, history: History, rules: GateRules) -> Gate:
    """Refuse a contract whose last plan ended a short while ago, longest after a stop."""
    if not history.endings:
        return Gate(
            name="cooldown",
            verdict=Verdict.PASSED,
            threshold=rules.cooldown_other_hours,
            unit="h",
            detail="no earlier plan has ended",
            flip=f"refused for {rules.cooldown_stop_hours:g} h after a stop",
        )
    latest = min(
        history.endings, key=lambda ending: (as_of - ending.at) / _HOUR - _needed(ending, rules)
    )
    return refuse_below(
        "cooldown",
        (as_of - latest.at) / _HOUR,
        _needed(latest, rules),
        what=f"time since a plan ended as {latest.step}",
        unit="h",
    )


def _needed(ending: Ending, rules: GateRules) -> float:
    stopped = ending.step is OutcomeStep.STOPPED
    return rules.cooldown_stop_hours if stopped else rules.cooldown_other_hours

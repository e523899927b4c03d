"""Where a plan stands now: can it still be taken?

What the planner has told (an Outcome) comes before what the mark price suggests. Without a mark
price nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from common.domain import EntryKind, Outcome, OutcomeStep, TradePlan


class State(StrEnum):
    """What a plan's price says about taking it."""

    IN_ZONE = "in zone"
    """Price is where the plan enters."""
    WAITING = "waiting"
    """A pull-back plan whose price has not come back yet."""
    PAST_ZONE = "past zone"
    """Price went through the entry towards the stop."""
    MISSED = "missed"
    """Price ran beyond do-not-chase."""
    BEYOND_TP1 = "beyond TP1"
    BEYOND_TP2 = "beyond TP2"
    BEYOND_STOP = "beyond stop"
    NO_MARK = "no mark"
    """No mark price is known: nothing can be said."""
    EXPIRED = "expired"
    NOT_FILLED = "not filled"
    STOPPED = "stopped"
    TP2 = "TP2 hit"
    BREAK_EVEN = "break-even"
    INVALIDATED = "invalidated"
    AMBIGUOUS = "ambiguous"
    NO_DATA = "no data"
    DELISTED = "delisted"

    @property
    def ended(self) -> bool:
        """Whether the plan is over."""
        return self in _ENDED


_OF_STEP = {
    OutcomeStep.EXPIRED: State.EXPIRED,
    OutcomeStep.NOT_FILLED: State.NOT_FILLED,
    OutcomeStep.STOPPED: State.STOPPED,
    OutcomeStep.TP2: State.TP2,
    OutcomeStep.BREAK_EVEN: State.BREAK_EVEN,
    OutcomeStep.INVALIDATED: State.INVALIDATED,
    OutcomeStep.AMBIGUOUS: State.AMBIGUOUS,
    OutcomeStep.NO_DATA: State.NO_DATA,
    OutcomeStep.DELISTED: State.DELISTED,
}
_ENDED = frozenset(_OF_STEP.values())


@dataclass(frozen=True)
class Standing:
    """A plan against the market as it is now."""

    state: State
    filled: bool
    """The planner saw its entry reached."""
    first_target_hit: bool
    mark: float | None = None
    distance_atr: float | None = None
    """From the planned entry to the mark, in ATR of the anchor: positive ran ahead, in the trade's
    direction; negative is a better price than planned."""
    distance_percent: float | None = None
    """The same in per cent of the entry, with the sign of the price."""
    chasing: bool = False
    """The mark lies beyond do-not-chase: entering here is not this plan."""
    net_rr_now: float | None = None
    """Net reward/risk when entered at the mark; null beyond the stop."""


def standing(
    plan: TradePlan, outcomes: Sequence[Outcome], mark: float | None, now: datetime | None
) -> Standing:
    """Judge a plan by its own outcomes, its mark price and the venue's time."""
    steps = {outcome.step for outcome in outcomes}
    first_target_hit = OutcomeStep.TP1 in steps
    filled = first_target_hit or OutcomeStep.FILLED in steps
    ended = next((_OF_STEP[outcome.step] for outcome in outcomes if outcome.step.final), None)
    state = ended or _run_out(plan, filled, now) or _by_price(plan, filled, mark)
    if mark is None:
        return Standing(state, filled, first_target_hit)
    entry = float(plan.entry.price)
    return Standing(
        state=state,
        filled=filled,
        first_target_hit=first_target_hit,
        mark=mark,
        distance_atr=plan.direction.sign * (mark - entry) / plan.anchor_atr,
        distance_percent=100 * (mark - entry) / entry,
        chasing=plan.direction.sign * (mark - float(plan.entry.do_not_chase)) > 0,
        net_rr_now=_net_rr_at(plan, mark),
    )


def _run_out(plan: TradePlan, filled: bool, now: datetime | None) -> State | None:
    if now is None:
        return None
    if now >= plan.expires_at:
        return State.EXPIRED
    if not filled and plan.entry.kind is EntryKind.PULLBACK and now >= plan.entry.fill_by:
        return State.NOT_FILLED
    return None


def _by_price(plan: TradePlan, filled: bool, mark: float | None) -> State:
    if mark is None:
        return State.NO_MARK
    sign = plan.direction.sign
    price = sign * mark
    first, second = (sign * float(target.price) for target in plan.targets)
    low, high = sorted((sign * float(plan.entry.zone_low), sign * float(plan.entry.zone_high)))
    chase = sign * float(plan.entry.do_not_chase)
    # A market entry is a price, not a zone: half an ATR either side of it is the same trade.
    slack = chase - sign * float(plan.entry.price)
    proposed_at = sign * plan.reference if plan.reference is not None else chase
    market = plan.entry.kind is EntryKind.MARKET
    entered = market or filled
    bands = (
        (price <= sign * float(plan.stop), State.BEYOND_STOP),
        (price >= second, State.BEYOND_TP2),
        (price >= first, State.BEYOND_TP1),
        (price < (low - slack if market else low), State.PAST_ZONE),
        (price <= (max(high, chase) if entered else high), State.IN_ZONE),
        # A pull-back is proposed while price is away, often beyond do-not-chase: it waits, until
        # price has run half an ATR further than where it was proposed.
        (entered or price > max(chase, proposed_at + slack), State.MISSED),
    )
    return next((state for inside, state in bands if inside), State.WAITING)


def _net_rr_at(plan: TradePlan, mark: float) -> float | None:
    sign = plan.direction.sign
    risk = sign * (mark - float(plan.stop))
    if risk <= 0:
        return None
    reward = sum(
        target.close_share * sign * (float(target.price) - mark) for target in plan.targets
    )
    return (reward - plan.costs.total) / (risk + plan.costs.total)

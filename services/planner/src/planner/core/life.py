"""A plan's life, candle by candle: waiting, filled, first target reached, and its one ending."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from common.domain import Bar, EntryKind, Outcome, OutcomeStep, TradePlan
from planner.core.candle import Candle, Status, happenings
from planner.core.rounding import exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """An opposite plan took this one's place."""

    at: datetime
    price: Decimal
    """The reference price of that moment, where a position would have been closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A plan and how far it has come; a new one is made at every step."""

    plan: TradePlan
    status: Status
    since: datetime
    """When the status began."""
    seen_until: datetime
    """Close of the last candle that was looked at."""
    superseded: Superseded | None = None
    ending: Outcome | None = None


Step = tuple[Life, tuple[Outcome, ...]]


def begin(plan: TradePlan) -> Step:
    """Start a plan's life at its proposal; a market entry fills there and then."""
    life = Life(plan=plan, status=Status.WAITING, since=plan.as_of, seen_until=plan.as_of)
    if plan.entry.kind is not EntryKind.MARKET:
        return life, ()
    told = _tell(plan, OutcomeStep.FILLED, plan.as_of, plan.entry.price, None)
    return replace(life, status=Status.FILLED), (told,)


def supersede(life: Life, successor: TradePlan) -> Step:
    """Let an opposite plan take this one's place, once every candle up to then has been seen."""
    if life.status is Status.ENDED or life.superseded is not None:
        return life, ()
    reference = successor.reference
    price = successor.entry.price if reference is None else exact(reference)
    return settle(replace(life, superseded=Superseded(at=successor.as_of, price=price)))


def settle(life: Life) -> Step:
    """End a superseded plan when nothing earlier can end it any more."""
    gone = life.superseded
    if life.status is Status.ENDED or gone is None or life.seen_until < gone.at:
        return life, ()
    price = None if life.status is Status.WAITING else gone.price
    return _end(life, OutcomeStep.INVALIDATED, gone.at, price, None)


def lose_sight(life: Life, at: datetime) -> Step:
    """End a plan whose candles are missing: what became of it cannot be known."""
    if life.status is Status.ENDED:
        return life, ()
    return _end(life, OutcomeStep.NO_DATA, at, None, None)


def delist(life: Life, at: datetime, price: Decimal | None) -> Step:
    """End a plan whose contract trades no more; `price` is the last that was seen."""
    if life.status is Status.ENDED:
        return life, ()
    return _end(life, OutcomeStep.DELISTED, at, price, None)


def advance(life: Life, bar: Bar) -> Step:
    """Take one closed candle into account; one that was seen already changes nothing.

    A candle that began before the last one seen closed counts only while the plan has not changed
    since it began.
    """
    closes_at = bar.open_time + bar.timeframe.duration
    overlaps = bar.open_time < life.seen_until and bar.open_time < life.since
    if life.status is Status.ENDED or overlaps or closes_at <= life.seen_until:
        return life, ()
    candle = Candle.of(bar, life.plan.direction)
    told: list[Outcome] = []
    for step, price in happenings(life.plan, life.status, candle, closes_at):
        if step.final:
            life, outcomes = _end(life, step, closes_at, price, bar)
            told.extend(outcomes)
        else:
            reached = Status.FILLED if step is OutcomeStep.FILLED else Status.RUNNER
            life = replace(life, status=reached, since=closes_at)
            told.append(_tell(life.plan, step, closes_at, price, bar))
    life, outcomes = settle(replace(life, seen_until=closes_at))
    return life, (*told, *outcomes)


def _end(
    life: Life,
    step: OutcomeStep,
    at: datetime,
    price: Decimal | None,
    bar: Bar | None,
) -> Step:
    told = _tell(life.plan, step, at, price, bar, result=_result(life, step, price))
    return replace(life, status=Status.ENDED, since=at, ending=told), (told,)


def _result(
    life: Life, step: OutcomeStep, price: Decimal | None
) -> tuple[float | None, float | None]:
    if step in {OutcomeStep.AMBIGUOUS, OutcomeStep.NO_DATA, OutcomeStep.DELISTED}:
        return None, None
    plan = life.plan
    if life.status is Status.WAITING or price is None:
        return 0.0, 0.0  # nothing was bought or sold
    sign = plan.direction.sign
    last = float(sign * (price - plan.entry.price))
    taken = plan.targets[0].close_share if life.status is Status.RUNNER else 0.0
    first = float(sign * (plan.targets[0].price - plan.entry.price))
    earned = taken * first + (1.0 - taken) * last
    risk, cost = float(plan.risk), plan.costs.total
    # the plan's own costs, in the plan's own unit: a plain stop is −1 R net, costs included
    return earned / risk, (earned - cost) / (risk + cost)


def _tell(
    plan: TradePlan,
    step: OutcomeStep,
    at: datetime,
    price: Decimal | None,
    bar: Bar | None,
    *,
    result: tuple[float | None, float | None] = (None, None),
) -> Outcome:
    return Outcome(
        venue=plan.venue,
        symbol=plan.symbol,
        simulated=plan.simulated,
        scan_id=plan.scan_id,
        as_of=at,
        step=step,
        direction=plan.direction,
        occurred_at=at,
        price=price,
        gross_r=result[0],
        net_r=result[1],
        resolution=None if bar is None else bar.timeframe,
        source=None if bar is None else bar.source,
    )

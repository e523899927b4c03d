"""Which candle a plan looks at next: the finest there is, none twice, none skipped unnoticed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from common.domain import Bar, Outcome, OutcomeStep, TradePlan
from planner.core.candle import Status
from planner.core.life import Life, Step, advance, begin, delist, lose_sight, settle
from planner.core.rounding import exact
from planner.core.rules import FollowingRules
from planner.core.tape import Tape

_REACHED = {OutcomeStep.FILLED: Status.FILLED, OutcomeStep.TP1: Status.RUNNER}


def catch_up(life: Life, tape: Tape, rules: FollowingRules) -> Step:
    """Follow a plan through all candles at hand; a hole in them ends it once it has lasted."""
    told: list[Outcome] = []
    while life.status is not Status.ENDED:
        bar = _next(life, tape)
        if bar is None:
            break
        life, outcomes = advance(life, bar)
        told.extend(outcomes)
    lost_at = life.seen_until + timedelta(hours=rules.gap_hours)
    if tape.newest is not None and tape.newest >= lost_at:
        life, outcomes = lose_sight(life, lost_at)
        told.extend(outcomes)
    return life, tuple(told)


def fall_silent(
    life: Life, now: datetime, rules: FollowingRules, tape: Tape, ends_at: datetime | None
) -> Step:
    """End a plan whose candles stopped coming altogether, at `ends_at` if trading ended then.

    An end is announced, and may be put off: it counts when no candle has come after it.
    """
    ended = ends_at is not None and now >= ends_at + timedelta(hours=rules.gap_hours)
    if ends_at is not None and ended and life.seen_until <= ends_at:
        last = tape.closing_at(life.seen_until)
        return delist(life, ends_at, None if last is None else exact(last.close))
    lost_at = life.seen_until + timedelta(hours=rules.silence_hours)
    return lose_sight(life, lost_at) if now >= lost_at else (life, ())


def resume(plan: TradePlan, told: Iterable[Outcome], tape: Tape, alive_at: datetime) -> Step:
    """Take up a plan's life again after a restart, from what was told of it.

    Candles older than the stream keeps were looked at before, if the planner was alive
    (`alive_at`: its last decision) when the oldest kept one opened: they told nothing more. The
    outcome of a market entry that was never published is returned again.
    """
    life, again = begin(plan)
    for outcome in sorted(told, key=lambda one: one.as_of):
        if outcome.step.final:
            life = replace(life, status=Status.ENDED, since=outcome.as_of, ending=outcome)
        elif life.status is not Status.ENDED:
            life = replace(life, status=_REACHED[outcome.step], since=outcome.as_of)
        life = replace(life, seen_until=max(life.seen_until, outcome.as_of))
        again = tuple(one for one in again if one.step is not outcome.step)
    oldest = tape.oldest()
    if oldest is not None and life.seen_until < oldest <= alive_at:
        life = replace(life, seen_until=oldest)
    settled, last = settle(life)
    return settled, (*again, *last)


def _next(life: Life, tape: Tape) -> Bar | None:
    due = tape.opening_at(life.seen_until)
    if due is not None:
        return due
    # a hole in fine candles is bridged by a coarse one, unless the plan changed inside it
    bridge = tape.around(life.seen_until)
    if bridge is None or bridge.open_time < life.since or not tape.opened_after(life.seen_until):
        return None
    return bridge

"""What one closed candle does to a plan.

A candle can show a stop and a target without telling which came first. Its open and close settle
some of these cases; the others are `ambiguous`, never a win or a loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from common.domain import Bar, Direction, OutcomeStep, TradePlan
from planner.core.rounding import exact

Happening = tuple[OutcomeStep, Decimal | None]
"""A step, and the price it happened at."""


class Status(StrEnum):
    """Where a plan is in its life."""

    WAITING = "waiting"
    FILLED = "filled"
    RUNNER = "runner"
    """The first target was reached; the rest runs with its stop at break-even."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Candle:
    """A candle seen from the trade: prices are negated for a short, so that higher is better."""

    open: Decimal
    best: Decimal
    worst: Decimal
    close: Decimal

    @classmethod
    def of(cls, bar: Bar, direction: Direction) -> "Candle":
        """Look at a candle from one side of the market."""
        sign = direction.sign
        first, second = sign * exact(bar.high), sign * exact(bar.low)
        return cls(
            open=sign * exact(bar.open),
            best=max(first, second),
            worst=min(first, second),
            close=sign * exact(bar.close),
        )


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A plan's prices seen from the trade, lowest first."""

    stop: Decimal
    entry: Decimal
    break_even: Decimal
    first: Decimal
    second: Decimal


def happenings(
    plan: TradePlan, status: Status, candle: Candle, closes_at: datetime
) -> Iterator[Happening]:
    """Yield the steps a plan takes in one candle, in order; a final one is the last."""
    sign = plan.direction.sign
    ladder = _Ladder(
        stop=sign * plan.stop,
        entry=sign * plan.entry.price,
        break_even=sign * plan.break_even,
        first=sign * plan.targets[0].price,
        second=sign * plan.targets[1].price,
    )
    ended = False
    for step, price in _steps(plan, status, candle, ladder, closes_at):
        ended = ended or step.final
        yield step, None if price is None else sign * price
    if not ended and status is not Status.WAITING and closes_at >= plan.expires_at:
        yield OutcomeStep.EXPIRED, sign * candle.close


def _steps(
    plan: TradePlan, status: Status, candle: Candle, ladder: _Ladder, closes_at: datetime
) -> Iterator[Happening]:
    if status is Status.RUNNER:
        yield from _running(candle, ladder)
    elif status is Status.FILLED:
        yield from _holding(candle, ladder)
    elif candle.worst <= ladder.entry:
        yield OutcomeStep.FILLED, ladder.entry
        if candle.open > ladder.entry:
            yield from _since_fill(candle, ladder)
        elif candle.open > ladder.stop:
            yield from _holding(candle, ladder)  # filled at its open: all of it comes after
        else:
            yield OutcomeStep.STOPPED, ladder.stop
    elif closes_at >= plan.entry.fill_by:
        yield OutcomeStep.NOT_FILLED, None


def _since_fill(candle: Candle, ladder: _Ladder) -> Iterator[Happening]:
    # what the rest of the candle that filled the entry shows.
    stopped = candle.worst <= ladder.stop
    if candle.best < ladder.first:
        # the way from the entry down to the stop lies inside the candle
        if stopped:
            yield OutcomeStep.STOPPED, ladder.stop
    elif candle.close >= ladder.first and not stopped:
        yield OutcomeStep.TP1, ladder.first
        # filled below break-even, closed above the target: a dip in between cannot be excluded
        yield OutcomeStep.AMBIGUOUS, None
    else:
        yield OutcomeStep.AMBIGUOUS, None


def _holding(candle: Candle, ladder: _Ladder) -> Iterator[Happening]:
    stopped = candle.worst <= ladder.stop
    reached = candle.best >= ladder.first
    if candle.open <= ladder.stop or (stopped and not reached):
        yield OutcomeStep.STOPPED, min(candle.open, ladder.stop)
    elif stopped and candle.open < ladder.first:
        yield OutcomeStep.AMBIGUOUS, None
    elif reached:
        yield OutcomeStep.TP1, ladder.first
        yield from (
            _running(candle, ladder)
            if candle.open >= ladder.first
            else _since_first_target(candle, ladder)
        )


def _since_first_target(candle: Candle, ladder: _Ladder) -> Iterator[Happening]:
    # what the rest of the candle that reached the first target shows of the runner.
    if candle.worst > ladder.break_even:
        if candle.best >= ladder.second:
            yield OutcomeStep.TP2, ladder.second
    elif candle.close <= ladder.break_even and candle.best < ladder.second:
        yield OutcomeStep.BREAK_EVEN, ladder.break_even
    else:
        yield OutcomeStep.AMBIGUOUS, None


def _running(candle: Candle, ladder: _Ladder) -> Iterator[Happening]:
    fell_back = candle.worst <= ladder.break_even
    reached = candle.best >= ladder.second
    if candle.open <= ladder.break_even or (fell_back and not reached):
        yield OutcomeStep.BREAK_EVEN, min(candle.open, ladder.break_even)
    elif fell_back and candle.open < ladder.second:
        yield OutcomeStep.AMBIGUOUS, None
    elif reached:
        yield OutcomeStep.TP2, ladder.second

"""What one contract's past says to a decision: only what happened strictly before it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.domain import Direction, OutcomeStep, TradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How and when a plan ended."""

    step: OutcomeStep
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPlan:
    """A plan of the same contract, and its end when it has one."""

    plan: TradePlan
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The plans of one contract that a decision may know of."""

    open: tuple[TradePlan, ...] = ()
    endings: tuple[Ending, ...] = ()

    @classmethod
    def before(cls, as_of: datetime, past: Sequence[PastPlan]) -> "History":
        """Keep what was proposed, and what had ended, strictly before `as_of`."""
        earlier = [one for one in past if one.plan.as_of < as_of]
        return cls(
            open=tuple(one.plan for one in earlier if one.ending is None or one.ending.at >= as_of),
            endings=tuple(
                one.ending for one in earlier if one.ending is not None and one.ending.at < as_of
            ),
        )

    def open_in(self, direction: Direction) -> tuple[TradePlan, ...]:
        """Return the open plans of one direction."""
        return tuple(plan for plan in self.open if plan.direction is direction)

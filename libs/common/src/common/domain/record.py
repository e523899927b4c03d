"""How the scanner's plans ended, summed up: what came of them, and how sure that is."""

from enum import StrEnum

from pydantic import Field

from common.domain.base import Model, Symbol, Unit, Utc, Venue
from common.domain.direction import Direction
from common.domain.plans import OutcomeStep
from common.domain.requests import Request


class PlanRecordRequest(Request):
    """Ask how the plans that were proposed in a period ended."""

    subject = "api.request.record"
    answered_with = "PlanRecord"

    venue: Venue | None = None
    symbol: Symbol | None = None
    direction: Direction | None = None
    since: Utc | None = None
    """Only plans proposed at or after this time."""
    until: Utc | None = None
    """Only plans proposed before this time."""


class Estimate(Model):
    """A figure made of results, between the ends of its 95 % interval.

    Plans of one day win or lose together: they count as so many independent ones as they are worth.
    """

    value: float
    low: float
    high: float


class TargetTimes(Model):
    """Hours from entry to the first target, of the plans that reached it, against what was told."""

    median_hours: float = Field(ge=0)
    told_hours: float = Field(gt=0)
    """The median of the P50 those plans had told."""
    within_told: Unit
    """Share that took between the P25 and the P75 they had told: a half, if those are right."""


class LosingRun(Model):
    """Losses with no other result between them, in the order plans ended."""

    losses: int = Field(ge=1)
    net_r: float
    """What they cost together."""


class PlanFigures(Model):
    """How plans ended: each is counted once, and of fewer than thirty nothing is estimated.

    `plans` = `waiting` + `running` + `never_entered` + `decided` + `unknown`.
    """

    plans: int = Field(ge=0)
    """Plans proposed; of a contract's plans at one close the first."""
    waiting: int = Field(ge=0)
    """Open, their entry not reached yet."""
    running: int = Field(ge=0)
    """Open and entered."""
    never_entered: int = Field(ge=0)
    """Ended without an entry: no result, and in no mean."""
    decided: int = Field(ge=0)
    """Entered and ended with a known result."""
    unknown: int = Field(ge=0)
    """Ended, and nobody knows how (`ambiguous`, `no_data`, `delisted`): in no mean either."""
    entered: int = Field(ge=0)
    """Plans whose entry was reached, whatever became of them."""
    ends: dict[OutcomeStep, int]
    """How many ended in each way."""
    first_target_known: int = Field(ge=0)
    """Entered plans of which it is known whether the first target came before the stop.

    One that expired or gave way to an opposite plan before its first target did not reach it.
    """
    first_target_reached: int = Field(ge=0)
    """Of these, those whose first target came first."""
    first_target_share: Estimate | None
    """The share of those known, with Wilson's interval."""
    first_target_times: TargetTimes | None
    mean_net_r: Estimate | None
    """Mean `net_r` of decided plans."""
    total_net_r: float | None
    """Sum of the decided plans' results; null without one."""
    worst_run: LosingRun | None
    """The run of losses that cost most; null without a loss."""


class Aspect(StrEnum):
    """What plans are told apart by."""

    DIRECTION = "direction"
    ENTRY = "entry"
    """`market` or `pullback`."""
    REGIME = "regime"
    CONFIDENCE = "confidence"
    """In steps of twenty: `60-80`."""
    VENUE = "venue"
    MONTH = "month"
    """When they were proposed, in UTC: `2026-01`."""


class RecordPart(Model):
    """The plans that have one thing in common."""

    aspect: Aspect
    value: str
    """`long`, `pullback`, `ranging`, `60-80`, `binance`, `2026-01` …"""
    figures: PlanFigures


class PlanRecord(Model):
    """How plans ended, all of them and part by part."""

    simulated: bool | None
    """True when they were made on a simulated venue: nothing was ever traded.

    Simulated and real plans are never counted together: those of the newest scan's kind count.
    Null when no scan is recorded.
    """
    total: PlanFigures
    parts: tuple[RecordPart, ...]

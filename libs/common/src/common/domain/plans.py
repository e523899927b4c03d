"""What the planner decides: a trade plan or a rejection, and how plans end."""

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from common.domain.base import Model, Percent, Points, Price, ScanFact, Unit, Utc
from common.domain.direction import Direction
from common.domain.market import Source
from common.domain.scans import Regime
from common.domain.signals import Gate
from common.domain.timeframes import Timeframe


class Decision(ScanFact):
    """What one scan decided about one contract: exactly one of plan and rejection."""

    direction: Direction | None
    score: Points | None
    trend_score: Points | None
    confidence: Percent | None
    """A conviction from 0 to 100; not a probability."""
    regime: Regime | None
    reference: float | None
    """Close of the newest closed 1h candle, the price the decision was made at."""
    gates: tuple[Gate, ...]
    quality_score: Unit
    source: Source

    @property
    @override
    def key(self) -> str:
        return f"decision.{self.venue}.{self.symbol}.{self.scan_id}"


class EntryKind(StrEnum):
    """How a plan is entered."""

    MARKET = "market"
    PULLBACK = "pullback"
    """Wait for price to come back into the zone."""


class Entry(Model):
    """Where a plan is entered, and where it is too late."""

    kind: EntryKind
    price: Price
    """The planned entry; in a pull-back the zone's edge nearest to price."""
    zone_low: Price
    zone_high: Price
    do_not_chase: Price
    """Beyond this price the plan is missed."""
    fill_by: Utc
    """Not filled by then: the plan ends as `not_filled`."""


class Eta(Model):
    """Hours to a target if it is reached before the stop: quartiles of a driftless walk."""

    p25_hours: float = Field(gt=0)
    p50_hours: float = Field(gt=0)
    p75_hours: float = Field(gt=0)


class Target(Model):
    """One take-profit level."""

    name: str
    price: Price
    close_share: Unit
    """Share of the position closed there."""
    gross_r: float
    """Distance from entry in units of the risk R."""
    net_r: float
    """The same after all costs."""
    eta: Eta


class Costs(Model):
    """What entering, leaving and holding costs, per unit of the base asset, in quote currency."""

    taker_fee: float = Field(ge=0)
    """Fraction of notional per side."""
    spread_bps: float = Field(ge=0)
    spread_assumed: bool
    """True when the spread was not known and the default was charged."""
    slippage_bps: float = Field(ge=0)
    funding_settlements: int | None = Field(default=None, ge=0)
    """Settlements within the median time to the second target; null when not known."""
    funding_signed: float | None
    """Funding over that time as a fraction of notional: positive is paid, negative is received."""
    funding_charged: float = Field(ge=0)
    """The part that is counted: what is paid; a credit is shown, never counted."""
    total: float = Field(ge=0)
    """All of it per unit, the c of net reward/risk."""


class Sizing(Model):
    """How large a position a given account and risk allow."""

    account: Price
    risk_share: Unit
    quantity: Decimal = Field(ge=0)
    notional: Decimal = Field(ge=0)
    risk: Decimal = Field(ge=0)
    """What is lost at the stop, costs included."""


class TradePlan(Decision):
    """Everything a trader needs to take or leave a trade; no order is ever placed."""

    direction: Direction
    score: Points
    confidence: Percent
    entry: Entry
    stop: Price
    stop_kind: str
    """`structure` when it lies behind a swing, `atr` otherwise."""
    targets: tuple[Target, Target]
    break_even: Price
    """Where the stop goes once the first target is reached: entry plus costs."""
    risk: Price
    """R: the distance from entry to stop."""
    gross_rr: float
    net_rr: float
    costs: Costs
    max_leverage: int = Field(ge=1)
    max_leverage_note: str
    expires_at: Utc
    sizing: Sizing | None = None
    warnings: tuple[str, ...] = ()
    rank: float
    """Confidence times min(net reward/risk, 3): what plans are ordered by."""
    p_tp1_before_stop: Unit | None = None
    """Null until it is calibrated on outcomes."""
    tick_size: Price
    anchor_atr: float = Field(gt=0)

    @model_validator(mode="after")
    def _levels_in_order(self) -> Self:
        sign = self.direction.sign
        ladder = (self.stop, self.entry.price, self.targets[0].price, self.targets[1].price)
        if not all(sign * near < sign * far for near, far in pairwise(ladder)):
            raise ValueError(
                f"{self.direction} levels must be in order, was {[str(step) for step in ladder]}"
            )
        if not self.entry.zone_low <= self.entry.price <= self.entry.zone_high:
            raise ValueError(f"entry must lie in its zone, was {self.entry.price}")
        return self


class RejectionKind(StrEnum):
    """Why there is no plan."""

    NO_SETUP = "no_setup"
    """The score is too weak."""
    BLOCKED = "blocked"
    """The score is strong enough; a gate refused."""
    NO_DATA = "no_data"
    """There is no score, or too little history to have one."""


class Rejection(Decision):
    """No plan, with every gate's value and threshold, and what would have to change."""

    kind: RejectionKind
    reason: str
    """One sentence naming what refused it."""
    nearest_flip: str | None = None


class OutcomeStep(StrEnum):
    """A step in a plan's life; all but the first two end it."""

    FILLED = "filled"
    TP1 = "tp1"
    TP2 = "tp2"
    STOPPED = "stopped"
    BREAK_EVEN = "break_even"
    """Stopped at entry after the first target."""
    EXPIRED = "expired"
    NOT_FILLED = "not_filled"
    INVALIDATED = "invalidated"
    """An opposite plan took its place."""
    AMBIGUOUS = "ambiguous"
    """Stop and target lie in one candle, and nothing finer is known."""
    NO_DATA = "no_data"
    DELISTED = "delisted"
    """Trading has ended as announced; at what price positions were settled is not known here."""

    @property
    def final(self) -> bool:
        """Whether the plan's life ends with it."""
        return self not in {OutcomeStep.FILLED, OutcomeStep.TP1}


class Outcome(ScanFact):
    """One step in the life of the plan that `scan_id` proposed."""

    step: OutcomeStep
    direction: Direction
    occurred_at: Utc
    """Close of the candle that showed it; `as_of` is the same time."""
    price: Price | None = None
    gross_r: float | None = None
    """Result in units of risk when the plan is over; null before, and when it cannot be known.

    0 without a `price`: the plan was never entered, which belongs in no mean.
    """
    net_r: float | None = None
    """The same after all costs, in units of the loss at the stop with its costs: a stop is −1."""
    resolution: Timeframe | None = None
    """The candles it was seen on."""
    source: Source | None = None
    """Where they were read; null when no candle showed it."""

    @property
    def never_entered(self) -> bool:
        """Whether it ended a plan in which nothing was bought or sold: its 0 R is no result."""
        return self.step.final and self.price is None and self.net_r is not None

    @property
    @override
    def key(self) -> str:
        return f"outcome.{self.venue}.{self.symbol}.{self.scan_id}.{self.step}"

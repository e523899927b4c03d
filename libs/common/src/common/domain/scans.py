"""A scan: who takes part, how it ended, and the market's barometer it left behind."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from common.domain.base import Fact, Model, Points, ScanId, Symbol, Unit, Utc, Venue
from common.domain.clusters import Cluster

_CLOSE_FORMAT = "%Y%m%dT%H%M%SZ"


class ScanKind(StrEnum):
    """Why a scan ran."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    """Symbol by symbol, as their candles closed."""
    DEMAND = "demand"
    """Someone asked for it."""
    REPLAY = "replay"


def scan_id(venue: str, close: datetime, kind: ScanKind, number: int) -> str:
    """Name a scan by what it looked at: `binance.20260101T040000Z.scheduled.0`."""
    return f"{venue}.{close:{_CLOSE_FORMAT}}.{kind}.{number}"


class Regime(StrEnum):
    """What the market is doing."""

    TRENDING_UP = "trending_up"
    TRENDING_DOWN = "trending_down"
    RANGING = "ranging"
    HIGH_VOLATILITY = "high_volatility"


class Barometer(Model):
    """The whole universe in a few numbers, as one scan's decisions showed it."""

    scan_id: ScanId
    as_of: Utc
    counted: int = Field(ge=0)
    """Contracts whose score was known."""
    share_long: Unit | None
    """Share of them whose score is above zero: the breadth."""
    mean_trend: Points | None
    btc_trend: Points | None
    btc_regime: Regime | None


class Failure(Model):
    """A contract that got no decision, and why."""

    symbol: Symbol
    stage: str
    """The service that could not go on, or `deadline`."""
    reason: str


class StageTiming(Model):
    """How long the scan's messages spent in one stage (wall seconds since the scan's start)."""

    stage: str
    first_seconds: float = Field(ge=0)
    last_seconds: float = Field(ge=0)


class ScanStarted(Fact):
    """A scan began over these contracts."""

    venue: Venue
    simulated: bool
    scan_id: ScanId
    kind: ScanKind
    as_of: Utc
    deadline: Utc
    symbols: tuple[Symbol, ...]

    @property
    @override
    def key(self) -> str:
        return f"started.{self.scan_id}"


class ScanCompleted(Fact):
    """Every contract of a scan is accounted for, by name: planned, rejected or failed."""

    venue: Venue
    simulated: bool
    scan_id: ScanId
    kind: ScanKind
    as_of: Utc
    universe: int = Field(ge=0)
    planned: tuple[Symbol, ...]
    blocked: tuple[Symbol, ...]
    no_setup: tuple[Symbol, ...]
    no_data: tuple[Symbol, ...]
    failures: tuple[Failure, ...]
    duration_seconds: float | None = Field(ge=0)
    """Wall seconds from the first request to the last decision; null for an interrupted scan."""
    stages: tuple[StageTiming, ...] = ()
    barometer: Barometer
    clusters: tuple[Cluster, ...] = ()
    """Plans that move together, the best-ranked cluster first; a plan by itself is in none."""
    next_close: Utc | None = None
    """When the next scheduled scan is due, venue time."""

    @property
    @override
    def key(self) -> str:
        return f"completed.{self.scan_id}"

    @model_validator(mode="after")
    def _accounts_for_all(self) -> Self:
        failed = tuple(failure.symbol for failure in self.failures)
        named = self.planned + self.blocked + self.no_setup + self.no_data + failed
        if len(named) != self.universe or len(set(named)) != len(named):
            raise ValueError(f"{self.universe} contracts must be named once, was {len(named)}")
        return self

    @model_validator(mode="after")
    def _clusters_are_of_plans(self) -> Self:
        grouped = [symbol for cluster in self.clusters for symbol in cluster.symbols]
        if len(set(grouped)) != len(grouped) or not set(grouped) <= set(self.planned):
            raise ValueError(f"clusters must hold each plan at most once, was {grouped}")
        return self

"""The board: everything the screen knows, as one immutable snapshot. `core.merging` writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from typing_extensions import override

from common.domain import (
    AnalystNote,
    ClockReply,
    Cluster,
    DeadLetter,
    Delisting,
    Derivatives,
    Heartbeat,
    Marks,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
)

Told = TypeVar("Told")


@dataclass(frozen=True, order=True)
class ContractId:
    """One contract on one venue."""

    venue: str
    symbol: str

    @override
    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol}"


@dataclass(frozen=True)
class Heard(Generic[Told]):
    """Something told, and the monotonic second it was heard here."""

    fact: Told
    at: float


@dataclass(frozen=True)
class Contract:
    """All that is known of one contract."""

    decision: TradePlan | Rejection | None = None
    """The newest decision."""
    plan: TradePlan | None = None
    """The newest plan, which a later rejection does not end."""
    outcomes: tuple[Outcome, ...] = ()
    """Newest first, of any plan."""
    signal: Signal | None = None
    derivatives: Derivatives | None = None
    delisting: Delisting | None = None
    """Its end is announced."""
    note: AnalystNote | None = None
    """What the analyst said last, of any plan."""

    def note_on(self, decision: TradePlan | Rejection) -> AnalystNote | None:
        """Return the analyst's note on this very decision, None for one on another scan's."""
        told = self.note
        return told if told is not None and told.scan_id == decision.scan_id else None

    @property
    def plan_outcomes(self) -> tuple[Outcome, ...]:
        """Steps of the newest plan, newest first."""
        if self.plan is None:
            return ()
        return tuple(step for step in self.outcomes if step.scan_id == self.plan.scan_id)

    @property
    def has_open_plan(self) -> bool:
        """Whether the end of the newest plan has not been told."""
        return self.plan is not None and not any(step.step.final for step in self.plan_outcomes)

    @property
    def newest(self) -> datetime | None:
        """The newest `as_of` of a decision, for deciding who leaves when memory is full."""
        return self.decision.as_of if self.decision else None


@dataclass(frozen=True)
class Scan:
    """One scan as far as it was told."""

    scan_id: str
    started: ScanStarted | None = None
    completed: ScanCompleted | None = None

    @property
    def as_of(self) -> datetime:
        """The close the scan looked at."""
        return self._told.as_of

    @property
    def venue(self) -> str:
        """The venue the scan looked at."""
        return self._told.venue

    @property
    def kind(self) -> str:
        """Why the scan ran."""
        return str(self._told.kind)

    @property
    def _told(self) -> ScanStarted | ScanCompleted:
        told = self.completed or self.started
        assert told is not None, "a scan is known from its start or its completion"
        return told


@dataclass(frozen=True)
class Limits:
    """How much the board remembers."""

    contracts: int = 1500
    scans: int = 100
    dead_letters: int = 100


@dataclass(frozen=True)
class Board:
    """One consistent view of the market and the services."""

    limits: Limits = field(default_factory=Limits)
    contracts: Mapping[ContractId, Contract] = field(default_factory=dict)
    marks: Mapping[str, Heard[Marks]] = field(default_factory=dict)
    clocks: Mapping[str, Heard[ClockReply]] = field(default_factory=dict)
    scans: tuple[Scan, ...] = ()
    """Newest close first."""
    heartbeats: Mapping[tuple[str, str], Heard[Heartbeat]] = field(default_factory=dict)
    resources: Mapping[tuple[str, str], ResourceUsage] = field(default_factory=dict)
    dead_letters: tuple[DeadLetter, ...] = ()
    """Newest first."""
    universes: Mapping[str, UniverseSnapshot] = field(default_factory=dict)
    """Each venue's last snapshot."""
    simulated_venues: frozenset[str] = frozenset()
    version: int = 0
    """Rises whenever something on the board changed."""

    @property
    def venues(self) -> tuple[str, ...]:
        """Venues anything is known of."""
        return tuple(
            sorted({key.venue for key in self.contracts} | {scan.venue for scan in self.scans})
        )

    def last_scan(self, venue: str) -> Scan | None:
        """Return the venue's newest scan."""
        return next((scan for scan in self.scans if scan.venue == venue), None)

    def last_completed(self, venue: str) -> ScanCompleted | None:
        """Return the venue's newest completed scan."""
        return next(
            (scan.completed for scan in self.scans if scan.venue == venue and scan.completed), None
        )

    def cluster_of(self, plan: TradePlan) -> Cluster | None:
        """Return the cluster that the plan's own scan put it in, or None when it is in none."""
        told = next((scan.completed for scan in self.scans if scan.scan_id == plan.scan_id), None)
        clusters = told.clusters if told is not None else ()
        return next((one for one in clusters if plan.symbol in one.symbols), None)

    def mark(self, contract: ContractId) -> float | None:
        """Return the contract's mark price, or None when none was told."""
        heard = self.marks.get(contract.venue)
        return heard.fact.prices.get(contract.symbol) if heard else None

    def with_clock(self, venue: str, reply: ClockReply, at: float) -> "Board":
        """Return the board after a venue told its time at the monotonic second `at`."""
        return replace(
            self,
            clocks={**self.clocks, venue: Heard(reply, at)},
            simulated_venues=self.simulated_venues | ({venue} if reply.simulated else set()),
            version=self.version + 1,
        )

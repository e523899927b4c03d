"""Which contracts the table shows, in which order: plans by rank, then what was blocked."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from common.domain import Cluster, Decision, Direction, Rejection, RejectionKind, TradePlan
from dashboard.core.board import Board, Contract, ContractId
from dashboard.core.standing import Standing, State, standing
from dashboard.core.venue_time import Instant, VenueTime, venue_time


class Group(StrEnum):
    """What a row is."""

    PLANS = "Plans"
    """Plans that are not over."""
    BLOCKED = "Blocked"
    ENDED = "Ended"
    """Plans that are over and that no later scan has replaced."""
    NO_SETUP = "No setup"
    NO_DATA = "No data"


_OF_KIND = {
    RejectionKind.BLOCKED: Group.BLOCKED,
    RejectionKind.NO_SETUP: Group.NO_SETUP,
    RejectionKind.NO_DATA: Group.NO_DATA,
}
_ORDER = {group: place for place, group in enumerate(Group)}


@dataclass(frozen=True)
class Row:
    """One contract as the table shows it."""

    id: ContractId
    group: Group
    shown: TradePlan | Rejection
    contract: Contract
    standing: Standing | None
    """Null for rejections."""
    mark: float | None
    time: VenueTime
    cluster: Cluster | None = None
    """The plans of its scan that it moves with."""
    folded: tuple[str, ...] = ()
    """Contracts of its cluster that this row stands for, by rank."""

    @property
    def direction(self) -> Direction | None:
        """Which way it would earn, where that is known."""
        return self.shown.direction


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the reader wants to see; an empty choice means all."""

    groups: frozenset[Group] = frozenset({Group.PLANS, Group.BLOCKED})
    direction: Direction | None = None
    venue: str | None = None
    states: frozenset[State] = frozenset()
    min_confidence: float = 0.0
    search: str = ""
    best_of_cluster: bool = True
    """Of open plans that move together only the best-ranked of those wanted."""

    def admits(self, row: Row) -> bool:
        """Say whether the row is wanted, its group aside."""
        wanted_state = not self.states or (
            row.standing is not None and row.standing.state in self.states
        )
        return (
            wanted_state
            and (self.direction is None or row.direction is self.direction)
            and (self.venue is None or row.id.venue == self.venue)
            and (self.min_confidence <= 0 or (row.shown.confidence or 0.0) >= self.min_confidence)
            and self.search.strip().upper() in row.id.symbol.upper()
        )


@dataclass(frozen=True)
class Selection:
    """The rows wanted, and how many there are of every group before that choice."""

    rows: tuple[Row, ...]
    counts: Counter[Group]


def select(board: Board, wanted: Filter, instant: Instant) -> Selection:
    """Choose and order the rows: plans by rank, the rest by the strength of their score."""
    admitted = [row for row in all_rows(board, instant) if wanted.admits(row)]
    rows = sorted((row for row in admitted if row.group in wanted.groups), key=_place)
    shown = _folded(rows) if wanted.best_of_cluster else rows
    return Selection(tuple(shown), Counter(row.group for row in admitted))


def all_rows(board: Board, instant: Instant) -> Sequence[Row]:
    """Make a row of every contract a decision is known of and that still takes part."""
    times = {venue: venue_time(board, venue, instant) for venue in board.venues}
    rows: Iterable[Row | None] = (
        row_of(key, contract, board.mark(key), times[key.venue], board.cluster_of)
        for key, contract in board.contracts.items()
    )
    return [
        row
        for row in rows
        if row is not None
        # A rejection of an earlier scan says nothing about now; an open plan still does.
        and (row.group is Group.PLANS or _of_this_scan(board, row.shown))
    ]


def row_of(
    key: ContractId,
    contract: Contract,
    mark: float | None,
    time: VenueTime,
    cluster_of: Callable[[TradePlan], Cluster | None],
) -> Row | None:
    """Make the contract's row: its open plan, else its newest decision; None before any."""
    plan, decision = contract.plan, contract.decision
    if plan is not None:
        stands = standing(plan, contract.plan_outcomes, mark, time.now)
        if not stands.state.ended or decision is plan:
            group = Group.ENDED if stands.state.ended else Group.PLANS
            return Row(key, group, plan, contract, stands, mark, time, cluster_of(plan))
    if isinstance(decision, Rejection):
        return Row(key, _OF_KIND[decision.kind], decision, contract, None, mark, time)
    return None


def _folded(rows: Sequence[Row]) -> list[Row]:
    """Let the first open plan of a cluster stand for the others that follow it."""
    kept: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name: tuple[str, ...] = (str(row.id),)
        if row.group is Group.PLANS and row.cluster is not None:
            name = (row.shown.scan_id, row.cluster.lead)
        first = kept.get(name)
        kept[name] = row if first is None else replace(first, folded=(*first.folded, row.id.symbol))
    return list(kept.values())


def _of_this_scan(board: Board, decision: Decision) -> bool:
    completed = board.last_completed(decision.venue)
    return (
        completed is None
        or decision.scan_id == completed.scan_id
        or decision.as_of >= completed.as_of
    )


def _place(row: Row) -> tuple[int, float, str, str]:
    strength = row.shown.rank if isinstance(row.shown, TradePlan) else abs(row.shown.score or 0.0)
    return _ORDER[row.group], -strength, row.id.symbol, row.id.venue

"""Facts onto the board, in whatever order they come.

A redelivery or a nak may bring an older fact after a newer one: what counts is what is newest by
`as_of`, never what came last. Memory is bounded: contracts, scans and dead letters have a limit.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from common.domain import (
    AnalystNote,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    Heartbeat,
    MarketFact,
    Marks,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanFact,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
)
from dashboard.core.board import Board, Contract, ContractId, Heard, Scan

_KEPT_OUTCOMES: Final = 8
_KEPT_INSTANCES: Final = 200


def merge(board: Board, facts: Iterable[Fact], at: float) -> Board:
    """Return the board after these facts, heard at the monotonic second `at`."""
    draft = _Draft(board, at)
    for fact in facts:
        draft.take(fact)
    return draft.finished()


class _Draft:
    """A board being written: mappings are copied once a batch, not once a fact."""

    def __init__(self, board: Board, at: float) -> None:
        self._board = board
        self._at = at
        self._contracts = dict(board.contracts)
        self._marks = dict(board.marks)
        self._scans = {scan.scan_id: scan for scan in board.scans}
        self._heartbeats = dict(board.heartbeats)
        self._resources = dict(board.resources)
        self._dead = {letter.key: letter for letter in reversed(board.dead_letters)}
        self._universes = dict(board.universes)
        self._simulated = set(board.simulated_venues)

    def take(self, fact: Fact) -> None:
        if isinstance(fact, MarketFact | Marks | ScanStarted | ScanCompleted) and fact.simulated:
            self._simulated.add(fact.venue)
        match fact:
            case TradePlan() | Rejection() | Outcome() | Signal() | Derivatives() | AnalystNote():
                key = ContractId(fact.venue, fact.symbol)
                self._contracts[key] = _learned(self._contracts.get(key, Contract()), fact)
            case Delisting():
                key = ContractId(fact.venue, fact.symbol)
                self._contracts[key] = _ending(self._contracts.get(key, Contract()), fact)
            case UniverseSnapshot():
                self._list(fact)
            case Marks():
                self._mark(fact)
            case ScanStarted() | ScanCompleted():
                self._scan(fact)
            case Heartbeat():
                self._heartbeats[(fact.service, fact.instance)] = Heard(fact, self._at)
            case ResourceUsage():
                self._use(fact)
            case DeadLetter():
                self._dead[fact.key] = fact
            case _:
                pass

    def _scan(self, told: ScanStarted | ScanCompleted) -> None:
        scan = self._scans.get(told.scan_id, Scan(told.scan_id))
        if isinstance(told, ScanStarted):
            self._scans[told.scan_id] = replace(scan, started=told)
        else:
            self._scans[told.scan_id] = replace(scan, completed=told)

    def _mark(self, told: Marks) -> None:
        known = self._marks.get(told.venue)
        if known is None or told.observed_at >= known.fact.observed_at:
            self._marks[told.venue] = Heard(told, self._at)

    def _list(self, told: UniverseSnapshot) -> None:
        known = self._universes.get(told.venue)
        if known is None or told.as_of >= known.as_of:
            self._universes[told.venue] = told

    def _use(self, told: ResourceUsage) -> None:
        place = (told.service, told.instance)
        known = self._resources.get(place)
        if known is None or told.at >= known.at:
            self._resources[place] = told

    def finished(self) -> Board:
        limits = self._board.limits
        scans = sorted(self._scans.values(), key=_scan_order, reverse=True)
        return replace(
            self._board,
            contracts=_bounded(self._contracts, limits.contracts),
            marks=self._marks,
            universes=self._universes,
            scans=tuple(scans[: limits.scans]),
            heartbeats=_recent(self._heartbeats),
            resources=dict(list(self._resources.items())[-_KEPT_INSTANCES:]),
            dead_letters=tuple(reversed(list(self._dead.values())[-limits.dead_letters :])),
            simulated_venues=frozenset(self._simulated),
            version=self._board.version + 1,
        )


def _learned(
    known: Contract, fact: TradePlan | Rejection | Outcome | Signal | Derivatives | AnalystNote
) -> Contract:
    match fact:
        case TradePlan():
            decision = fact if _is_newer(fact, known.decision) else known.decision
            plan = fact if _is_newer(fact, known.plan) else known.plan
            return replace(known, decision=decision, plan=plan)
        case Rejection():
            return replace(known, decision=fact) if _is_newer(fact, known.decision) else known
        case Signal():
            return replace(known, signal=fact) if _is_newer(fact, known.signal) else known
        case AnalystNote():
            return replace(known, note=fact) if _is_newer(fact, known.note) else known
        case Outcome():
            others = (step for step in known.outcomes if step.key != fact.key)
            steps = sorted((fact, *others), key=lambda step: step.as_of, reverse=True)
            return replace(known, outcomes=tuple(steps[:_KEPT_OUTCOMES]))
        case Derivatives():
            old = known.derivatives
            newer = old is None or old.observed_at <= fact.observed_at
            return replace(known, derivatives=fact) if newer else known


def _ending(known: Contract, told: Delisting) -> Contract:
    # An end may be put off or brought forward: what was seen last counts.
    old = known.delisting
    return known if old and old.observed_at > told.observed_at else replace(known, delisting=told)


def _is_newer(told: ScanFact, known: ScanFact | None) -> bool:
    return known is None or _decision_order(told) >= _decision_order(known)


def _decision_order(fact: ScanFact) -> tuple[datetime, int]:
    return fact.as_of, _number(fact.scan_id)


def _scan_order(scan: Scan) -> tuple[datetime, int]:
    return scan.as_of, _number(scan.scan_id)


def _number(scan_id: str) -> int:
    return int(scan_id.rpartition(".")[2])


def _bounded(contracts: dict[ContractId, Contract], limit: int) -> dict[ContractId, Contract]:
    if len(contracts) <= limit:
        return contracts
    undecided = [key for key, known in contracts.items() if known.newest is None]
    decided = sorted(
        (known.newest, key) for key, known in contracts.items() if known.newest is not None
    )
    leaving = (undecided + [key for _, key in decided])[: len(contracts) - limit]
    for key in leaving:
        del contracts[key]
    return contracts


def _recent(
    heartbeats: dict[tuple[str, str], Heard[Heartbeat]],
) -> dict[tuple[str, str], Heard[Heartbeat]]:
    if len(heartbeats) <= _KEPT_INSTANCES:
        return heartbeats
    newest = sorted(heartbeats.items(), key=lambda item: item[1].at)[-_KEPT_INSTANCES:]
    return dict(newest)

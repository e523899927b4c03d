"""The newest of everything the bus tells: what an answer may be made of."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from common.domain import (
    Derivatives,
    Fact,
    Outcome,
    Rejection,
    ScanCompleted,
    Signal,
    TradePlan,
)

Told = TypeVar("Told", Signal, TradePlan, TradePlan | Rejection)

_SCANS: Final = 2
_OUTCOMES: Final = 12


@dataclass(frozen=True)
class Place:
    """One contract of one venue."""

    venue: str
    symbol: str


@dataclass(frozen=True)
class Changed:
    """What became of the plans of the scan before, by contract."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    kept: tuple[str, ...]


class Board:
    """The newest facts by contract; an older one never takes a newer one's place."""

    def __init__(self) -> None:
        self.signals: dict[Place, Signal] = {}
        self.decisions: dict[Place, TradePlan | Rejection] = {}
        self.planned: dict[Place, TradePlan] = {}
        """The newest plan, which a later rejection does not end."""
        self.previous: dict[Place, TradePlan | Rejection] = {}
        self.derivatives: dict[Place, Derivatives] = {}
        self.outcomes: dict[Place, deque[Outcome]] = {}
        self.scans: dict[str, tuple[ScanCompleted, ...]] = {}
        """The newest first, whichever was heard of first."""

    def apply(self, fact: Fact) -> None:
        """Take a fact in; one that is not newer than what is known changes nothing."""
        match fact:
            case ScanCompleted():
                self._scan(fact)
            case Signal():
                _keep(self.signals, _place(fact), fact)
            case TradePlan() | Rejection():
                self._decision(fact)
                if isinstance(fact, TradePlan):
                    _keep(self.planned, _place(fact), fact)
            case Derivatives():
                known = self.derivatives.get(_place(fact))
                if known is None or known.observed_at <= fact.observed_at:
                    self.derivatives[_place(fact)] = fact
            case Outcome():
                kept = self.outcomes.setdefault(_place(fact), deque(maxlen=_OUTCOMES))
                if all(one.key != fact.key for one in kept):
                    kept.appendleft(fact)
            case _:
                return

    def venues(self) -> tuple[str, ...]:
        """Return the venues heard of, the one with most contracts first."""
        count: dict[str, int] = {}
        for place in self.decisions:
            count[place.venue] = count.get(place.venue, 0) + 1
        for venue in self.scans:
            count.setdefault(venue, 0)
        return tuple(sorted(count, key=lambda venue: -count[venue]))

    def symbols(self, venue: str) -> tuple[str, ...]:
        """Return the contracts of one venue that were decided on or scored."""
        places = {*self.decisions, *self.signals, *self.derivatives}
        named = {place.symbol for place in places if place.venue == venue}
        for scan in self.scans.get(venue, ()):
            named |= {
                *scan.planned, *scan.blocked, *scan.no_setup, *scan.no_data,
                *(failure.symbol for failure in scan.failures),
            }  # fmt: skip
        return tuple(sorted(named))

    def plans(self, venue: str) -> tuple[TradePlan, ...]:
        """Return the newest scan's plans, best first."""
        plans = [
            one
            for place, one in self.decisions.items()
            if place.venue == venue and isinstance(one, TradePlan)
        ]
        newest = max((plan.as_of for plan in plans), default=None)
        return tuple(
            sorted((plan for plan in plans if plan.as_of == newest), key=lambda plan: -plan.rank)
        )

    def open_plans(self, venue: str) -> tuple[TradePlan, ...]:
        """Return the plans of any scan that have neither ended nor run out, best first."""
        decided = (one.as_of for place, one in self.decisions.items() if place.venue == venue)
        newest = max(decided, default=None)
        plans = (
            plan
            for place, plan in self.planned.items()
            if place.venue == venue
            and (newest is None or newest < plan.expires_at)
            and self._end_of(plan) is None
        )
        return tuple(sorted(plans, key=lambda plan: -plan.rank))

    def open_plan(self, place: Place, now: datetime) -> TradePlan | None:
        """Return the contract's plan that was still open at a time, of whichever scan."""
        plan = self.planned.get(place)
        over = plan is None or now >= plan.expires_at or self.ended_by(plan, now)
        return None if over else plan

    def changed(self, venue: str) -> Changed | None:
        """Compare the newest scan's plans with those of the one before, once two were heard of.

        A plan that is still open is kept, though no scan proposes it a second time.
        """
        scans = self.scans.get(venue, ())
        if len(scans) < _SCANS:
            return None
        newest, before = scans
        new, old = set(newest.planned), set(before.planned)
        lasting = old & (new | {plan.symbol for plan in self.open_plans(venue)})
        return Changed(*(tuple(sorted(names)) for names in (new - old, old - lasting, lasting)))

    def strongest(self, venue: str) -> tuple[Signal, ...]:
        """Return the newest scan's signals, the strongest score of either sign first."""
        signals = [one for place, one in self.signals.items() if place.venue == venue]
        newest = max((signal.as_of for signal in signals), default=None)
        scored = [one for one in signals if one.as_of == newest and one.score is not None]
        return tuple(sorted(scored, key=lambda one: -abs(one.score or 0.0)))

    def ended_by(self, plan: TradePlan, now: datetime) -> bool:
        """Whether it is already known how a plan ended."""
        end = self._end_of(plan)
        return end is not None and end.occurred_at <= now

    def _end_of(self, plan: TradePlan) -> Outcome | None:
        told = self.outcomes.get(_place(plan), ())
        own = (one for one in told if one.scan_id == plan.scan_id and one.step.final)
        return next(own, None)

    def _scan(self, scan: ScanCompleted) -> None:
        kept = self.scans.get(scan.venue, ())
        if all(one.scan_id != scan.scan_id for one in kept):
            newest_first = sorted((scan, *kept), key=lambda one: one.as_of, reverse=True)
            self.scans[scan.venue] = tuple(newest_first[:_SCANS])

    def _decision(self, decision: TradePlan | Rejection) -> None:
        place = _place(decision)
        known = self.decisions.get(place)
        if known is not None and known.as_of < decision.as_of:
            self.previous[place] = known
        _keep(self.decisions, place, decision)


def _place(fact: Signal | TradePlan | Rejection | Derivatives | Outcome) -> Place:
    return Place(fact.venue, fact.symbol)


def _keep(kept: dict[Place, Told], place: Place, fact: Told) -> None:
    known = kept.get(place)
    if known is None or known.as_of <= fact.as_of:
        kept[place] = fact

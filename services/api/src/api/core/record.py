"""How plans ended, without flattery: each plan counts once, and what nobody knows is not a result.

A plan that was never entered is no trade of 0 R, and an end whose result cannot be known is neither
a win nor a loss: both are counted beside the results. Costs are inside them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import fsum
from statistics import median
from typing import Final

from common.domain import (
    Aspect,
    Direction,
    EntryKind,
    Eta,
    LosingRun,
    OutcomeStep,
    PlanFigures,
    PlanRecord,
    RecordPart,
    Regime,
    TargetTimes,
)
from common.estimates import LEAST, mean_of, share_of

_BAND: Final = 20
_HIGHEST_BAND: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTarget:
    """When the first target was reached, and when the plan had said it would be."""

    hours: float
    """Since the entry."""
    told: Eta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a plan ended."""

    step: OutcomeStep
    at: datetime
    net_r: float | None
    """None when nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLife:
    """A plan and what became of it, as far as that was told."""

    venue: str
    direction: Direction
    entry: EntryKind
    regime: Regime | None
    confidence: float
    proposed_at: datetime
    entered: bool = False
    first_target: FirstTarget | None = None
    ending: Ending | None = None

    @property
    def day(self) -> date:
        """The UTC day it was proposed on."""
        return self.proposed_at.date()


def record_of(lives: Iterable[PlanLife], *, simulated: bool | None) -> PlanRecord:
    """Sum up plans, all together and by each of their aspects."""
    told = tuple(lives)
    return PlanRecord(simulated=simulated, total=figures_of(told), parts=tuple(_parts(told)))


def figures_of(lives: Sequence[PlanLife]) -> PlanFigures:
    """Count how plans ended, and estimate what there are enough of."""
    ended = [(one, one.ending) for one in lives if one.ending is not None]
    known = [(one, end.at, end.net_r) for one, end in ended if end.net_r is not None]
    trades = [(one, at, net_r) for one, at, net_r in known if one.entered]
    reached = [(one.day, one.first_target) for one in lives if one.first_target is not None]
    missed = [one.day for one, _, _ in trades if one.first_target is None]
    entered, running = _entered(lives), _entered(one for one in lives if one.ending is None)
    ends = Counter(end.step for _, end in ended)
    return PlanFigures(
        plans=len(lives),
        waiting=len(lives) - len(ended) - running,
        running=running,
        never_entered=len(known) - len(trades),
        decided=len(trades),
        unknown=len(ended) - len(known),
        entered=entered,
        ends={step: ends[step] for step in OutcomeStep if step.final},
        first_target_known=len(reached) + len(missed),
        first_target_reached=len(reached),
        first_target_share=share_of(
            [*((day, 1.0) for day, _ in reached), *((day, 0.0) for day in missed)]
        ),
        first_target_times=_times([target for _, target in reached]),
        mean_net_r=mean_of([(one.day, net_r) for one, _, net_r in trades]),
        total_net_r=fsum(net_r for _, _, net_r in trades) if trades else None,
        worst_run=_worst_run((at, net_r) for _, at, net_r in trades),
    )


def _entered(lives: Iterable[PlanLife]) -> int:
    return sum(one.entered for one in lives)


def _times(reached: Sequence[FirstTarget]) -> TargetTimes | None:
    if len(reached) < LEAST:
        return None
    within = (one.told.p25_hours <= one.hours <= one.told.p75_hours for one in reached)
    return TargetTimes(
        median_hours=median(one.hours for one in reached),
        told_hours=median(one.told.p50_hours for one in reached),
        within_told=sum(within) / len(reached),
    )


def _worst_run(results: Iterable[tuple[datetime, float]]) -> LosingRun | None:
    # of those that ended in one candle the losses come first, whatever order they are given in
    worst, losses, cost = None, 0, 0.0
    for _, net_r in sorted(results):
        losses, cost = (losses + 1, cost + net_r) if net_r < 0 else (0, 0.0)
        if cost < (worst.net_r if worst else 0.0):
            worst = LosingRun(losses=losses, net_r=cost)
    return worst


def _parts(lives: Sequence[PlanLife]) -> Iterator[RecordPart]:
    for aspect, value_of in _VALUES.items():
        alike: defaultdict[str, list[PlanLife]] = defaultdict(list)
        for one in lives:
            alike[value_of(one)].append(one)
        for value in sorted(alike):
            yield RecordPart(aspect=aspect, value=value, figures=figures_of(alike[value]))


def _band(one: PlanLife) -> str:
    low = min(int(one.confidence // _BAND) * _BAND, _HIGHEST_BAND)
    return f"{low}-{low + _BAND}"


_VALUES: Final[Mapping[Aspect, Callable[[PlanLife], str]]] = {
    Aspect.DIRECTION: lambda one: one.direction,
    Aspect.ENTRY: lambda one: one.entry,
    Aspect.REGIME: lambda one: one.regime or "unknown",
    Aspect.CONFIDENCE: _band,
    Aspect.VENUE: lambda one: one.venue,
    Aspect.MONTH: lambda one: f"{one.proposed_at:%Y-%m}",
}

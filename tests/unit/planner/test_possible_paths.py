"""Every way a price can have taken through one candle, against what the planner says of it.

A candle tells where it opened, closed, and how far it went, not in which order. All paths that fit
are walked one step at a time; what they agree on is certain, the rest is `ambiguous`.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product, takewhile
from typing import Final, NamedTuple

from common.domain import Direction, OutcomeStep, TradePlan
from planner.core.candle import Candle, Happening, Status, happenings
from tests.support import facts

HIGHEST: Final = 10
"""Prices are whole: the plan's levels are the odd ones, the even ones lie between them."""
LEVELS: Final = {
    OutcomeStep.STOPPED: 1,
    OutcomeStep.FILLED: 3,
    OutcomeStep.BREAK_EVEN: 5,
    OutcomeStep.TP1: 7,
    OutcomeStep.TP2: 9,
}
_BELOW: Final = {
    Status.WAITING: (OutcomeStep.FILLED, Status.FILLED),
    Status.FILLED: (OutcomeStep.STOPPED, Status.ENDED),
    Status.RUNNER: (OutcomeStep.BREAK_EVEN, Status.ENDED),
}
_ABOVE: Final = {
    Status.FILLED: (OutcomeStep.TP1, Status.RUNNER),
    Status.RUNNER: (OutcomeStep.TP2, Status.ENDED),
}


class Shape(NamedTuple):
    """A candle seen from the trade."""

    open: int
    best: int
    worst: int
    close: int


class Walk(NamedTuple):
    """How far one path has come."""

    price: int
    status: Status
    told: tuple[OutcomeStep, ...]
    was_worst: bool
    was_best: bool


def shapes() -> Iterator[Shape]:
    for worst, best in product(range(HIGHEST + 1), repeat=2):
        for start, end in product(range(worst, best + 1), repeat=2):
            yield Shape(start, best, worst, end)


def histories(status: Status, shape: Shape) -> set[tuple[OutcomeStep, ...]]:
    """Return what each path through the candle would have told."""
    first = _arrive(
        Walk(shape.open, status, (), was_worst=False, was_best=False), shape.open, shape
    )
    seen, waiting = {first}, [first]
    while waiting:
        walk = waiting.pop()
        for price in (walk.price - 1, walk.price + 1):
            if shape.worst <= price <= shape.best:
                after = _arrive(walk, price, shape)
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
    return {
        walk.told for walk in seen if walk.price == shape.close and walk.was_worst and walk.was_best
    }


def _arrive(walk: Walk, price: int, shape: Shape) -> Walk:
    status, told = walk.status, walk.told
    while True:
        below, above = _BELOW.get(status), _ABOVE.get(status)
        if below is not None and price <= LEVELS[below[0]]:
            step, status = below
        elif above is not None and price >= LEVELS[above[0]]:
            step, status = above
        else:
            break
        told = (*told, step)
    return Walk(
        price,
        status,
        told,
        was_worst=walk.was_worst or price == shape.worst,
        was_best=walk.was_best or price == shape.best,
    )


def certain(found: set[tuple[OutcomeStep, ...]]) -> tuple[OutcomeStep, ...]:
    """Return what all histories begin with; `ambiguous` follows where they part."""
    common = tuple(
        steps[0]
        for steps in takewhile(lambda steps: len(set(steps)) == 1, zip(*found, strict=False))
    )
    return common if found == {common} else (*common, OutcomeStep.AMBIGUOUS)


def the_plan(direction: Direction) -> TradePlan:
    """A plan whose levels are the odd prices; a short's are mirrored at the highest."""

    def at(step: OutcomeStep) -> Decimal:
        return _price(LEVELS[step], direction)

    made = facts.plan(direction=direction)
    targets = tuple(
        target.model_copy(update={"price": at(step)})
        for target, step in zip(made.targets, (OutcomeStep.TP1, OutcomeStep.TP2), strict=True)
    )
    entry = made.entry.model_copy(update={"price": at(OutcomeStep.FILLED)})
    return made.model_copy(
        update={
            "entry": entry,
            "stop": at(OutcomeStep.STOPPED),
            "targets": targets,
            "break_even": at(OutcomeStep.BREAK_EVEN),
        }
    )


def _price(place: int, direction: Direction) -> Decimal:
    return Decimal(100 + direction.sign * place)


def told(plan: TradePlan, status: Status, shape: Shape) -> list[Happening]:
    """Return what the planner says of the candle."""
    seen = Candle(*(plan.direction.sign * _price(place, plan.direction) for place in shape))
    return list(happenings(plan, status, seen, plan.as_of))


def test_what_every_path_through_a_candle_agrees_on_is_told_and_the_rest_is_ambiguous() -> None:
    plans = [the_plan(direction) for direction in Direction]
    wrong = []
    for status in (Status.WAITING, Status.FILLED, Status.RUNNER):
        for shape in shapes():
            expected = certain(histories(status, shape))
            for plan in plans:
                steps = tuple(step for step, _ in told(plan, status, shape))
                if steps != expected:
                    wrong.append((status, shape, steps, expected))

    assert wrong == []


def test_an_exit_is_never_better_than_its_level_and_a_gap_through_a_stop_costs_the_gap() -> None:
    for plan, status, shape in product(
        map(the_plan, Direction), (Status.WAITING, Status.FILLED, Status.RUNNER), shapes()
    ):
        sign = plan.direction.sign
        for step, price in told(plan, status, shape):
            if step is OutcomeStep.AMBIGUOUS:
                continue
            assert price is not None
            level = sign * _price(LEVELS[step], plan.direction)
            assert sign * price <= level
            held = status is Status.FILLED and step is OutcomeStep.STOPPED
            runs = status is Status.RUNNER and step is OutcomeStep.BREAK_EVEN
            if held or runs:
                gap = sign * _price(shape.open, plan.direction)
                assert sign * price == min(level, gap)

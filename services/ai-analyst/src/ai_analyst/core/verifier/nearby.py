"""Numbers that follow from the two nearest numbers the same sentence has already proved."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from ai_analyst.core.facts import Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.ledger import Proved
from ai_analyst.core.verifier.lexicon import DIFFERENCE_CUE, RATIO_CUE, SUM_CUE
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import runs
from ai_analyst.core.verifier.tolerance import close


def between_said(number: Number, said: Claims, known: Sequence[Proved]) -> bool:
    """Whether a number is a difference, ratio, share or sum of its two proved neighbours."""
    near = sorted(known, key=lambda one: abs(one[0].start - number.start))[:2]
    return any(
        close(number, abs(value), said)
        for (_, first, unit), (_, second, other) in permutations(near, 2)
        if unit is other and first and second
        for value in _results(number, said, first, second, unit)
    )


def listed_units(number: Number, said: Claims, known: Sequence[Proved]) -> frozenset[Unit]:
    """Return the units of the proved numbers a number is listed with; none when it stands alone."""
    run = next(
        run for run in runs(said.numbers, said) if any(one.start == number.start for one in run)
    )
    return frozenset(unit for one, _, unit in known if one in run)


def _results(
    number: Number, said: Claims, first: float, second: float, unit: Unit
) -> Iterator[float]:
    if number.word and number.unit == "%" and RATIO_CUE.search(said.text):
        yield first / second * 100
    if unit is Unit.COUNT:
        if number.unit == "%":
            yield first / second * 100
        if not number.unit:
            yield first - second
    if number.unit in {"x", ""} and RATIO_CUE.search(said.text):
        yield first / second
    if unit in {Unit.PRICE, Unit.USD} and number.unit == "%":
        if DIFFERENCE_CUE.search(said.text):
            yield (first - second) / second * 100
        return
    alike = number.unit in {"", "money", "points"} or number.unit == _spelled(unit)
    if alike and DIFFERENCE_CUE.search(said.text):
        yield first - second
    if alike and SUM_CUE.search(said.text):
        yield first + second


def _spelled(unit: Unit) -> str:
    return {Unit.PERCENT: "%", Unit.HOURS: "hours"}.get(unit, str(unit))

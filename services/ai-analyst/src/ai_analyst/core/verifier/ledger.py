"""What the numbers of one sentence were found to be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ai_analyst.core.facts import Unit
from ai_analyst.core.verifier.numbers import Number

Proved = tuple[Number, float, Unit]
"""A number with the value and the unit of what it was matched to."""


_WRITTEN: Final = {"%": Unit.PERCENT, "hours": Unit.HOURS, "x": Unit.MULTIPLE, "R": Unit.R,
                   "ATR": Unit.ATR, "bps": Unit.BPS}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What one number was found to be: of which facts, and worth how much."""

    ids: tuple[str, ...] = ()
    value: float | None = None
    unit: Unit = Unit.PLAIN


@dataclass
class Ledger:
    """The numbers of a sentence: with the facts they were matched to, and what was wrong."""

    before: tuple[Proved, ...] = ()
    """What the sentence before had proved."""
    known: list[Proved] = field(default_factory=list)
    matched: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The facts of each number, by where it begins: "six of six" are two."""
    refused: list[str] = field(default_factory=list)

    def write(self, number: Number, found: Found) -> None:
        """Take down what a number was found to be, in the unit it is written in."""
        self.matched[number.start] = found.ids
        if found.value is not None:
            unit = _WRITTEN.get(number.unit, found.unit)
            self.known.append((number, found.value, unit))

    @property
    def proved(self) -> Iterator[str]:
        """The ids of every fact that was said."""
        return (name for ids in self.matched.values() for name in ids)

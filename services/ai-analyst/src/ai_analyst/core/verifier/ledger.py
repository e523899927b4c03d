"""What the numbers of one sentence were found to be."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ai_analyst.core.facts import Unit
from ai_analyst.core.verifier.numbers import Number

Proved = tuple[Number, float, Unit]
"""A number with the value and the unit of the fact it was matched to."""


@dataclass
class Ledger:
    """The numbers of a sentence: with the facts they were matched to, and what was wrong."""

    known: list[Proved] = field(default_factory=list)
    matched: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @property
    def proved(self) -> Iterator[str]:
        """The ids of every fact that was said."""
        return (name for ids in self.matched.values() for name in ids)

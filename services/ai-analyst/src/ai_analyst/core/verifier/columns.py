"""Tables in an answer: a cell is read by its column's heading and its row's first cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.paper import Some


@dataclass(frozen=True)
class Column:
    """What the heading of a table's column names."""

    concepts: tuple[str, ...] = ()
    frame: str = ""
    symbol: str = ""


def columns(said: Claims) -> tuple[Column, ...]:
    """Return what the cells of a table's heading name."""
    found = []
    for span in cells(said.text):
        framed, named = within(said.frames, span), within(said.contracts, span)
        found.append(
            Column(
                concepts_of(within(said.labels, span)),
                framed[0].name if framed else "",
                named[0].symbol if named else "",
            )
        )
    return tuple(found)


def cells(row: str) -> list[tuple[int, int]]:
    """Return where each cell of a row begins and ends."""
    bars = [place for place, letter in enumerate(row) if letter == "|"]
    return [(begin + 1, end) for begin, end in pairwise([*bars, len(row)])]


def within(things: Iterable[Some], span: tuple[int, int]) -> list[Some]:
    """Return the things inside a span."""
    return [one for one in things if span[0] <= one.start < span[1]]


def concepts_of(found: Iterable[Label]) -> tuple[str, ...]:
    """Return what some phrases name, each once."""
    return tuple(dict.fromkeys(concept for label in found for concept in label.concepts))

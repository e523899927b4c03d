"""What a screen shows, as plain data: cells, lines and tables without any markup.

Everything here travels to the browser as JSON and is written there as text, so that a symbol or
a reason can never become markup.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a value means; the theme gives it a colour, and the text says it too."""

    PLAIN = ""
    DIM = "dim"
    LONG = "long"
    SHORT = "short"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of a table."""

    text: str
    sub: str = ""
    """A smaller second line."""
    tone: Tone = Tone.PLAIN
    kind: str = "text"
    """`text`, `wrap`, `chip`, `side`, `meter`, `ladder` or `heat`."""
    title: str = ""
    """Shown when the pointer rests on it."""
    level: float | None = None
    """A meter's filling (0 to 1) or a heat cell's value (−1 to 1)."""
    ladder: Mapping[str, float] | None = None
    """Places between stop (0) and second target (1): entry, low, high, tp1, chase, mark."""
    span: int = 1
    order: float | str | None = None
    """What the column is sorted by when its head is chosen."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column's head."""

    name: str
    label: str
    title: str = ""
    align: str = "left"
    rank: int = 1
    """1 is always shown; 2 leaves on a tablet, 3 on a laptop; a phone shows all, as a card."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A labelled value."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row: its identity and its cells."""

    id: str
    cells: tuple[Cell, ...]
    tone: Tone = Tone.PLAIN


def as_json(value: object) -> object:
    """Turn a dataclass, or anything made of them, into JSON values."""
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return as_json(asdict(value))
    return value

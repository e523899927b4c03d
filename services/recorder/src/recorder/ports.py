"""What the recorder needs from outside: a place that keeps history, and where the past is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from recorder.core.archives import ArchiveFile, MetricsFile, Series, Span
from recorder.core.batches import Batch


class History(Protocol):
    """Keeps facts, each key once."""

    async def write(self, batch: Batch) -> None:
        """Write a batch whole or not at all; again changes nothing, older never replaces newer.

        Raises InvalidDataError when a value is refused, DatabaseUnavailableError when it is away.
        """

    async def prepare(self) -> None:
        """Bring the tables to the newest version, or raise DatabaseUnavailableError."""

    async def prune(self) -> None:
        """Let go of what has outlived its retention; simulated markets stay."""

    async def problem(self) -> str | None:
        """Return why nothing can be written now, or None."""


class Ledger(Protocol):
    """Knows what history holds already."""

    async def done(self, symbol: str, content: str) -> frozenset[str]:
        """Return the archive's periods of a timeframe or of metrics that need not be read again."""

    async def scanned(self) -> tuple[str, ...]:
        """Return the contracts in the newest snapshot of the universe; none without one."""


@dataclass(frozen=True)
class Downloaded:
    """One file of the archive, its check sum verified."""

    packed: bytes
    checksum: str
    simulated: bool


class Archive(Protocol):
    """Publishes the past as files."""

    async def fetch(self, file: ArchiveFile | MetricsFile) -> Downloaded | None:
        """Return a file, None when there is none.

        Raises InvalidDataError when it is not what its check sum says, VenueUnavailableError when
        the archive does not answer.
        """


@dataclass(frozen=True)
class Listing:
    """What a venue lists now."""

    simulated: bool
    symbols: frozenset[str]


class CandleReader(Protocol):
    """Reads the past from the venue itself, a page at a time.

    Every method raises VenueUnavailableError when the venue does not answer or may not be asked.
    """

    async def listing(self) -> Listing:
        """Return what the venue lists."""

    async def first_open(self, symbol: str, since: datetime) -> datetime | None:
        """Return when the first minute at or after `since` opened, None when there is none."""

    async def rows(self, series: Series, span: Span) -> Sequence[object]:
        """Return the venue's rows of a span, as they came."""


class Progress(Protocol):
    """Shows how far a long work has come."""

    def expect(self, files: int) -> None:
        """Say that there are so many files more (fewer when negative)."""

    def advance(self, note: str) -> None:
        """Say that a file is done, and which."""

    def say(self, line: str) -> None:
        """Say something that should stay on the screen."""

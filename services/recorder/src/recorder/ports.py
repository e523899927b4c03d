"""What the recorder needs from outside: a place that keeps history."""

from typing import Protocol

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

"""Which way a position would earn."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way a position would earn."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """+1 for long, −1 for short."""
        return 1 if self is Direction.LONG else -1

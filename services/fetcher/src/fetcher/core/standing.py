"""Whether a source is worth asking: one that fails time after time is left alone for a while."""

from typing import Final

_RUNNING: Final = 3
"""Failures in a row, whatever the contract, that are no accident any more."""


class Standing:
    """One source's failures in a row; times are monotonic seconds."""

    def __init__(self, *, rest: float) -> None:
        self._rest = rest
        self._failures = 0
        self._until = 0.0

    @property
    def down(self) -> bool:
        """Whether it failed as often as it takes to be left alone."""
        return self._failures >= _RUNNING

    def may_ask(self, now: float) -> bool:
        """Say whether to ask; of those who come after a rest, only the first may try."""
        if not self.down:
            return True
        if now < self._until:
            return False
        self._until = now + self._rest
        return True

    def resting(self, now: float) -> bool:
        """Say whether it is left alone now; nobody's turn is used up by asking."""
        return self.down and now < self._until

    def answered(self) -> None:
        """Forget all failures."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Count a failure."""
        self._failures += 1
        self._until = now + self._rest

    def lose(self, now: float) -> None:
        """Leave it alone from now on, whatever has been counted."""
        self._failures = max(self._failures, _RUNNING)
        self._until = now + self._rest

"""How long a prompt may be so that this model, on this machine, has read it in time.

A graphics card reads a full window in a second or two, two cores in many minutes: fewer facts, the
most telling ones, then make an answer where all of them would make none.
"""

import sys
from collections.abc import Iterable
from typing import Final

_LEAST: Final = 1200
"""Tokens a prompt may always have: rules, a question and the facts that matter most."""


class Pace:
    """Tokens that are read in so many seconds, as the last prompt showed."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._speed: float | None = None
        self._last: tuple[str, ...] = ()

    def learn(self, texts: Iterable[str], *, tokens: int, seconds: float) -> None:
        """Note how long a prompt took; one that goes on where the last ended tells nothing.

        Servers keep what they have read, so that only its end was read anew.
        """
        before, self._last = self._last, tuple(texts)
        if self._last[: len(before)] != before or not before:
            self._speed = tokens / seconds if seconds > 0 else None

    def tokens(self) -> int:
        """Return how many tokens a prompt may have; any number until one was read."""
        return sys.maxsize if self._speed is None else max(_LEAST, int(self._speed * self._seconds))

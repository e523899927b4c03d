"""A sentence that is blanked where it has been understood, so that no place is read twice."""

import re
from typing import Protocol, TypeVar


class Span(Protocol):
    """Something with a place in a sentence."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


Some = TypeVar("Some", bound=Span)


class Paper:
    """A sentence and what is left of it; every place keeps its number."""

    def __init__(self, text: str) -> None:
        self.text = text

    def blank(self, span: Some) -> Some:
        """Blank what was understood and hand it back."""
        self.erase(span.start, span.end)
        return span

    def erase(self, start: int, end: int) -> None:
        """Blank a place."""
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Blank every match and return them."""
        found = list(pattern.finditer(self.text))
        for match in found:
            self.erase(*match.span())
        return found

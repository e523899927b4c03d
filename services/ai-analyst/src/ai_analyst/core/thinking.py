"""Thoughts a model writes into its answer between <think> tags, taken out as they stream."""

from typing import Final

_OPEN, _CLOSE = "<think>", "</think>"
_LONGEST: Final = len(_CLOSE)


class ThinkSplitter:
    """Tell thoughts from answer, even when a tag comes in two pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def feed(self, text: str) -> tuple[str, str]:
        """Return what is answer and what is thought, as far as it is certain."""
        self._held += text.replace("\0", "")  # which no database keeps
        answer, thought = "", ""
        while True:
            tag = _CLOSE if self._thinking else _OPEN
            before, found, after = self._held.partition(tag)
            safe = before if found else self._held[: len(self._held) - _pending(self._held, tag)]
            if self._thinking:
                thought += safe
            else:
                answer += safe
            if not found:
                self._held = self._held[len(safe) :]
                return answer, thought
            self._held, self._thinking = after, not self._thinking

    def rest(self) -> tuple[str, str]:
        """Return what was held back once nothing more comes."""
        held, self._held = self._held, ""
        return ("", held) if self._thinking else (held, "")


def _pending(text: str, tag: str) -> int:
    return next(
        (size for size in range(min(_LONGEST, len(text)), 0, -1) if tag.startswith(text[-size:])), 0
    )

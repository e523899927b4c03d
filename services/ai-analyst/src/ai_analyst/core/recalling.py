"""How memories are named and told: titles, search words, what a past verdict came to."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

from ai_analyst.core.verdicts import Verdict

Told = TypeVar("Told")

_TITLE: Final = 60
_WORDS: Final = 12
_SHORTEST: Final = 3
_ANSWER: Final = 240


def title_of(text: str) -> str:
    """Name a conversation by its first question."""
    line = " ".join(text.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1].rstrip()}…"


def terms(text: str) -> str:
    """Write a text's words as a full-text query: any of them; never empty."""
    words = dict.fromkeys(
        word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) >= _SHORTEST
    )
    return " | ".join(list(words)[:_WORDS]) or "nothing"


def told_verdict(verdict: Verdict, *, ended: str | None, net_r: float | None, filled: bool) -> str:
    """Tell a past verdict with its end, as far as it was known; without a fill nothing was won."""
    result = "not ended yet" if ended is None else f"ended {ended}"
    if net_r is not None:
        result += f" at {net_r:+.2f} R net" if filled else ", never entered"
    reasons = " ".join(verdict.reasons)
    return (
        f"{verdict.asked_at:%Y-%m-%d %H:%M} UTC, {verdict.symbol} {verdict.direction}: "
        f"{verdict.stance} ({result}). {reasons}"
    )


def shared(judged: Sequence[Told], said: Sequence[Told], limit: int) -> tuple[Told, ...]:
    """Return the best of both kinds of memories: neither crowds the other out."""
    words = said[: max(limit // 2, limit - len(judged))]
    return (*judged[: limit - len(words)], *words)


def told_message(text: str, at: datetime, *, answer: str | None) -> str:
    """Tell an earlier question and what was said to it, without the numbers of that time."""
    told = f"{at:%Y-%m-%d %H:%M} UTC, asked before: {title_of(text)}"
    said = without_numbers(answer or "")[:_ANSWER]
    return f"{told} Answered: {said}" if said else told


def without_numbers(summary: str) -> str:
    """Drop the sentences of a summary that carry numbers: facts are read again, not remembered."""
    pieces = re.split(r"(?<=[.!?])\s+", " ".join(summary.split()))
    return " ".join(piece for piece in pieces if not re.search(r"\d", piece))

"""A model's verdict on a plan: read from its answer, kept before its end is known."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from common.domain import Direction, Stance

_STANCE: Final = re.compile(
    r"^\W*(?:stance|verdict|sikap)\W+(agree|caution|veto)\b", re.IGNORECASE | re.MULTILINE
)
_LEAN: Final = re.compile(r"^\W*lean\W+(long|short)\b", re.IGNORECASE | re.MULTILINE)
_REASON: Final = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+(.+?)\s*$", re.MULTILINE)
_REASONS: Final = 4
_LONGEST: Final = 400


@dataclass(frozen=True)
class Reply:
    """What a model's answer to a plan says, before its numbers are checked."""

    stance: Stance
    lean: Direction | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A verdict with everything it was made of."""

    venue: str
    symbol: str
    scan_id: str
    direction: Direction
    stance: Stance
    lean: Direction | None
    reasons: tuple[str, ...]
    struck: tuple[str, ...]
    model: str
    prompt_version: str
    facts: Mapping[str, str] = field(default_factory=dict)
    asked_at: datetime
    attempt: int = 0
    mirrored: bool = False
    """Asked with all prices flipped; a check of the model, never shown as a note."""


@dataclass(frozen=True)
class Judged:
    """A verdict and the result of its plan, as far as it is known."""

    verdict: Verdict
    filled: bool = False
    """Whether its entry was reached: without that there is nothing to win or lose."""
    ended: bool = False
    net_r: float | None = None
    """In units of risk after costs; null before the end, and when it cannot be known."""


def read_reply(answer: str) -> Reply | None:
    """Read a verdict; None when the answer is not in the form that was asked for."""
    stance = _STANCE.search(answer)
    if stance is None:
        return None
    lean = _LEAN.search(answer)
    reasons = tuple(
        match[1][:_LONGEST]
        for match in _REASON.finditer(answer)
        if not _STANCE.match(match[0]) and not _LEAN.match(match[0])
    )
    return Reply(
        stance=Stance(stance[1].lower()),
        lean=Direction(lean[1].lower()) if lean else None,
        reasons=reasons[:_REASONS],
    )


def disagreement(stances: Sequence[Stance]) -> float | None:
    """Return the share of stances that are not the commonest; None for fewer than two."""
    if len(stances) < 2:  # noqa: PLR2004 - one cannot disagree with itself
        return None
    (_, most), *_ = Counter(stances).most_common(1)
    return 1 - most / len(stances)

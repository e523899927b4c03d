"""What a question is about: its venue, its contracts, and whether it asks for what changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ai_analyst.core.board import Board, Place
from ai_analyst.core.verifier.names import asked_for, contracts
from common.domain import Direction

_BEST: Final = re.compile(
    r"\b(?:best|top|strongest|which|terbaik|terkuat|mana|list|daftar|ideas?)\b", re.IGNORECASE
)
_LONGS: Final = re.compile(r"\b(?:longs?|buys?|beli|bullish|naik)\b", re.IGNORECASE)
_SHORTS: Final = re.compile(r"\b(?:shorts?|sells?|jual|bearish|turun)\b", re.IGNORECASE)
_CHANGED: Final = re.compile(
    r"\b(?:chang\w*|since (?:the )?last|new(?:ly)?|differen\w*|berubah|perubahan|sejak|baru)\b",
    re.IGNORECASE,
)
_TYPED: Final = re.compile(r"\b(?=\d*[a-z])[a-z0-9]{2,20}usdt\b")
"""A contract in small letters: what ends like this is no other word."""
_AMOUNT: Final = re.compile(r"\d+(?:USDT|USDC|USD)")
_MOST: Final = 5
_MOST_NAMED: Final = 12
"""Each costs the venue a question when its funding is old."""


@dataclass(frozen=True)
class Wanted:
    """What a question is about."""

    venue: str
    symbols: tuple[str, ...]
    named: tuple[str, ...]
    """The contracts the question names itself; the others were chosen."""
    changes: bool


def wanted(
    question: str, board: Board, *, venue: str | None, earlier: Sequence[str] = ()
) -> Wanted:
    """Read a question: its contracts, those of the talk before it, or the best of the scan.

    `earlier` are the asker's questions before it, the newest first.
    """
    said = [_TYPED.sub(lambda typed: typed[0].upper(), one) for one in (question, *earlier)]
    question = said[0]
    where = venue or _venue(board, said)
    known = board.symbols(where)
    changes = bool(_CHANGED.search(question))
    if named := (*asked_for(question, known), *_strangers(question, known))[:_MOST_NAMED]:
        return Wanted(where, named, named, changes)
    longs, shorts = bool(_LONGS.search(question)), bool(_SHORTS.search(question))
    side = None if longs is shorts else Direction.LONG if longs else Direction.SHORT
    asks_best = bool(_BEST.search(question)) or longs or shorts
    if not asks_best and not changes and (talked_of := asked_for(" ".join(said[1:]), known)):
        return Wanted(where, talked_of[:_MOST], (), changes)
    chosen = [plan.symbol for plan in board.open_plans(where) if side in (None, plan.direction)]
    if changes and (plans := board.changed(where)) is not None:
        turned = (one for one in (*plans.new, *plans.gone) if _on(board, where, one, side))
        chosen = [*turned, *chosen]
    if not chosen and asks_best:
        chosen = [one.symbol for one in board.strongest(where) if side in (None, one.direction)]
    return Wanted(where, tuple(dict.fromkeys(chosen))[:_MOST], (), changes)


def _venue(board: Board, questions: Sequence[str]) -> str:
    """Return the venue a question names, or the one talked of that lists its contracts."""
    venues = board.venues()
    named = [
        [venue for venue in venues if re.search(rf"\b{re.escape(venue)}\b", one, re.IGNORECASE)]
        for one in questions
    ]
    if named[0]:
        return named[0][0]
    nearest_first = dict.fromkeys((*chain.from_iterable(named), *venues))
    for question in questions:
        for venue in nearest_first:
            if asked_for(question, board.symbols(venue)):
                return venue
    return next(iter(nearest_first), "")


def _strangers(question: str, known: Sequence[str]) -> Iterator[str]:
    """Yield what looks like a contract and is none of the venue's."""
    seen: set[str] = set()
    for one in contracts(question, known, loose=True):
        name = re.sub(r"[^A-Z0-9]", "", one.written.upper())
        if not one.symbol and not _AMOUNT.fullmatch(name) and name not in seen:
            seen.add(name)
            yield name


def _on(board: Board, venue: str, symbol: str, side: Direction | None) -> bool:
    decision = board.decisions.get(Place(venue, symbol))
    return side is None or (decision is not None and decision.direction is side)

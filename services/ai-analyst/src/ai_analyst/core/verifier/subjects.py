"""Whom a word of a sentence is said of: the contract and the timeframe it stands with."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import within
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.lists import runs
from ai_analyst.core.verifier.paper import Some
from ai_analyst.core.verifier.scope import Focus, is_compared

_BEFORE: Final = 22
"""So far before a word a negation still belongs to it."""


_IT: Final = phrase(r"\W*(?:and|but|yet|so|though|because|since|while)?\s?(?:it|that|this one|ia|dia)\b")  # fmt: skip
"""Before a clause that goes on about what its sentence began with."""


_WHICH: Final = phrase(r"\W*(?:which|who|yang)\b")
"""Before a clause that is told of what was named last, even if only to compare with it."""


def stated(match: re.Match[str], said: Claims) -> bool:
    """Whether a word is said of what is, and neither supposed nor denied."""
    begin, end = said.clause(match.start())
    before = said.text[max(begin, match.start() - _BEFORE) : match.start()]
    return not CONDITIONAL.search(said.text[begin:end]) and not NEGATION.search(before)


def sayings(
    form: re.Pattern[str], said: Claims, focus: Focus, table: FactTable
) -> Iterator[tuple[re.Match[str], str]]:
    """Yield where a form of words states something, with each contract it is said of."""
    for match in form.finditer(said.text):
        if stated(match, said):
            for symbol in contracts_at(match.span(), said, focus, table):
                yield match, symbol


def contracts_at(
    place: tuple[int, int], said: Claims, focus: Focus, table: FactTable
) -> Sequence[str]:
    """Return the contracts a word is said of; none where it may be any of several."""
    known = [one for one in said.contracts if one.symbol in table.symbols]
    which = _WHICH.match(said.text[slice(*said.clause(place[0]))])
    named = known if which else [one for one in known if not is_compared(one, said)] or known
    nearest = _nearest(named, place, said)
    begin, end = said.clause(place[0])
    if begin and named and _IT.match(said.text[begin:end]) and not within(named, (begin, end)):
        ahead = within(named, said.clause(begin - 1))[:1]
        opens = ahead and not said.text[said.clause(begin - 1)[0] : ahead[0].start].strip()
        nearest = ahead[0] if opens else named[0]
    if nearest is not None:
        return tuple(one.symbol for one in next(run for run in runs(named, said) if nearest in run))
    return focus.symbols if len(focus.symbols) == 1 else ()


def frame_at(place: tuple[int, int], said: Claims, focus: Focus) -> str:
    """Return the timeframe a word is said of, or nothing."""
    nearest = _nearest(said.frames, place, said)
    if nearest is not None:
        return nearest.name
    return focus.frames[0] if len(focus.frames) == 1 else ""


def _nearest(things: Sequence[Some], place: tuple[int, int], said: Claims) -> Some | None:
    """Return the last thing before a word in its clause, or the first behind, or one before."""
    begin, end = said.clause(place[0])
    inside = within(things, (begin, max(end, place[1])))
    before = [one for one in inside if one.end <= place[0]]
    earlier = [one for one in things if one.end <= place[0]]
    behind = [one for one in inside if one.start >= place[0]]
    ordered = [*before[-1:], *behind[:1], *earlier[-1:]]
    return ordered[0] if ordered else None

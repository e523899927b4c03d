"""Which facts a number can be speaking of: the contract, timeframe and name it stands next to."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import Column, cells, concepts_of, within
from ai_analyst.core.verifier.cues import THAN, phrase
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.lists import aligned, in_range
from ai_analyst.core.verifier.names import Named
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.paper import Some
from ai_analyst.core.verifier.ties import has_its_own, tied

_WHOLE: Final = phrase(r"\s*(?:(?:out )?of(?: the| its| all)?|dari|/)\s*")
"""Between a part and its whole: "five of six"."""
_WHOLE_OF_IT: Final = 100
_ATTACHED: Final = phrase(r"\s*(?:(?:on|in|for|at|di|pada|\()\s*(?:the\s+)?)?")


_NEAR: Final = 20
"""So far before a contract a word stands that only compares it."""
_AGAINST: Final = phrase(r"\s?[,(]?\s?(?:against|versus|vs\.?|lawan|plus|compared (?:to|with)|dibanding(?:kan)?)\s(?:(?:about|only|sekitar|hanya)\s)?\$?")  # fmt: skip
"""Between the numbers of two contracts: "63.4 against 54.8"."""
_AT_IT: Final = phrase(r"[\s(]*(?:(?:for|on|in|di|pada|untuk|milik)\s)?(?:the\s)?")
_TWO: Final = 2
_RELATED: Final = phrase(r"^[^,;]*\b(?:is|are|lies|sits|adalah)\s(?:\w+\s)?(?:above|below|over|under|di atas|di bawah)\s$")  # fmt: skip
_AHEAD: Final = phrase(r"\b(?:ahead of|behind|before|after|between|setelah|di depan|antara)\s$")


@dataclass(frozen=True)
class Focus:
    """What the sentences before were about."""

    symbols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    """The headings of the table this row belongs to."""


@dataclass(frozen=True)
class Binding:
    """What a number can mean."""

    symbols: tuple[str, ...]
    frame: str
    firm: bool
    """Whether the timeframe stands in the number's own clause and was not carried over."""
    tight: tuple[str, ...]
    """Concepts of the phrase the number is tied to; empty when it is tied to none."""
    near: tuple[str, ...]
    """Concepts named in its clause, nearest first."""
    sentence: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    """The concepts of each phrase in its clause, or else in its sentence, nearest first."""
    asked: tuple[str, ...] = ()
    """The contracts the answer is about."""


def bind(number: Number, said: Claims, focus: Focus, table: FactTable) -> Binding:
    """Tie a number to the contract, the timeframe and the phrase it stands next to."""
    clause, names = said.clause(number.start), tied(number, said)
    own = [
        one
        for one in said.contracts
        if not (
            _was_compared(one, number, said)
            if one.start < number.start
            else _is_the_other(said.text[number.end : one.start])
            or (focus.symbols and has_its_own(one.end, number, said))
        )
    ]
    if any("btc_conflict" in label.concepts for label in said.labels):
        own = [one for one in own if not one.symbol.startswith("BTC")]  # it is another's gate
    found = aligned(own, number, said) or _beside(own, number, said)
    held = _held(number, said, focus, table)
    frames = [
        one
        for one in said.frames
        if one.start < number.start or not THAN.search(said.text[number.end : one.start])
    ]
    of_gates = {"gates", "threshold"} & set(concepts_of(within(said.labels, clause)))
    if found and focus.symbols and of_gates:
        found = found if clause[0] <= found.start < clause[1] else None
    symbols = (found.symbol,) if found else focus.symbols or table.symbols
    symbols = (held,) if held else symbols
    listed = in_range(said.frames, number, said) or aligned(frames, number, said)
    frame = listed or _beside(frames, number, said)
    nearest = _nearest(within(said.labels, clause) or said.labels, number)
    if (
        names == ("close_share",)
        and not number.unit
        and min((one.value for one in number.readings), default=0.0) > _WHOLE_OF_IT
    ):
        names = ()  # "half the position at 99,905.9"
    bound = Binding(
        symbols=symbols,
        frame=frame.name if frame else focus.frames[0] if len(focus.frames) == 1 else "",
        firm=frame is not None and (listed is not None or clause[0] <= frame.start < clause[1]),
        tight=names,
        near=concepts_of(_nearest(within(said.labels, clause), number)),
        sentence=concepts_of(_nearest(said.labels, number)),
        phrases=tuple(label.concepts for label in nearest),
        asked=focus.symbols,
    )
    return _in_its_column(bound, number, said, focus)


def _held(number: Number, said: Claims, focus: Focus, table: FactTable) -> str:
    """Return whose a number of "63.4 against 54.8" is, of two contracts that are not beside it."""
    pair = next(
        (
            (one, other)
            for one, other in pairwise(said.numbers)
            if number in (one, other) and _AGAINST.fullmatch(said.bare[one.end : other.start])
        ),
        None,
    )
    named = tuple(dict.fromkeys(one.symbol for one in said.contracts if one.symbol))
    known = named if len(named) > 1 else tuple(dict.fromkeys((*focus.symbols[:1], *named)))
    if pair is None or len(known) != _TWO or not set(known) <= set(table.symbols):
        return ""
    end = pair[1].end
    starts = [one.start for one in said.contracts] + [one.start for one in said.frames]
    if any(_AT_IT.fullmatch(said.bare[end:start]) for start in starts if start >= end):
        return ""
    compared = [one.symbol for one in said.contracts if is_compared(one, said)]
    first = next((one for one in known if one not in compared), known[0])
    return first if number is pair[0] else next(one for one in known if one != first)


def is_compared(one: Named, said: Claims) -> bool:
    """Whether a contract is only what another is compared with."""
    return bool(THAN.search(said.text[max(0, one.start - _NEAR) : one.start]))


def _is_the_other(between: str) -> bool:
    """Whether a contract behind a number is only what the number's own is compared with."""
    return any(one.search(between) for one in (THAN, _AHEAD, _RELATED))


def _was_compared(one: Named, number: Number, said: Claims) -> bool:
    """Whether a contract was only what another was compared with, a clause ago."""
    begin, end = said.clause(one.start)
    begin = min(begin, max(0, one.start - _NEAR))
    return end <= number.start and bool(THAN.search(said.text[begin : one.start]))


def _in_its_column(bound: Binding, number: Number, said: Claims, focus: Focus) -> Binding:
    """Read a cell by its column's heading, and by its row's first cell."""
    spans = cells(said.text)
    place = next((at for at, span in enumerate(spans) if span[0] <= number.start < span[1]), None)
    if not focus.columns or place is None or place >= len(focus.columns):
        return bound
    column, own = focus.columns[place], within(said.labels, spans[place])
    of_row = concepts_of(within(said.labels, spans[0]))
    general = not column.concepts or "price" in column.concepts
    names = concepts_of(own) or (of_row if general else ()) or column.concepts
    return replace(
        bound,
        symbols=(column.symbol,) if column.symbol else bound.symbols,
        frame=column.frame or bound.frame,
        firm=bool(column.frame) or bound.firm,
        tight=names or bound.tight,
        near=names or bound.near,
        sentence=names or bound.sentence,
    )


def candidates(
    table: FactTable, symbols: Sequence[str], frame: str, concepts: Sequence[str]
) -> list[Datum]:
    """Return the facts with these names; a timeframe excludes others where there is a choice."""
    named = [
        fact
        for concept in dict.fromkeys(concepts)
        for fact in table.by_concept.get(concept, ())
        if not fact.symbol or fact.symbol in symbols
    ]
    if not frame:
        overall = {fact.concept for fact in named if not fact.timeframe}
        return [fact for fact in named if not fact.timeframe or fact.concept not in overall]
    framed = {fact.concept for fact in named if fact.timeframe == frame}
    return [
        fact
        for fact in named
        if fact.timeframe == frame or (not fact.timeframe and fact.concept not in framed)
    ]


def _beside(things: Sequence[Some], number: Number, said: Claims) -> Some | None:
    inside = within(things, said.clause(number.start))
    later = [
        one.start
        for one in said.numbers
        if one.start > number.start and not _WHOLE.fullmatch(said.text[number.end : one.start])
    ]
    after = [
        one for one in inside if one.start >= number.end and not any(n < one.start for n in later)
    ]
    before = [one for one in inside if one.end <= number.start]
    after = [one for one in after if not has_its_own(one.end, number, said)] if before else after
    if after and _ATTACHED.fullmatch(said.bare[number.end : after[0].start]):
        return after[0]
    if before and after:
        gap_before, gap_after = number.start - before[-1].end, after[0].start - number.end
        return before[-1] if gap_before <= gap_after else after[0]
    if before or after:
        return (before or after)[-1 if before else 0]
    earlier = [one for one in things if one.end <= number.start]
    if earlier:
        return earlier[-1]
    return next((one for one in things if one.start >= number.end), None) if not later else None


def _nearest(found: Iterable[Label], number: Number) -> list[Label]:
    return sorted(
        found,
        key=lambda one: min(abs(number.start - one.end), abs(one.start - number.end)),
    )

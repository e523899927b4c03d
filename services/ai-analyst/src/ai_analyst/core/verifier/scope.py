"""Which facts a number can be speaking of: the contract, timeframe and name it stands next to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import Column, cells, concepts_of, within
from ai_analyst.core.verifier.lexicon import FILLER, THAN, Label
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.paper import Some

_LISTED: Final = re.compile(
    r"[\s,/&|–—~→>-]*(?:and|dan|or|to|then|lalu|serta|sampai|hingga|versus|vs\.?|against)?[\s,$(]*"
)
_BEHIND: Final = re.compile(
    r"[\s(]*(?:\w+,\s)?(?:on|for|at|in|di|pada|untuk)?\s*(?:the\s)?[\s(]*", re.IGNORECASE
)
"""Between "61.8 / 57.6" and the "1d / 4h" they belong to."""
_GOT: Final = re.compile(
    r"\s*(?:of (?:them|these|those)\s)?(?:(?:got|get|have|had|received?|earned|"
    r"mendapat(?:kan)?|memiliki|punya|menjadi|"
    r"became|were|are|was|is|ended|yielded|produced|di antaranya|yang)\s)?(?:a|an|in|as)?\s*",
    re.IGNORECASE,
)
"""Between a count and what it counts: "31 were blocked"."""
_WHOLE: Final = re.compile(r"\s*(?:(?:out )?of(?: the| its| all)?|dari|/)\s*", re.IGNORECASE)
"""Between a part and its whole: "five of six"."""
_ATTACHED: Final = re.compile(r"\s*(?:(?:on|in|for|at|di|pada|\()\s*(?:the\s+)?)?", re.IGNORECASE)
_AHEAD: Final = re.compile(r"\b(?:ahead of|behind|before|di depan)\s$", re.IGNORECASE)
_UNTIL: Final = re.compile(r"\b(?:before|until|sebelum)\s(?:the\s)?$", re.IGNORECASE)
_SIDE: Final = re.compile(
    r"\b(?:above|below|over|under|di atas|di bawah)\s(?:the\s)?$", re.IGNORECASE
)
_EXTREMES: Final = (20.0, 30.0, 70.0, 80.0)
_PAIR: Final = 2
"""Two names and, in brackets behind them, their two numbers."""
COUNTED: Final = {
    "universe",
    "plans",
    "blocked",
    "no_setup",
    "no_data",
    "failures",
    "gates",
    "votes",
}
"""What people count, naming it after the number: "12 plans"."""


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


def bind(number: Number, said: Claims, focus: Focus, table: FactTable) -> Binding:
    """Tie a number to the contract, the timeframe and the phrase it stands next to."""
    clause = said.clause(number.start)
    own = [
        one
        for one in said.contracts
        if one.start < number.start
        or not (
            THAN.search(said.text[number.end : one.start])
            or _AHEAD.search(said.text[number.end : one.start])
        )
    ]
    found = _aligned(own, number, said) or _beside(own, number, said)
    symbols = (found.symbol,) if found else focus.symbols or table.symbols
    frame = _aligned(said.frames, number, said) or _beside(said.frames, number, said)
    nearest = _nearest(within(said.labels, clause) or said.labels, number)
    bound = Binding(
        symbols=symbols,
        frame=frame.name if frame else focus.frames[0] if len(focus.frames) == 1 else "",
        firm=frame is not None and clause[0] <= frame.start < clause[1],
        tight=_tied_in_list(number, said),
        near=concepts_of(_nearest(within(said.labels, clause), number)),
        sentence=concepts_of(_nearest(said.labels, number)),
        phrases=tuple(label.concepts for label in nearest),
    )
    return _in_its_column(bound, number, said, focus)


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


def _aligned(things: Sequence[Some], number: Number, said: Claims) -> Some | None:
    """Pair "daily, 4h and 1h" with "74.5, 69.8 and 54.1", place by place."""
    numbers = next((run for run in runs(said.numbers, said) if number in run), [])
    if len(numbers) < 2:  # noqa: PLR2004 - a list
        return None
    for run in runs(things, said):
        ahead = run[-1].end <= numbers[0].start
        behind = run[0].start >= numbers[-1].end and _BEHIND.fullmatch(
            said.bare[numbers[-1].end : run[0].start]
        )
        if len(run) == len(numbers) and (ahead or behind):
            return run[numbers.index(number)]
    return None


def runs(things: Sequence[Some], said: Claims) -> list[list[Some]]:
    """Return the lists that things stand in, "daily, 4h and 1h"; a list may hold but one."""
    found: list[list[Some]] = []
    for one in sorted(things, key=lambda one: one.start):
        if found and _LISTED.fullmatch(said.text[found[-1][-1].end : one.start]):
            found[-1].append(one)
        else:
            found.append([one])
    return found


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
    after = [one for one in after if not _has_its_own(one.end, number, said)] if before else after
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


def _tied_in_list(number: Number, said: Claims) -> tuple[str, ...]:
    own = _tied(number, said)
    run = next(run for run in runs(said.numbers, said) if number in run)
    before = [label for label in said.labels if label.end <= run[0].start]
    if len(run) == len(before) == _PAIR and said.text[: run[0].start].endswith("("):
        return before[run.index(number)].concepts
    return own or next((found for one in run if (found := _tied(one, said))), ())


def _tied(number: Number, said: Claims) -> tuple[str, ...]:
    whole = all(one.value == int(one.value) for one in number.readings)
    before = [
        label
        for label in said.labels
        if label.end <= number.start and _may_be(label, number, said, whole=whole)
    ]
    following = next((label for label in said.labels if label.start >= number.end), None)
    if (
        following
        and COUNTED & set(following.concepts)
        and _GOT.fullmatch(said.bare[number.end : following.start])
    ):
        return following.concepts
    crossed = before and any(
        before[-1].end <= one.start < number.start and not _same_run(one, number, said)
        for one in said.numbers
    )
    if (
        before
        and not crossed
        and (
            FILLER.fullmatch(said.bare[before[-1].end : number.start])
            or _in_apposition(before[-1], number, said)
        )
    ):
        group = _listed(before, said)
        return concepts_of(group)
    clause = said.clause(number.start)
    after = next((one for one in within(said.labels, clause) if one.start >= number.end), None)
    if after is None:
        return ()
    between = said.bare[number.end : after.start]
    if _has_its_own(after.end, number, said):
        return ()
    if "|" not in between and FILLER.fullmatch(between) and len(between.split()) <= 3:  # noqa: PLR2004 - "on the 4h"
        return after.concepts
    return ()


def _has_its_own(end: int, number: Number, said: Claims) -> bool:
    """Whether a name behind a number has its own: in "97,250 to a high of 103,480" it does."""
    later = next((one for one in said.numbers if one.start >= max(end, number.end)), None)
    return later is not None and bool(
        re.fullmatch(
            r"(?:['’]s)?\s?(?:of|at|is|di|sebesar)?\s?[$(+\-−]?", said.text[end : later.start]
        )
    )


def _may_be(label: Label, number: Number, said: Claims, *, whole: bool) -> bool:
    """Whether a phrase before a number can name it; in "before TP1: 98,310" it does not."""
    if label.concepts == ("timeframes",):
        return whole
    if label.concepts == ("rsi_rule",):
        return any(one.value in _EXTREMES for one in number.readings)
    beside = said.text[label.end :].startswith(":") and _SIDE.search(said.text[: label.start])
    return not beside and not _UNTIL.search(said.text[: label.start])


def _same_run(one: Number, other: Number, said: Claims) -> bool:
    return any(one in run and other in run for run in runs(said.numbers, said))


def _in_apposition(label: Label, number: Number, said: Claims) -> bool:
    """Whether "its first target, 177.62, lies …" names the number."""
    return bool(
        re.fullmatch(r",\s*(?:at\s|di\s)?\$?", said.text[label.end : number.start])
        and re.match(r"\s*(?:USDT|USD)?[,)]", said.text[number.end :])
    )


def _listed(before: Sequence[Label], said: Claims) -> list[Label]:
    group = [before[-1]]
    for label in reversed(before[:-1]):
        if said.bare[label.end : group[0].start].strip().casefold() not in {
            ",",
            "and",
            "dan",
            "/",
            ", and",
            "&",
            "serta",
        }:
            break
        group.insert(0, label)
    return group


def _nearest(found: Iterable[Label], number: Number) -> list[Label]:
    return sorted(
        found,
        key=lambda one: min(abs(number.start - one.end), abs(one.start - number.end)),
    )

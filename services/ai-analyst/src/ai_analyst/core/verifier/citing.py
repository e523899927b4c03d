"""What a number or a time cites: the fact in brackets behind it, which it is or comes from."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.citations import Citation
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import within
from ai_analyst.core.verifier.contrary import wrong_side
from ai_analyst.core.verifier.cues import CLAUSE, FILLER, phrase
from ai_analyst.core.verifier.ledger import Found, Ledger
from ai_analyst.core.verifier.meaning import PARTS, TARGETS
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.paper import Span
from ai_analyst.core.verifier.reading import readings
from ai_analyst.core.verifier.scope import Binding, is_compared
from ai_analyst.core.verifier.senses import right_count
from ai_analyst.core.verifier.sides import BASE, SIDE
from ai_analyst.core.verifier.tolerance import bounded, compares, means, targets

_IN_WORDS: Final = {Unit.COUNT, Unit.R, Unit.MULTIPLE, Unit.SHARE, Unit.HOURS}
"""What people write out: "two targets" is no price."""
_TOWARDS: Final = phrase(
    rf"{BASE.pattern}|\b(?:to|towards?|of|before|past|behind|ke|menuju)\s(?:the\s|its\s)?$"
)
"""Before a name that only tells from where or to where: "jarak ke stop 1.770,6"."""
_RIGHT_BEFORE: Final = phrase(r"[\s,:(]*(?:(?:at|is|of|di|adalah)\s)?[\s$(~]*")
_LENGTHS: Final = {"risk", "atr", "cost"}
"""Prices that tell how far something lies and not where: "a stop 5.19 above the entry"."""
_FEW: Final = 3
_WAY: Final = phrase(r"\b(?:to|ke)$")
"""At the end of a name that may also tell where price goes: "a pullback to the EMA"."""
_FAR: Final = 6
"""Words between a number and its citation: "62.5 % of accounts with a position"."""


def cited(thing: Span, said: Claims, table: FactTable) -> tuple[Datum, ...]:
    """Return the facts cited with a number or a time, or next behind it."""
    behind = next((one for one in said.citations if one.place > thing.start), None)
    found = _its_own(thing, said) or behind
    facts = (table.cited(one) for one in found.ids) if found else ()
    return tuple(one for one in facts if one is not None and one.value is not None)


def its_own(thing: Span, said: Claims, table: FactTable) -> tuple[Datum, ...]:
    """Return the facts cited right behind a number or a time, or else right before it."""
    return cited(thing, said, table) if _its_own(thing, said) else ()


def _its_own(thing: Span, said: Claims) -> Citation | None:
    others: tuple[Span, ...] = (*said.numbers, *said.moments)
    behind = (one for one in said.citations if _is_behind(thing, one, said, others))
    ahead = (
        one
        for one in said.citations
        if one.place <= thing.start
        and not said.text[one.place : thing.start].strip(" :=|$")
        and not any(_is_behind(other, one, said, others) for other in others)
    )
    return next(behind, None) or next(ahead, None)


def _is_behind(thing: Span, citation: Citation, said: Claims, others: tuple[Span, ...]) -> bool:
    """Whether a citation stands right behind a number or a time, with no other in between."""
    between = said.text[thing.end : citation.place]
    return citation.place > thing.start and not (
        any(thing.end <= other.start < citation.place for other in others)
        or CLAUSE.search(f"{between} ")
        or len(between.split()) > _FAR
    )


def as_cited(number: Number, said: Claims, table: FactTable) -> Found | None:
    """Return the cited fact a number is, unless the words beside it name another."""
    for fact in _with_shares(number, cited(number, said, table), table):
        if isinstance(fact.value, str) and _is_told(number, fact.value):
            return Found((fact.id,), number.readings[0].value)
        counted = number.unit == "x" and fact.unit is not Unit.MULTIPLE
        one = replace(number, unit="") if counted else number  # "12 kali pembayaran"
        if (
            (means(one, fact, said, table.now, tied=True) or bounded(one, fact, said, table.now))
            and (fact.unit is not Unit.COUNT or right_count(one, fact, said))
            and not wrong_side(one, fact, said, table)
            and not _gainsaid(one, fact, said, table)
        ):
            return Found((fact.id,), next(iter(targets(one, fact, table.now))), fact.unit)
    noted = [table.cited(name) for one in said.citations for name in one.ids]
    told = next((one for one in noted if one is not None and _is_told(number, one.note)), None)
    return Found((told.id,), number.readings[0].value) if told else None


def _with_shares(number: Number, facts: tuple[Datum, ...], table: FactTable) -> Iterator[Datum]:
    """Yield what is cited, and of a target what it closes: "50 % at 177.62 [SOLUSDT.plan.tp1]"."""
    yield from facts
    for fact in facts:
        share = table.by_id.get(f"{fact.id}.close_share")
        if share is not None and number.unit == "%":
            yield share


def following(bound: Binding, facts: tuple[Datum, ...]) -> Binding:
    """Bind a number to what it cites, so that it may follow from it."""
    names = tuple(dict.fromkeys(fact.concept for fact in facts))
    return replace(
        bound,
        symbols=tuple(dict.fromkeys(fact.symbol for fact in facts if fact.symbol)) or bound.symbols,
        frame=facts[0].timeframe,
        near=(*names, *bound.near),
        sentence=(*names, *bound.sentence),
        phrases=(*((one,) for one in names), *bound.phrases),
    )


def miscited(number: Number, found: Found, said: Claims, table: FactTable) -> bool:
    """Whether a number alone before its citation is of its unit, and is not nor comes from it."""
    own = [one for one in its_own(number, said, table) if one.id in found.ids]
    turned = any(_is_of_the_other_target(number, one, said, beside=True) for one in own)
    gross = any(_is_the_gross(number, one, table) for one in own)
    return (turned or gross) or (
        len(_covered(number, said)) == 1 and _strays(number, found.ids, said, table)
    )


def strays(said: Claims, ledger: Ledger, table: FactTable) -> Iterator[str]:
    """Yield a complaint for each citation that none of the numbers before it is nor comes from."""
    for number in said.numbers:
        covered = _covered(number, said)
        told = [
            ledger.matched[one.start]
            for one in covered
            if one.start in ledger.matched and (ledger.matched[one.start] or not one.word)
        ]
        ids = {name for one in told for name in one}
        known = len(covered) == 1 or (told and all(told))
        refused = any(one.startswith(number.text) for one in ledger.refused)
        if known and not refused and _strays(number, ids, said, table):
            names = ", ".join(one.id for one in its_own(number, said, table))
            yield f"{number.text} cites {names}, which it is not"


def _covered(number: Number, said: Claims) -> list[Number]:
    """Return the numbers between the citation of one and the citation before it."""
    before = max((one.place for one in said.citations if one.place <= number.start), default=0)
    return [one for one in said.numbers if before <= one.start <= number.start]


def _strays(number: Number, ids: Collection[str], said: Claims, table: FactTable) -> bool:
    """Whether a number could be what it cites, by its unit, and these facts it is are others."""
    facts = its_own(number, said, table)
    could = any(
        next(targets(number, one, table.now), None) is not None
        for one in facts
        if not number.word or one.unit in _IN_WORDS
    )
    return could and not {one.id for one in facts} & set(ids)


def _gainsaid(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether the words beside a number name another fact, timeframe or contract."""
    begin, end = said.clause(number.start)
    ahead = [
        one for one in within(said.contracts, (begin, number.start)) if not is_compared(one, said)
    ]
    return (
        _is_named_else(number, fact, said, table)
        or _is_of_the_other_target(number, fact, said)
        or _is_the_gross(number, fact, table)
        or _differs(fact.timeframe, (one.name for one in within(said.frames, (begin, end))))
        or _differs(fact.symbol, (one.symbol for one in ahead))
    )


def _differs(own: str, named: Iterable[str]) -> bool:
    names = {one for one in named if one}
    return bool(own and names and own not in names)


def _is_named_else(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether the name before a number is of another fact, or of a plan there is not."""
    if fact.concept in {*PARTS, "share_long"}:
        return _is_of_another_kind(number, fact, said)
    label = next((one for one in reversed(said.labels) if one.end <= number.start), None)
    if label is None or any(_names(one, fact) for one in label.concepts):
        return False
    stands = "price" in label.concepts and compares(number, said)  # and is not that much
    length = fact.concept in _LENGTHS and SIDE.match(said.text[number.end :])
    moves = _WAY.search(said.text[: label.end]) and fact.concept not in PRICE_LEVELS
    if (
        stands
        or length
        or moves
        or _is_named_behind(number, fact, said)
        or _TOWARDS.search(said.text[: label.start])
        or any(label.end <= one.start < number.start for one in said.numbers)
    ):
        return False
    named = [
        one
        for concept in label.concepts
        for one in table.by_concept.get(concept, ())
        if one.symbol in {"", fact.symbol}
    ]
    if not named and label.concepts[0] in PRICE_LEVELS:
        return fact.unit is Unit.PRICE
    bare = number.unit in {"", "money"} and fact.unit is not Unit.COUNT
    rivals = [one for one in named if (bare or one.unit is fact.unit) and one.value is not None]
    return (
        bool(rivals)
        and bool(FILLER.fullmatch(said.bare[label.end : number.start]))
        and not any(means(number, one, said, table.now, tied=True) for one in rivals)
    )


def _is_named_behind(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether the name right behind a number is its fact's: "a reward of 1.71 R net"."""
    label = next((one for one in said.labels if one.start >= number.end), None)
    if label is None or said.bare[number.end : label.start].strip():
        return False
    return any(_names(one, fact) for one in label.concepts)


def _names(concept: str, fact: Datum) -> bool:
    """Whether a name is the fact's or its family's: funding is also that of a year."""
    return (
        concept == fact.concept
        or concept in fact.id.split(".")
        or fact.concept.startswith(f"{concept}_")
    )


def _is_the_gross(number: Number, fact: Datum, table: FactTable) -> bool:
    """Whether a net R is written as the gross one, which it may be rounded to: 3 R for 2.92."""
    gross = table.value(fact.id.replace(".net_", ".gross_")) if ".net_" in fact.id else None
    return gross != fact.value and any(one.value == gross for one in number.readings)


def _is_of_another_kind(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether "152 contracts were blocked" counts others than the fact does."""
    later = next((one.start for one in said.numbers if one.start >= number.end), len(said.text))
    end = min(later, said.clause(number.start)[1])
    kinds = [one.concepts[0] for one in within(said.labels, (number.end, end))]
    told = next((one for one in kinds if one in PARTS), fact.concept)
    return told != fact.concept


def _is_of_the_other_target(
    number: Number, fact: Datum, said: Claims, *, beside: bool = False
) -> bool:
    """Whether what is told of one target is the other's: "TP2 is the closer one at 177.62".

    `beside` asks it of a name right before the number only.
    """
    mine = TARGETS & set(re.split(r"[._]", fact.concept))
    names = [one for one in said.labels if len(TARGETS & set(one.concepts[:2])) == 1]
    last = next((one for one in reversed(names) if one.end <= number.start), None)
    if not mine or last is None or mine & set(last.concepts[:2]):
        return False
    if beside:
        ahead = (one for one in said.numbers if one.end <= last.start and not one.word)
        gaps = [said.text[one.end : last.start] for one in ahead][-1:]
        told = any("," not in gap and len(gap.split()) <= _FEW for gap in gaps)  # "35 h for TP1,"
        return not told and bool(_RIGHT_BEFORE.fullmatch(said.text[last.end : number.start]))
    return not any(last.end <= one.start < number.start for one in said.numbers)


def _is_told(number: Number, text: str) -> bool:
    """Whether a fact in words carries a number: "resistance at 0.6 R"."""
    told = (one for figure in re.findall(r"\d+(?:\.\d+)?", text) for one in readings(figure))
    return bool({one.value for one in told} & {one.value for one in number.readings})

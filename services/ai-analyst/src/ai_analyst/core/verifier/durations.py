"""How long ago and how long until: durations against the moments of a sentence and its facts."""

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, is_compared
from ai_analyst.core.verifier.tolerance import bound_fits, close

_AGE: Final = phrase(r"^\s*(?:old|ago|earlier|stale|before now|yang lalu|lalu|usianya|umurnya)\b")
_AGED: Final = phrase(r"\b(?:age|aged|usia(?:nya)?|umur(?:nya)?|berumur|berusia)\s(?:\w+\s){0,2}$")
_EARLIER: Final = phrase(
    r"\s(?:(?P<early>earlier|sooner|before|lebih (?:awal|cepat))|later|after|kemudian|"
    r"lebih lam(?:a|bat))\b(?:\s(?:the|that of)\b)?\s?"
)
_HOUR: Final = 3600.0


def lasting(
    number: Number, said: Claims, bound: Binding, table: FactTable
) -> tuple[float, tuple[str, ...]] | None:
    """Return the hours a duration stands for where it is an age, or the way to a moment said."""
    if number.unit != "hours":
        return None
    hours = [
        *_ages(number, said, bound, table),
        *_to_moments(said, bound, table),
        *_apart(number, said, bound, table),
        *_between(number, said, table),
    ]
    return next(
        (
            (value, ids)
            for value, ids in hours
            if close(number, value, said) and bound_fits(number, value, said)
        ),
        None,
    )


def _ages(
    number: Number, said: Claims, bound: Binding, table: FactTable
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield how old the facts are that a sentence speaks of, where it speaks of an age."""
    if not (_AGE.match(said.text[number.end :]) or _AGED.search(said.text[: number.start])):
        return
    facts = [
        one
        for one in table
        if (not one.symbol or one.symbol in bound.symbols) and ".gate." not in one.id
    ]
    named = [one for one in facts if one.concept in bound.near]
    for fact in named or facts:
        yield (table.now - fact.observed_at).total_seconds() / _HOUR, (fact.id,)


def _apart(
    number: Number, said: Claims, bound: Binding, table: FactTable
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield how long before another's a contract's moment is: "45 hours earlier than BTC's"."""
    way = _EARLIER.match(said.text[number.end :])
    others = {
        one.symbol
        for one in said.contracts
        if is_compared(one, said) or (way and one.start == number.end + way.end())
    }
    for other in others if way else ():
        for concept in dict.fromkeys(bound.sentence):
            told = {
                one.symbol: (one.value, one.id)
                for one in table.by_concept.get(concept, ())
                if isinstance(one.value, datetime)
            }
            for symbol in {*bound.asked, *(one.symbol for one in said.contracts)} - others:
                if symbol in told and other in told:
                    (mine, own), (yours, its) = told[symbol], told[other]
                    hours = (yours - mine).total_seconds() / _HOUR
                    if way and (hours > 0) is bool(way["early"]):
                        yield abs(hours), (own, its)


def _between(
    number: Number, said: Claims, table: FactTable
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield how far apart two moments are that the sentence states: "four days later"."""
    if not _EARLIER.match(said.text[number.end :]):
        return
    told = [
        (one, fact.value, fact.id)
        for fact in table
        if isinstance(fact.value, datetime)
        for one in said.moments
        if one.is_at(fact.value)
    ]
    for (one, first, own), (two, second, its) in combinations(told, 2):
        if one != two:
            yield abs((second - first).total_seconds()) / _HOUR, (own, its)


def _to_moments(
    said: Claims, bound: Binding, table: FactTable
) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield how far from now a moment is that the sentence itself states and a fact has."""
    for fact in table:
        if fact.symbol and fact.symbol not in bound.symbols:
            continue
        instants = [fact.observed_at]
        if isinstance(fact.value, datetime):
            instants.append(fact.value)
        for instant in instants:
            if any(one.minutes is not None and one.is_at(instant) for one in said.moments):
                for now in (table.now, fact.observed_at):
                    yield abs((instant - now).total_seconds()) / _HOUR, (fact.id,)

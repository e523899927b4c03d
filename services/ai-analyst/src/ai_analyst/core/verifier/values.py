"""Values that are told, held against each other: "1.93 is below 1.2", "20.4 points above 54.1"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, GREATER, NEGATION, SMALLER, phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.paper import Span
from ai_analyst.core.verifier.relations import BETWEEN, OTHERWISE, RELATION
from ai_analyst.core.verifier.scope import candidates
from ai_analyst.core.verifier.sides import SIDE

_SHORTLY: Final = re.compile(r"[^.;|\w]*(?:\w+['’]?\w*[^.;|\w]*){0,4}")
_NOT_COMPARED: Final = {Unit.PLAIN, Unit.COUNT}
_DEGREE: Final = phrase(rf"\b(?:(?P<less>{SMALLER}|less (?!than)\w+|kurang (?!dari)\w+)|(?:{GREATER})|(?:more|lebih) (?!than|dari)\w+|wilder)\b")  # fmt: skip
_HELD: Final = phrase(r"[\s)]*(?:than|daripada|against|versus|vs\.?|compared (?:with|to)|(?:ber|di)?banding(?:kan)?|lawan)\s(?:[^\d.;]{0,24})")  # fmt: skip
"""Between a value and the one it is held against."""
_STRENGTH: Final = phrase(r"strong|weak|kuat|lemah")
"""In words that go by the size and not by the sign."""
_NEAR: Final = 24
"""Characters between a side and what it is a side of."""
_HELD_FIRST: Final = phrase(r"(?:^|[.;]\s)\W*(?:compared (?:with|to)|against|next to|(?:di|ber)?banding(?:kan)?(?: dengan)?)\s[^\d,;]{0,30}$")  # fmt: skip
_IS_MORE: Final = phrase(r"\s(?:is|are|was|adalah)?\s?(?:(?P<less>lower|smaller|weaker|less|lebih (?:rendah|kecil|lemah))|higher|larger|bigger|stronger|greater|more|lebih (?:tinggi|besar|kuat))(?:\W*$|,)")  # fmt: skip
_CLOSE: Final = 0.02


def check_values(said: Claims, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Yield a complaint for every two told values that are compared the wrong way round."""
    yield from _values(said, ledger)
    yield from _against(said, ledger)
    yield from _held_first(said, ledger)
    yield from _apart(said, ledger, table)


def _values(said: Claims, ledger: Ledger) -> Iterator[str]:
    """Check "1.93 is below the required 1.2": two values that are told, one after the other."""
    known = sorted(ledger.known, key=lambda one: one[0].start)
    for (mine, first, unit), (yours, second, other) in pairwise(known):
        match = RELATION.search(said.text[: yours.start], mine.end)
        if (
            match is None
            or unit is not other
            or unit in _NOT_COMPARED
            or yours.partner
            or match["beyond"]
        ):
            continue
        ahead_of = said.text[said.clause(match.start())[0] : match.start()]
        ahead_of = ahead_of.removesuffix("would have ")  # of values, which are what they are
        if CONDITIONAL.search(ahead_of) or NEGATION.search(ahead_of):
            continue
        subjects: tuple[Span, ...] = (*said.frames, *said.contracts)
        near = (
            not any(mine.end <= one.start < match.end() for one in subjects)
            and BETWEEN.fullmatch(_between(mine.end, match.start(), said))
            and _SHORTLY.fullmatch(_between(match.end(), yours.start, said))
            and not OTHERWISE.search(said.text[mine.end : match.start()])
        )
        apart = len(ledger.matched[mine.start]) != 1 or (
            unit is Unit.ATR and SIDE.match(said.text[mine.end :])
        )
        if not near or apart or SIDE.match(said.text[yours.end :]):
            continue
        by_size = second >= 0 or _STRENGTH.search(match[0])
        one, two = (abs(first), abs(second)) if by_size else (first, second)
        if one != two and (one > two) is not bool(match["above"]):
            yield f"{mine.text} is not {match[0].strip()} {yours.text}"


def _apart(said: Claims, ledger: Ledger, table: FactTable) -> Iterator[str]:
    """Check "74.5 is 20.4 points below the hourly 54.1": the way between two values that are told."""
    known = sorted(ledger.known, key=lambda one: one[0].start)
    for (mine, first, unit), (way, between, _) in pairwise(known):
        side = SIDE.match(said.text[way.end :])
        if side is None or CONDITIONAL.search(said.text[mine.end : way.start]):
            continue
        end = way.end + side.end()
        later = [one for one in known if one[0].start >= end and one[2] is unit]
        bases = [later[0][1]] if later and later[0][0].start - end < _NEAR else []
        label = next((one for one in said.labels if one.start >= end), None)
        if not bases and label and label.start - end < _NEAR:
            symbols = {table.by_id[name].symbol for name in ledger.matched[mine.start]}
            bases = [
                one.number
                for symbol in symbols
                for one in candidates(table, (symbol,), "", label.concepts[:1])
                if one.number and one.unit is unit
            ]
        for base in bases:
            for one, two in ((first, base), (abs(first), abs(base))):
                if abs(abs(one - two) - between) < _CLOSE * between < abs(two - between):
                    if (one > two) is not bool(side["above"]):
                        yield f"{mine.text} is not {way.text}{side[0]} {base:g}"
                    break


def _against(said: Claims, ledger: Ledger) -> Iterator[str]:
    """Check "the calmer one, 5.34 % against 3.19 %": two values held against each other."""
    known = sorted(ledger.known, key=lambda one: one[0].start)
    for (mine, first, unit), (yours, second, other) in pairwise(known):
        ways = list(_DEGREE.finditer(said.text[: mine.start]))
        if unit is not other or not ways or not _HELD.fullmatch(said.bare[mine.end : yours.start]):
            continue
        told = said.bare[ways[-1].start() : mine.start]
        if re.search(r"\d", told) or NEGATION.search(told):
            continue
        fits = first > second or abs(first) > abs(second)
        if ways[-1]["less"]:
            fits = first < second or abs(first) < abs(second)
        if first != second and not fits:
            yield f"{mine.text} is not {ways[-1][0]} {yours.text}"


def _held_first(said: Claims, ledger: Ledger) -> Iterator[str]:
    """Check "compared with BTC's 27.4, its ADX of 15.4 is higher"."""
    known = sorted(ledger.known, key=lambda one: one[0].start)
    for (yours, second, other), (mine, first, unit) in pairwise(known):
        way = _IS_MORE.match(said.text[mine.end :])
        if way is None or unit is not other or not _HELD_FIRST.search(said.text[: yours.start]):
            continue
        if first != second and (abs(first) < abs(second)) is not bool(way["less"]):
            yield f"{mine.text} is not {way[0].strip()} than {yours.text}"


def _between(start: int, end: int, said: Claims) -> str:
    """Return the words between two places that are no names."""
    words = said.bare
    for one in said.labels:
        if start <= one.start and one.end <= end:
            words = words[: one.start] + " " * (one.end - one.start) + words[one.end :]
    return words[start:end]

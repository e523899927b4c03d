"""Which of two named things lies above the other: "the stop is below the swing low"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, GREATER, NEGATION, SMALLER, phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.scope import Focus, candidates
from ai_analyst.core.verifier.subjects import contracts_at

RELATION: Final = phrase(
    r"\b(?:"
    rf"(?P<above>above|over(?! (?:(?:the )?(?:last|past|next)|\d+ (?:hours?|h|days?|jam))\b)|(?P<beyond>beyond)|ahead of|(?:{GREATER}) (?:than|dari|daripada)|exceed(?:s|ing)?|tops|beats?|clear(?:s|ed)|surpass(?:es)?|meets?|met|leads?|di atas|memenuhi|melebihi|melampaui|melewati)|"
    rf"(?P<below>below|under|underneath|beneath|behind|(?:{SMALLER}) (?:than|dari|daripada)|short of|trails|(?:misses|missed|fails|failed)(?!\s(?:by|oleh))|(?:does not|doesn['’]t|fails to|did not|didn['’]t|tidak|belum) (?:quite )?(?:meet|clear|reach|beat|memenuhi|mencapai|melewati)|di bawah)"
    r")\b"
)
BETWEEN: Final = re.compile(r"[^.;:|\w]*(?:\w+['’]?\w*[^.;:|\w]*){0,6}")
"""So few words may stand between a name and what it is compared by."""
OTHERWISE: Final = phrase(
    r"\b(?:and|but|while|whereas|dan|sedangkan|tetapi|above|below|over|under)\b"
)
"""Behind a comparison whose other side is not the next name: "less than 1 ATR above"."""
_LENGTHS: Final = {"atr", "risk", "cost"}
"""Prices that are lengths and lie nowhere."""
_RELATED: Final = frozenset({Unit.PRICE, Unit.LEVEL, Unit.POINTS})
_LIMIT_OF: Final = {"distance_ema_21": "overextension", "funding": "funding_8h"}
"""Under which name the gate of a value keeps its limit."""
EVERY: Final = phrase(r"\b(?:all|every|each|both|semua|seluruh)\b")
_MARKET: Final = phrase(r"\s(?:the\s)?(?:current\s)?market\b(?! price| mean)")
_OF: Final = re.compile(r"[\s(]*(?:(?:of|at|di|near)\s)?[$]?")
_TRADES: Final = phrase(r"\W*(?:(?:still|now|currently|masih|sedang|kini)\s)*(?:trad(?:es|ing)|sits?|stands?|holds?|is|remains?|stays?|hovers?|diperdagangkan|berada|ada|sudah|masih|kini)(?:\s\w+){0,2}\s")  # fmt: skip
"""Between a contract and where its price is: "SOL trades above"."""


_GOES_ON: Final = phrase(
    r"\W*(?:and|but|dan)\s(?:is|lies|sits|stands|stays|berada)\s(?:\w+\s){0,2}$"
)
"""Before a comparison in a clause that goes on about what was named last."""
_IT: Final = phrase(r"\b(?:it|ia)(?:\sis|['’]s|\strades|\ssits|\sberada)\s(?:\w+\s){0,2}$")
_DENIED: Final = phrase(r"\b(?:do(?:es)? not|doesn['’]t|is not|isn['’]t|fails to|tidak)\s(?:even\s|quite\s)?$")  # fmt: skip
"""Right before a comparison that is denied: "does not clear"."""
_WOULD_BE: Final = phrase(r"\bwould (?=be|sit|lie|still|also)")
"""Of a level, which lies where it lies."""
_ENDS: Final = phrase(r"\s*(?:[.;]|$)")
"""Behind a side that nothing is named beside: "the EMA 200 is far below" the price."""
_OF_A_NUMBER: Final = phrase(r"\d,\s(?:which|yang)\b")
"""Before what is told of a number and of no name: "190,59, yang letaknya 2,8 % di atas entry"."""
_AN_AMOUNT: Final = phrase(r",\s(?:about\s|only\s|just\s|some\s)?[$~]?[\d.,]+\s?%?\s")
"""Between a name and how far beside it something else lies: "inside its bands, 1,199.9 above"."""


def check_relations(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Yield a complaint for every pair of facts that is said to lie the other way round."""
    for match in RELATION.finditer(said.text):
        begin, end = said.clause(match.start())
        denied = _DENIED.search(said.text[begin : match.start()])
        ahead = (
            said.text[begin : begin + denied.start()]
            if denied
            else said.text[begin : match.start()]
        )
        rest = f"{ahead} {said.text[match.end() : end]}" if not denied else ahead
        mine, other = named_before(match, said), named_behind(match, said)
        placed = mine is not None and mine.concepts[0] != "price"
        clause = _WOULD_BE.sub("", said.text[begin:end]) if placed else said.text[begin:end]
        if CONDITIONAL.search(clause) or NEGATION.search(rest):
            continue
        if mine is None or other is None or mine.concepts[0] == other.concepts[0]:
            continue
        if _OF_A_NUMBER.search(said.text[mine.end : match.start()]) or _AN_AMOUNT.fullmatch(
            said.text[mine.end : match.start()]
        ):
            continue
        symbols = contracts_at(match.span(), said, focus, table)
        every = EVERY.search(said.text[match.end() : other.end])
        pairs = (
            [pair for symbol in symbols for pair in _limits(mine, symbol, table)]
            if "threshold" in other.concepts
            else [
                pair
                for concepts in ([(one,) for one in other.concepts] if every else [other.concepts])
                for pair in pairs_of(mine, replace(other, concepts=concepts), said, focus, table)
            ]
        )
        told = told_with(mine, match, said, ledger, table)
        if told and "threshold" not in other.concepts:
            pairs = [pair for pair in pairs if pair[0] in told] or pairs
        above = bool(match["above"]) is not bool(denied)
        falls = any(table.value(f"{one}.direction") == "short" for one in symbols)
        if match["beyond"] and falls and "threshold" not in other.concepts:
            above = not above
        given = set() if every else given_behind(other, said, ledger, table)
        pairs = [pair for pair in pairs if pair[1] in given] or pairs
        fits = [(one > limit) if above else (one < limit) for one, limit in pairs]
        if fits and not (all(fits) if every else any(fits)):
            yield f"{said.text[mine.start : other.end].strip()!r} is the wrong way round"


def named_before(match: re.Match[str], said: Claims) -> Label | None:
    """Return the name before a comparison; of a contract that trades somewhere its price."""
    begin = said.clause(match.start())[0]
    label = next((one for one in reversed(said.labels) if one.end <= match.start()), None)
    goes_on = _GOES_ON.match(said.text[begin : match.start()])
    if label and (goes_on or may_stand(label.end, match.start(), said)):
        return label
    it = _IT.search(said.text[begin : match.start()])
    if it:
        return Label(begin + it.start(), begin + it.end(), ("price",))
    named = next((one for one in reversed(said.contracts) if one.end <= match.start()), None)
    if named and named.start >= begin and _TRADES.fullmatch(said.text[named.end : match.start()]):
        return Label(named.start, named.end, ("price",))
    return None


def named_behind(match: re.Match[str], said: Claims) -> Label | None:
    """Return the name behind a comparison, where nothing else is compared in between."""
    market = _MARKET.match(said.text[match.end() :])
    if market:
        return Label(match.end(), match.end() + market.end(), ("price",))
    if _ENDS.match(said.text[match.end() :]) and not CONDITIONAL.search(said.text[: match.start()]):
        return Label(match.end(), match.end(), ("price",))
    label = next((one for one in said.labels if one.start >= match.end()), None)
    if label is None or not may_stand(match.end(), label.start, said):
        return None
    numbered = any(match.end() <= one.start < label.start for one in said.numbers)
    return None if numbered and "threshold" not in label.concepts else label


def told_with(
    mine: Label, match: re.Match[str], said: Claims, ledger: Ledger, table: FactTable
) -> set[float]:
    """Return the value a name is given with: "the swing low at 181.75 lies below"."""
    return {
        value
        for number in said.numbers
        if mine.end <= number.start < match.start()
        for name in ledger.matched.get(number.start, ())
        if (value := table.by_id[name].number) is not None
    }


def given_behind(other: Label, said: Claims, ledger: Ledger, table: FactTable) -> set[float]:
    """Return the value that stands behind the other name: "the swing high of 188.9"."""
    number = next((one for one in said.numbers if one.start >= other.end), None)
    if number is None or not _OF.fullmatch(said.text[other.end : number.start]):
        return set()
    return {
        value
        for name in ledger.matched.get(number.start, ())
        if (value := table.by_id[name].number) is not None
    }


def may_stand(start: int, end: int, said: Claims) -> bool:
    """Whether so few words stand between a name and a comparison that they belong together."""
    return bool(
        BETWEEN.fullmatch(said.bare[start:end]) and not OTHERWISE.search(said.text[start:end])
    )


def pairs_of(
    mine: Label, other: Label, said: Claims, focus: Focus, table: FactTable
) -> Iterator[tuple[float, float]]:
    """Yield the values two phrases can mean, of one unit and timeframe."""
    frames = {one.name for one in said.frames}
    for symbol in [one.symbol for one in said.contracts if one.symbol] or focus.symbols:
        for one in _valued(mine, symbol, table):
            for two in _valued(other, symbol, table):
                if one.unit is two.unit and _comparable(one, two, frames):
                    yield one.number or 0.0, two.number or 0.0


def _limits(label: Label, symbol: str, table: FactTable) -> Iterator[tuple[float, float]]:
    """Yield a value and the limit of its gate; a limit above zero is one of the value's size."""
    for concept in label.concepts:
        kept = _LIMIT_OF.get(concept, concept)
        found = [
            (one.number, limit.number)
            for one in candidates(table, (symbol,), "", (concept,))
            for limit in table.by_concept.get(kept, ())
            if limit.threshold and limit.symbol == symbol and not one.threshold
        ]
        told = [(one, limit) for one, limit in found if one is not None and limit is not None]
        if told:
            yield from ((one if limit < 0 else abs(one), limit) for one, limit in told)
            return


def _valued(label: Label, symbol: str, table: FactTable) -> list[Datum]:
    """Return the facts of the first concept a phrase names that has any."""
    for concept in label.concepts:
        found = [
            fact
            for fact in candidates(table, (symbol,), "", (concept,))
            if fact.unit in _RELATED
            and fact.number is not None
            and not fact.threshold
            and fact.concept not in _LENGTHS
        ]
        if found:
            return found
    return []


def _comparable(one: Datum, other: Datum, frames: set[str]) -> bool:
    told = {one.timeframe, other.timeframe} - {""}
    return len(told) < 2 and (not frames or not told or bool(told & frames))  # noqa: PLR2004 - two timeframes

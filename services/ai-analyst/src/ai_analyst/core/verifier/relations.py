"""Which of two named things lies above the other: "the stop is below the swing low"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.paper import Span
from ai_analyst.core.verifier.scope import Focus, candidates
from ai_analyst.core.verifier.sides import SIDE
from ai_analyst.core.verifier.subjects import contracts_at

_RELATION: Final = phrase(r"\b(?:(?P<above>above|higher than|greater than|larger than|exceeds?|tops|beats?|clears?|surpass(?:es)?|leads?|ahead of|over|(?P<beyond>beyond)|di atas|lebih (?:tinggi|besar) (?:dari|daripada)|melebihi|melampaui|melewati)|(?P<below>below|under|beneath|lower than|less than|smaller than|misses|falls short of|trails|behind|di bawah|lebih (?:rendah|kecil) (?:dari|daripada)))\b")  # fmt: skip
_BETWEEN: Final = re.compile(r"[^.;:|\w]*(?:\w+['’]?\w*[^.;:|\w]*){0,6}")
"""So few words may stand between a name and what it is compared by."""
_OTHERWISE: Final = phrase(r"\b(?:and|but|dan|tetapi|above|below|over|under|from)\b")
"""Behind a comparison whose other side is not the next name: "less than 1 ATR above"."""
_LENGTHS: Final = {"atr", "risk", "cost"}
"""Prices that are lengths and lie nowhere."""
_RELATED: Final = frozenset({Unit.PRICE, Unit.LEVEL, Unit.POINTS})
_LIMIT_OF: Final = {"distance_ema_21": "overextension", "funding": "funding_8h"}
"""Under which name the gate of a value keeps its limit."""
_EVERY: Final = phrase(r"\b(?:all|every|each|both|semua|seluruh)\b")
_AMID: Final = phrase(r"\b(?:between|di antara|antara)\b")
_AND: Final = phrase(r"\s(?:(?:at|of|di)\s)?(?:and|dan)\s(?:the\s|its\s)?(?:\w+\s)?")
_COMPARED: Final = phrase(r"\b(?:is|are|was|trades|sits|lies|stands|remains|stays|that['’]s|adalah|berada|sudah|masih|hanya)\s(?:\w+\s){0,2}?(?:(?P<above>above|over|(?:higher|larger|bigger|greater|stronger) than|di atas|lebih (?:tinggi|besar|kuat) (?:dari|daripada))|(?:below|under|(?:lower|smaller|weaker|less) than|short of|di bawah|lebih (?:rendah|kecil|lemah) (?:dari|daripada)))\b|\b(?:(?P<fails>(?:does not|doesn['’]t|fails to|did not|didn['’]t|tidak) (?:quite )?(?:meet|clear|reach|beat|memenuhi|mencapai)|falls short of|fell short of|(?:misses|missed|fails|failed)(?!\s(?:by|oleh)))|(?P<meets>clears|cleared|meets?|met|beats?|exceeds?|tops|memenuhi|melampaui|melebihi))\b")  # fmt: skip
_SHORTLY: Final = re.compile(r"[^.;|\w]*(?:\w+['’]?\w*[^.;|\w]*){0,4}")
_NOT_COMPARED: Final = {Unit.PLAIN, Unit.COUNT}
_MARKET: Final = phrase(r"\s(?:the\s)?(?:current\s)?market\b(?! price| mean)")
_TWO: Final = 2
_OF: Final = re.compile(r"[\s(]*(?:(?:of|at|di|near)\s)?[$]?")
_TRADES: Final = phrase(r"\W*(?:(?:still|now|currently|masih|sedang|kini)\s)*(?:trad(?:es|ing)|sits?|stands?|holds?|is|remains?|stays?|hovers?|diperdagangkan|berada|ada|sudah|masih|kini)(?:\s\w+){0,2}\s")  # fmt: skip
"""Between a contract and where its price is: "SOL trades above"."""


_GOES_ON: Final = phrase(
    r"\W*(?:and|but|dan)\s(?:is|lies|sits|stands|stays|berada)\s(?:\w+\s){0,2}$"
)
"""Before a comparison in a clause that goes on about what was named last."""
_IT: Final = phrase(r"\b(?:it|ia)(?:\sis|['’]s|\strades|\ssits|\sberada)\s(?:\w+\s){0,2}$")
_EQUAL: Final = phrase(r"\b(?:right|exactly|directly|precisely|tepat|persis)\s(?:at|on|di|pada)\b(?!\s(?:atas|bawah))")  # fmt: skip
_DENIED: Final = phrase(r"\b(?:do(?:es)? not|doesn['’]t|is not|isn['’]t|fails to|tidak)\s(?:even\s|quite\s)?$")  # fmt: skip
"""Right before a comparison that is denied: "does not clear"."""
_WOULD_BE: Final = phrase(r"\bwould (?=be|sit|lie|still|also)")
"""Of a level, which lies where it lies."""
_MUST: Final = phrase(r"\b(?:must|has to|have to|needs? to|harus|perlu)\s(?:first\s|dulu\s)?(?:(?P<up>rise|climb|rally|bounce|naik)|(?:fall|drop|dip|decline|turun))\s(?:back\s)?(?:to|ke)\s(?:(?:at least|about|around|roughly|sekitar)\s)?\$?")  # fmt: skip
_PASSED: Final = phrase(r"\b(?:has|have|had|is|was|sudah|telah)\s(?:\w+\s){0,2}?(?:(?P<been>been (?:broken|cleared|taken out|breached)|ditembus|dilewati)|(?P<up>cleared|taken out|reclaimed|broken (?:above|through)|risen above|climbed above|pushed (?:above|past)|menembus)|(?:lost|(?:broken|fallen|slipped|dropped) (?:below|under)|(?:turun|jatuh) (?:ke |di )?bawah))\b")  # fmt: skip
_DEGREE: Final = phrase(r"\b(?:(?P<less>lower|smaller|weaker|less volatile|calmer|quieter|(?:less|kurang) (?!than|dari)\w+|worse|fewer|thinner|narrower|shorter|lebih (?:rendah|kecil|lemah|tenang|sedikit))|higher|larger|bigger|stronger|better|(?:more|lebih) (?!than|dari)\w+|wilder|greater|wider|longer|lebih (?:tinggi|besar|kuat|volatil|banyak))\b")  # fmt: skip
_HELD: Final = phrase(r"[\s)]*(?:than|daripada|against|versus|vs\.?|compared (?:with|to)|(?:ber|di)?banding(?:kan)?|lawan)\s(?:[^\d.;]{0,24})")  # fmt: skip
"""Between a value and the one it is held against."""
_OF_A_NUMBER: Final = phrase(r"\d,\s(?:which|yang)\b")
"""Before what is told of a number and of no name: "190,59, yang letaknya 2,8 % di atas entry"."""
_AN_AMOUNT: Final = phrase(r",\s(?:about\s|only\s|just\s|some\s)?[$~]?[\d.,]+\s?%?\s")
"""Between a name and how far beside it something else lies: "inside its bands, 1,199.9 above"."""
_SAME: Final = 0.0005


def check_relations(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Yield a complaint for every pair of facts that is said to lie the other way round."""
    yield from _betweens(said, focus, table)
    yield from _values(said, ledger)
    yield from _against(said, ledger)
    yield from _ways(said, focus, table, ledger)
    yield from _passed(said, focus, table, ledger)
    yield from _equals(said, focus, table)
    for match in _RELATION.finditer(said.text):
        begin, end = said.clause(match.start())
        denied = _DENIED.search(said.text[begin : match.start()])
        rest = said.text[begin : begin + denied.start()] if denied else said.text[begin:end]
        mine, other = _mine(match, said), _other(match, said)
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
        every = _EVERY.search(said.text[match.end() : other.end])
        pairs = (
            [pair for symbol in symbols for pair in _limits(mine, symbol, table)]
            if "threshold" in other.concepts
            else [
                pair
                for concepts in ([(one,) for one in other.concepts] if every else [other.concepts])
                for pair in _pairs(mine, replace(other, concepts=concepts), said, focus, table)
            ]
        )
        told = _told(mine, match, said, ledger, table)
        if told and "threshold" not in other.concepts:
            pairs = [pair for pair in pairs if pair[0] in told] or pairs
        above = bool(match["above"]) is not bool(denied)
        falls = any(table.value(f"{one}.direction") == "short" for one in symbols)
        if match["beyond"] and falls and "threshold" not in other.concepts:
            above = not above
        given = set() if every else _given(other, said, ledger, table)
        pairs = [pair for pair in pairs if pair[1] in given] or pairs
        fits = [(one > limit) if above else (one < limit) for one, limit in pairs]
        if fits and not (all(fits) if every else any(fits)):
            yield f"{said.text[mine.start : other.end].strip()!r} is the wrong way round"


def _mine(match: re.Match[str], said: Claims) -> Label | None:
    """Return the name before a comparison; of a contract that trades somewhere its price."""
    begin = said.clause(match.start())[0]
    label = next((one for one in reversed(said.labels) if one.end <= match.start()), None)
    goes_on = _GOES_ON.match(said.text[begin : match.start()])
    if label and (goes_on or _may_stand(label.end, match.start(), said)):
        return label
    it = _IT.search(said.text[begin : match.start()])
    if it:
        return Label(begin + it.start(), begin + it.end(), ("price",))
    named = next((one for one in reversed(said.contracts) if one.end <= match.start()), None)
    if named and named.start >= begin and _TRADES.fullmatch(said.text[named.end : match.start()]):
        return Label(named.start, named.end, ("price",))
    return None


def _other(match: re.Match[str], said: Claims) -> Label | None:
    """Return the name behind a comparison, where nothing else is compared in between."""
    market = _MARKET.match(said.text[match.end() :])
    if market:
        return Label(match.end(), match.end() + market.end(), ("price",))
    label = next((one for one in said.labels if one.start >= match.end()), None)
    if label is None or not _may_stand(match.end(), label.start, said):
        return None
    numbered = any(match.end() <= one.start < label.start for one in said.numbers)
    return None if numbered and "threshold" not in label.concepts else label


def _ways(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Check "price must first fall to 185.4" against where price is."""
    for match in _MUST.finditer(said.text):
        levels = [
            value
            for number, value, unit in ledger.known
            if number.start == match.end() and unit is Unit.PRICE
        ]
        for symbol in contracts_at(match.span(), said, focus, table):
            price = table.value(f"{symbol}.price")
            if isinstance(price, float) and any(
                (level > price) is not bool(match["up"]) for level in levels
            ):
                yield f"{match[0].strip()!r} is the other way"


def _passed(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Check "price has lost its 200 EMA" and "the swing high has been broken"."""
    for match in _PASSED.finditer(said.text):
        begin, end = said.clause(match.start())
        if CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(
            said.text[begin : match.end()]
        ):
            continue
        before = [one for one in said.labels if one.end <= match.start()]
        level = before[-1] if match["been"] and before else _other(match, said)
        if not match["been"] and before and _may_stand(before[-1].end, match.start(), said):
            level = level if before[-1].concepts[0] == "price" else None
        swing = {"swing_high", "swing_low"} & set(level.concepts[:1]) if level else set()
        if level is None or (match["been"] and not swing):
            continue
        above = "swing_high" in swing if match["been"] else bool(match["up"])
        price = Label(match.start(), match.end(), ("price",))
        told = _told(level, match, said, ledger, table) | _given(level, said, ledger, table)
        every = _EVERY.search(said.text[match.end() : level.end])
        levels = [(one,) for one in level.concepts] if every else [level.concepts]
        pairs = [
            pair
            for concepts in levels
            for pair in _pairs(price, replace(level, concepts=concepts), said, focus, table)
        ]
        pairs = [pair for pair in pairs if pair[1] in told] or pairs
        fits = [(one > other) is above for one, other in pairs]
        if fits and not (all(fits) if every else any(fits)):
            yield f"{match[0]!r} is not so"


def _told(
    mine: Label, match: re.Match[str], said: Claims, ledger: Ledger, table: FactTable
) -> set[float]:
    """Return the value a name is given with: "the swing low at 181.75 lies below"."""
    return {
        value
        for number in said.numbers
        if mine.end <= number.start < match.start()
        for name in ledger.matched.get(number.text, ())
        if (value := table.by_id[name].number) is not None
    }


def _given(other: Label, said: Claims, ledger: Ledger, table: FactTable) -> set[float]:
    """Return the value that stands behind the other name: "the swing high of 188.9"."""
    number = next((one for one in said.numbers if one.start >= other.end), None)
    if number is None or not _OF.fullmatch(said.text[other.end : number.start]):
        return set()
    return {
        value
        for name in ledger.matched.get(number.text, ())
        if (value := table.by_id[name].number) is not None
    }


def _equals(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the stop sits exactly at the swing low"."""
    for match in _EQUAL.finditer(said.text):
        begin, end = said.clause(match.start())
        mine = next((one for one in reversed(said.labels) if one.end <= match.start()), None)
        other = _other(match, said)
        if mine is None or other is None or not _may_stand(mine.end, match.start(), said):
            continue
        if CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(said.text[begin:end]):
            continue
        pairs = list(_pairs(mine, other, said, focus, table))
        if pairs and not any(abs(one - two) <= _SAME * abs(two) for one, two in pairs):
            yield f"{said.text[mine.start : other.end].strip()!r} is not where it is"


def _values(said: Claims, ledger: Ledger) -> Iterator[str]:
    """Check "1.93 is below the required 1.2": two values that are told, one after the other."""
    for match in _COMPARED.finditer(said.text):
        ahead_of = said.text[said.clause(match.start())[0] : match.start()]
        ahead_of = ahead_of.removesuffix("would have ")  # of values, which are what they are
        if CONDITIONAL.search(ahead_of) or NEGATION.search(ahead_of):
            continue
        ahead = [one for one in ledger.known if one[0].end <= match.start()]
        behind = [one for one in ledger.known if one[0].start >= match.end()]
        if not ahead or not behind:
            continue
        one = max(ahead, key=lambda known: known[0].start)
        other = min(behind, key=lambda known: known[0].start)
        subjects: tuple[Span, ...] = (*said.frames, *said.contracts)
        near = (
            not any(one[0].end <= subject.start < match.end() for subject in subjects)
            and _BETWEEN.fullmatch(said.bare[one[0].end : match.start()])
            and _SHORTLY.fullmatch(said.bare[match.end() : other[0].start])
            and not _OTHERWISE.search(said.text[one[0].end : match.start()])
        )
        apart = SIDE.match(said.text[other[0].end :])
        if not near or apart or one[2] is not other[2] or one[2] in _NOT_COMPARED:
            continue
        by_size = other[1] >= 0 or re.search(r"strong|weak|kuat|lemah", match[0])
        mine, yours = (abs(one[1]), abs(other[1])) if by_size else (one[1], other[1])
        if mine != yours and (mine > yours) is not bool(match["above"] or match["meets"]):
            yield f"{one[0].text} is not {match[0].strip()} {other[0].text}"


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


def _betweens(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "price sits between the EMA 9 and the EMA 21"."""
    for match in _AMID.finditer(said.text):
        ahead = [one for one in said.labels if one.start >= match.end()][:2]
        begin, end = said.clause(match.start())
        if len(ahead) < _TWO or CONDITIONAL.search(said.text[begin:end]):
            continue
        mine = _mine(match, said)
        between = re.sub(r"\s+", " ", said.bare[ahead[0].end : ahead[1].start])
        if mine is None or not _AND.fullmatch(between):
            continue
        low = list(_pairs(mine, ahead[0], said, focus, table))
        high = list(_pairs(mine, ahead[1], said, focus, table))
        if (
            low
            and high
            and not any(
                (one - limit) * (one - other) <= 0 for one, limit in low for _, other in high
            )
        ):
            yield f"{said.text[match.start() : ahead[1].end]!r} is not where it is"


def _may_stand(start: int, end: int, said: Claims) -> bool:
    return bool(
        _BETWEEN.fullmatch(said.bare[start:end]) and not _OTHERWISE.search(said.text[start:end])
    )


def _pairs(
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

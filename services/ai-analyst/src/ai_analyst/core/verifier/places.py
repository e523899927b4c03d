"""Where a thing is said to lie without being compared: between two, exactly at one, past one."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.relations import (
    EVERY,
    given_behind,
    may_stand,
    named_before,
    named_behind,
    pairs_of,
    told_with,
)
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import contracts_at

_AMID: Final = phrase(r"\b(?:between|di antara|antara)\b")
_AND: Final = phrase(r"\s(?:(?:at|of|di)\s)?(?:and|dan)\s(?:the\s|its\s)?(?:\w+\s)?")
_EQUAL: Final = phrase(r"\b(?:right|exactly|directly|precisely|tepat|persis)\s(?:at|on|di|pada)\b(?!\s(?:atas|bawah))")  # fmt: skip
_MUST: Final = phrase(r"\b(?:must|has to|have to|needs? to|harus|perlu)\s(?:first\s|dulu\s)?(?:(?P<up>rise|climb|rally|bounce|naik)|(?:fall|drop|dip|decline|turun))\s(?:back\s)?(?:to|ke)\s(?:(?:at least|about|around|roughly|sekitar)\s)?\$?")  # fmt: skip
_PASSED: Final = phrase(r"\b(?:has|have|had|is|was|sudah|telah)\s(?:\w+\s){0,2}?(?:(?P<been>been (?:broken|cleared|taken out|breached)|ditembus|dilewati)|(?P<up>cleared|taken out|reclaimed|broken (?:above|through)|risen above|climbed above|pushed (?:above|past)|menembus)|(?:lost|(?:broken|fallen|slipped|dropped) (?:below|under)|(?:turun|jatuh) (?:ke |di )?bawah))\b")  # fmt: skip
_STANDS: Final = phrase(r"\b(?:price|harga(?:nya)?)\s(?:\w+\s){0,2}?(?:is|sits|trades|stands|remains|stays|berada)\s(?:\w+\s){0,2}?(?:(?P<up>above|over|di atas)|below|under|beneath|di bawah)\s\$?")  # fmt: skip
_FROM: Final = phrase(r"\b(?:from|dari)\s\$?$")
"""Before the first of two that a move is between: "from 97,250 to 99,905.9"."""
_CALLED_ZONE: Final = phrase(r"\b(?:zon[ea]|range|area)\b")
_SAME: Final = 0.0005
_ZONE: Final = {"zone_low", "zone_high", "entry"}
_PRICES: Final = {"price", "close", "mark", "index"}
_TWO: Final = 2


def check_places(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Yield a complaint for everything that does not lie where it is said to."""
    yield from _betweens(said, focus, table)
    yield from _zones(said, table, ledger)
    yield from _ways(said, focus, table, ledger)
    yield from _passed(said, focus, table, ledger)
    yield from _equals(said, focus, table)


def _zones(said: Claims, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Check that "183.67 to 185.4" is a zone, or no end of it is one of a zone's."""
    for one, other in pairwise(said.numbers):
        ends = [
            table.by_id[name].concept
            for end in (one, other)
            for name in ledger.matched.get(end.start, ())
        ]
        if (
            one.partner
            and len(ends) == _TWO
            and (ends[0] in _ZONE) is not (ends[1] in _ZONE)
            and not _PRICES & set(ends)
            and (said.find(_CALLED_ZONE) or not _FROM.search(said.text[: one.start]))
        ):
            yield f"{one.text} to {other.text} is no zone"


def _betweens(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "price sits between the EMA 9 and the EMA 21"."""
    for match in _AMID.finditer(said.text):
        ahead = [one for one in said.labels if one.start >= match.end()][:2]
        begin, end = said.clause(match.start())
        if len(ahead) < _TWO or CONDITIONAL.search(said.text[begin:end]):
            continue
        mine = named_before(match, said)
        between = re.sub(r"\s+", " ", said.bare[ahead[0].end : ahead[1].start])
        if mine is None or not _AND.fullmatch(between):
            continue
        low = list(pairs_of(mine, ahead[0], said, focus, table))
        high = list(pairs_of(mine, ahead[1], said, focus, table))
        if (
            low
            and high
            and not any(
                (one - limit) * (one - other) <= 0 for one, limit in low for _, other in high
            )
        ):
            yield f"{said.text[match.start() : ahead[1].end]!r} is not where it is"


def _ways(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Check "price must first fall to 185.4" and "price is above 185.4" against where price is."""
    ahead = [(match, bool(match["up"])) for match in _MUST.finditer(said.text)]
    stands = (match for match in _STANDS.finditer(said.text) if _is_told(match, said))
    for match, higher in [*ahead, *((match, not match["up"]) for match in stands)]:
        levels = [
            value
            for number, value, unit in ledger.known
            if number.start == match.end() and unit is Unit.PRICE
        ]
        for symbol in contracts_at(match.span(), said, focus, table):
            price = table.value(f"{symbol}.price")
            if isinstance(price, float) and any(
                level != price and (level > price) is not higher for level in levels
            ):
                yield f"{match[0].strip()!r} is the other way"


def _is_told(match: re.Match[str], said: Claims) -> bool:
    """Whether a thing is told as it is: neither supposed nor denied in its clause."""
    begin, end = said.clause(match.start())
    return not (
        CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(said.text[begin : match.end()])
    )


def _passed(said: Claims, focus: Focus, table: FactTable, ledger: Ledger) -> Iterator[str]:
    """Check "price has lost its 200 EMA" and "the swing high has been broken"."""
    for match in _PASSED.finditer(said.text):
        if not _is_told(match, said):
            continue
        before = [one for one in said.labels if one.end <= match.start()]
        level = before[-1] if match["been"] and before else named_behind(match, said)
        if not match["been"] and before and may_stand(before[-1].end, match.start(), said):
            level = level if before[-1].concepts[0] == "price" else None
        swing = {"swing_high", "swing_low"} & set(level.concepts[:1]) if level else set()
        if level is None or (match["been"] and not swing):
            continue
        above = "swing_high" in swing if match["been"] else bool(match["up"])
        price = Label(match.start(), match.end(), ("price",))
        told = told_with(level, match, said, ledger, table) | given_behind(
            level, said, ledger, table
        )
        every = EVERY.search(said.text[match.end() : level.end])
        levels = [(one,) for one in level.concepts] if every else [level.concepts]
        pairs = [
            pair
            for concepts in levels
            for pair in pairs_of(price, replace(level, concepts=concepts), said, focus, table)
        ]
        pairs = [pair for pair in pairs if pair[1] in told] or pairs
        fits = [(one > other) is above for one, other in pairs]
        if fits and not (all(fits) if every else any(fits)):
            yield f"{match[0]!r} is not so"


def _equals(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the stop sits exactly at the swing low"."""
    for match in _EQUAL.finditer(said.text):
        begin, end = said.clause(match.start())
        mine = next((one for one in reversed(said.labels) if one.end <= match.start()), None)
        other = named_behind(match, said)
        if mine is None or other is None or not may_stand(mine.end, match.start(), said):
            continue
        if CONDITIONAL.search(said.text[begin:end]) or NEGATION.search(said.text[begin:end]):
            continue
        pairs = list(pairs_of(mine, other, said, focus, table))
        if pairs and not any(abs(one - two) <= _SAME * abs(two) for one, two in pairs):
            yield f"{said.text[mine.start : other.end].strip()!r} is not where it is"

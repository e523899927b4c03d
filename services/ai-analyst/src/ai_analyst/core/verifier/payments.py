"""Who is said to pay whom for funding: "longs pay shorts", "you get paid as a short"."""

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.names import DIRECTIONS
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import contracts_at

_PAYS: Final = r"pay(?:s|ing)?|(?:mem)?bayar"
_GETS: Final = (
    r"receiv(?:es?|ed|ing)|collects?|earns?|menerima|(?:get(?:s|ting)?|are|is|being) paid|dibayar"
)
_VERB: Final = rf"(?:(?P<gets>{_GETS})|(?P<pays>{_PAYS}))"
_OF_THEM: Final = r"(?:the\s|yang\s|posisi\s|pihak\s)*"
_BEHIND: Final = phrase(rf"^\s+(?:\w+\s){{0,2}}?{_VERB}\b")
"""Behind a side: "longs currently pay"."""
_PAID_TO: Final = phrase(
    rf"\b(?:{_PAYS}|paid)\s(?:(?:\w+\s){{0,2}}?(?:to|ke|kepada)\s)?{_OF_THEM}$"
)
_PAID_BY: Final = phrase(rf"\b(?:{_GETS}|paid)\s(?:\w+\s)?(?:by|from|oleh|dari)\s{_OF_THEM}$")
"""Before the side that is paid, and before the one that pays."""
_YOU: Final = phrase(rf"\b(?:you|anda|kamu)(?:['’](?:d|ll|re))?\s(?:\w+\s){{0,3}}?{_VERB}\b")
_AS_A: Final = phrase(r"\b(?:as an?|sebagai)\s$")
_NEAR: Final = 28


def role(match: re.Match[str], text: str) -> int:
    """Return +1 for a side that is said to pay, −1 for one that is paid, else 0."""
    before = text[max(0, match.start() - _NEAR) : match.start()]
    if _PAID_BY.search(before):
        return 1
    if _PAID_TO.search(before):
        return -1
    behind = _BEHIND.match(text[match.end() :])
    return 0 if behind is None else -1 if behind["gets"] else 1


def check_payments(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every side that is said to pay and is paid, or the other way."""
    if not any("funding" in label.concepts for label in said.labels):
        return
    for match in DIRECTIONS.finditer(said.text):
        if role(match, said.text) and _stated(match, said):
            side = 1 if match["long"] else -1
            yield from _turned(side * role(match, said.text), match, said, focus, table)
    for match in _YOU.finditer(said.text):
        if not _stated(match, said) or NEGATION.match(said.text[match.end() :].lstrip()):
            continue
        named = (
            one for one in DIRECTIONS.finditer(said.text) if _AS_A.search(said.text[: one.start()])
        )
        told = next((1 if one["long"] else -1 for one in named), 0)
        pays = -1 if match["gets"] else 1
        for symbol in contracts_at(match.span(), said, focus, table):
            decision = table.value(f"{symbol}.decision")
            side = told or {"plan: long": 1, "plan: short": -1}.get(str(decision), 0)
            yield from _turned(side * pays, match, said, focus, table)


def _stated(match: re.Match[str], said: Claims) -> bool:
    begin, end = said.clause(match.start())
    before = said.text[max(begin, match.start() - _NEAR) : match.start()]
    return not CONDITIONAL.search(said.text[begin:end]) and not NEGATION.search(before)


def _turned(
    payer: int, match: re.Match[str], said: Claims, focus: Focus, table: FactTable
) -> Iterator[str]:
    """Yield a complaint where the payer, longs +1 or shorts −1, is the other side by the rate."""
    for symbol in contracts_at(match.span(), said, focus, table):
        rate = table.value(f"{symbol}.funding_8h") or table.value(f"{symbol}.funding")
        if isinstance(rate, float) and rate * payer < 0:
            yield f"funding of {symbol} is {rate:+g} %, so the other side pays"

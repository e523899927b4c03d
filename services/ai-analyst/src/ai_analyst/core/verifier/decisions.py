"""What was decided, as an answer says it: who has a plan, who was blocked, which way most lean."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Callable, Iterator
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import NEGATION, phrase
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import sayings, stated

_BLOCKED: Final = phrase(r"\b(?:is|are|was|were|got|been|remains?|stays?|still|currently|both|(?:filed|listed|marked) as)\s(?:currently\s|still\s|being\s|both\s)?blocked\b|(?<!kontrak )\bdiblokir\b|(?<=\|\s)(?:blocked|diblokir)(?=\s\|)")  # fmt: skip
_HAS_PLAN: Final = phrase(r"\brencananya(?=\s(?:beli|jual|masuk|long|short)\b)|\b(?:(?:has|have|with|holds?|carries|comes? with|got|there is|there['’]s)\s(?:a|an|its)|(?:the|its)(?=\s(?:\w+\s){0,2}?plan\s(?:is to|calls for|has (?:a|its)|stays|remains|expires))|(?:punya|memiliki|mendapat(?:kan)?|ada))\s(?:(?:valid|active|live|open|clear|aktif)\s)*(?:(?:long|short)\s)?(?:trade\s)?(?:plan|rencana)\b|(?<=:\s)(?:long|short)\splan\s*$|\b(?:best|top|strongest|terbaik) (?:long|short|trade|setup|idea|candidate|plan)\b(?=[^.;]{0,30}(?:\b(?:is|adalah)\b|:))|\b(?:one of|among|salah satu dari)\s(?:the\s)?(?:\d+\s|twelve\s)?(?:(?:contracts|coins|kontrak)\s(?:with|that (?:got|have)|dengan)\s(?:a\s)?)?(?:plans?|rencana)\b")  # fmt: skip
_ALL_PLANS: Final = phrase(r"\b(?:all|every|semua)\s(?:of the\s|the\s)?(?:plans?|setups|rencana)\s(?:is|are|were|adalah|bersifat)?\s?(?P<side>long|short)")  # fmt: skip
_FILLED: Final = phrase(r"\b(?:(?:has|have) (?:already )?been|was|got|is already|sudah|telah)\s(?:already\s)?(?:filled|triggered|terisi)\b")  # fmt: skip
_NO_PLAN: Final = phrase(r"\b(?:no|without a|without any|tidak ada|tanpa|belum ada)\s(?:(?:valid|active|trade|trading)\s)*(?:plan|rencana|setup)\b(?!\s(?:is|can|comes|will|ever)\b)")  # fmt: skip
_PLANS: Final = phrase(r"\b(?:plans?|rencana)\b(?:(?:\sexist)?\s(?:are|is|were|include|for|adalah|yaitu|untuk)|:)\s(?=\S*[A-Z]{2,})(?P<list>(?:(?!\b(?:while|but|whereas|sedangkan|sementara|tetapi)\b)[^.;:])*)")  # fmt: skip
"""Before the contracts that are said to have plans."""
_HAVE_PLANS: Final = phrase(r"(?P<list>[^.;:]*)\b(?:have|got|punya|mendapat)\s(?:\w+\s)?(?:plans)\b")  # fmt: skip
_ALL_SCORED: Final = phrase(r"(?<!of )\b(?:all|every|each|semua|seluruh)\s(?:\w+\s){0,2}?(?:contracts?|symbols?|coins?|kontrak)\b[^.;,]{0,20}?\b(?:scored|evaluated|dinilai)\b")  # fmt: skip
_MOST: Final = phrase(r"\b(?:most|the majority of|mayoritas|sebagian besar)\s(?:of the\s)?(?:\w+\s)?(?:contracts|coins|symbols|market|kontrak|pasar)\b[^.;,]{0,30}?\b(?:(?P<above>above zero|long|bullish|positive|di atas nol)|(?:below zero|short|bearish|negative|di bawah nol))\b")  # fmt: skip
_MOST_OF: Final = phrase(r"\b(?:most|the majority of|mayoritas|sebagian besar|hampir semua)\s(?:of the\s)?(?:\w+\s)?(?:contracts|coins|symbols|kontrak)\s(?:\w+\s){0,2}?(?:(?P<blocked>blocked|diblokir)|(?P<plans>a plan|plans|rencana)|(?P<failures>failed|gagal))\b")  # fmt: skip
_MOST_BLOCKED: Final = phrase(r"\b(?:most|mayoritas|sebagian besar)\b[^.;]{0,20}\b(?:blocked|diblokir)\b[^.;]{0,40}\b(?:gates?|by|over\w*|oleh|karena|because)\b")  # fmt: skip
_OF_OTHERS: Final = phrase(r"(?:\d|\b(?:contracts|setups|coins|symbols|others?|kontrak|koin|one|two|three|dua|tiga|(?<!of )which)),?\s(?:\w+\s)?$|\bonly the (?:first|second|third|last)\s$")  # fmt: skip
"""Before a decision that is none of the contract asked about: "31 were blocked"."""
_HALF: Final = 0.5
_WEAK: Final = phrase(r"\b(?:scor(?:e[sd]?|ing)|skor(?:nya)?)\b(?:[^.;]|\.\d){0,30}?\b(?:too (?:low|weak)|terlalu (?:rendah|lemah)|(?:not|n['’]t) (?:\w+ )?enough|short of (?:what|the)|(?:not|n['’]t) (?:\w+ )?(?:reach|meet|clear) (?:the )?(?:50|threshold|minimum|bar)|(?:tidak|belum) (?:\w+ )?(?:cukup|mencapai|melewati|memenuhi))|\b(?:too (?:low|weak)|weak|low) (?:a )?score")  # fmt: skip
_NO_SETUP: Final = phrase(
    r"\b(?:has|have|had|with|there is|there['’]s) no setup\b|\b(?:tidak|belum) (?:punya|memiliki|ada) setup\b"
)
_BY_SCORE: Final = phrase(r"\b(?:blocked|refused|rejected|turned down|diblokir|ditolak)\b[^.;]{0,20}\b(?:because|since|as|due to|over|for|karena|akibat)\s(?:of\s|its\s|the\s)*(?:score|skor)")  # fmt: skip
_DECISIONS: Final[tuple[tuple[re.Pattern[str], Callable[[str], bool], str], ...]] = (
    (_BLOCKED, lambda told: "blocked" in told, "was not blocked"),
    (_HAS_PLAN, lambda told: told.startswith("plan"), "has no plan"),
    (_NO_PLAN, lambda told: not told.startswith("plan"), "has a plan"),
    (_NO_SETUP, lambda told: "no setup" in told, "had a setup"),
    (_BY_SCORE, lambda told: "no setup" in told, "was not refused for its score"),
    (_WEAK, lambda told: "no setup" in told, "scored high enough"),
)
"""Words of a decision, which decisions they fit, and the complaint about another."""


_ONE_OF_THEM: Final = phrase(r"\b(?:one of (?:them|these|those)|salah satunya|termasuk di antaranya)\b")  # fmt: skip
_DECIDED: Final[dict[str, Callable[[str], bool]]] = {
    "blocked": lambda told: "blocked" in told,
    "plans": lambda told: told.startswith("plan"),
    "no_setup": lambda told: "no setup" in told,
}


def check_decisions(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every decision that was not made."""
    yield from _decisions(said, focus, table)
    yield from _one_of_them(said, focus, table)
    yield from _planned(said, table)
    yield from _plans(said, focus, table)
    yield from _market(said, table)


def _one_of_them(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "31 contracts were blocked, and BTCUSDT is one of them"."""
    for match, symbol in sayings(_ONE_OF_THEM, said, focus, table):
        kinds = [one.concepts[0] for one in said.labels if one.end <= match.start()]
        kind = next((one for one in reversed(kinds) if one in _DECIDED), "")
        told = table.value(f"{symbol}.decision")
        if kind and isinstance(told, str) and not _DECIDED[kind](told):
            yield f"{symbol} is none of them: {told}"


def _decisions(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check whether a contract has a plan, was blocked, or scored too low, as it is said."""
    for form, fits, complaint in _DECISIONS:
        for match, symbol in sayings(form, said, focus, table):
            told = table.value(f"{symbol}.decision")
            others = _OF_OTHERS.search(said.text[: match.start()])
            if isinstance(told, str) and not (fits(told) or others):
                yield f"{symbol} {complaint}"


def _planned(said: Claims, table: FactTable) -> Iterator[str]:
    """Check that every contract of "the plans are …" has one."""
    for match in (*_PLANS.finditer(said.text), *_HAVE_PLANS.finditer(said.text)):
        if NEGATION.search(match["list"]):
            continue
        for one in said.contracts:
            told = table.value(f"{one.symbol}.decision")
            named = match.start("list") <= one.start < match.end("list") and stated(match, said)
            if named and isinstance(told, str) and told.startswith("no"):
                yield f"{one.symbol} has no plan"


def _plans(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "all plans are long" and "the order was filled"."""
    for match in _ALL_PLANS.finditer(said.text):
        others = {f"plan: {side}" for side in ("long", "short")} - {
            f"plan: {match['side'].lower()}"
        }
        if any(one.value in others for one in table.by_concept.get("decision", ())):
            yield f"not every plan is {match['side']}"
    for _, symbol in sayings(_FILLED, said, focus, table):
        known = any(one.concept == "outcome" for one in table.of_symbol(symbol))
        if table.value(f"{symbol}.plan.entry") and not known:
            yield f"no fact says that {symbol} was filled"


def _market(said: Claims, table: FactTable) -> Iterator[str]:
    """Check "all contracts were scored" and "most contracts lean long"."""
    universe, scored = table.value("market.scan.universe"), table.value("market.scored")
    if said.find(_ALL_SCORED) and not said.find(NEGATION) and universe != scored:
        yield "not every contract was scored"
    for match in _MOST_OF.finditer(said.text):
        kind = match.lastgroup or ""
        counted = table.value(f"market.scan.{kind}")
        if isinstance(counted, float) and isinstance(universe, float) and counted * 2 < universe:
            yield f"market.scan.{kind} is {counted:g}"
    if said.find(_MOST_BLOCKED) and not said.find(NEGATION):
        yield "no fact says what most were blocked by"
    long = table.value("market.share_long")
    for match in _MOST.finditer(said.text):
        if isinstance(long, float) and (long > _HALF) is not bool(match["above"]):
            yield f"market.share_long is {long:g}"

"""What an answer says without a number: a gate's verdict, a decision, a regime, a kind of order.

Each rule reads one form of words, finds whom it is said of, and complains where a fact says
otherwise. Words that stand under a condition or a negation are left alone.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import contracts_at, frame_at

_NAMES_OF_GATES: Final = {
    "overextension": r"over[-\s]?exten(?:sion|ded)",
    "trap_wick": r"(?:adverse|trap)[-\s_]?wick",
    "oversized": r"oversized?(?:[-\s]candle)?",
    "htf_conflict": r"(?:htf|higher[-\s]time[-\s]?frame|time[-\s]?frame)[-_\s]conflict",
    "liquidity": r"liquidity|likuiditas",
    "funding": r"funding|pendanaan",
    "quality": r"(?:data[-\s])?quality|kualitas(?: data)?",
    "net_rr": r"net[-_\s]rr|net (?:reward[-\s]to[-\s]risk|R:R|RR)",
}
"""How people name a gate, where it is not by its own name."""
_GATE: Final = r"(?:gates?|checks?|filters?|tests?|gerbang|saringan|pemeriksaan)"
_VERDICTS: Final = (
    r"(?P<not_evaluated>(?:not|never|n['’]t|un|tidak|belum)(?: been| be)?[-\s]?(?:evaluated|dievaluasi|dinilai))|"
    r"(?P<passed>pass(?:es|ed|ing)?|clear(?:s|ed)|approv(?:es|ed)|lolos|lulus|meloloskan|terlewati)|"
    r"(?P<refused>refus(?:es|ed|ing)|reject(?:s|ed|ing)|block(?:s|ed|ing)|fail(?:s|ed|ing)?|veto(?:es|ed)?|said no|says no|menolak|memblokir|menahan|gagal|ditolak|diblokir|tertahan|terhalang)"
)
_AUXILIARY: Final = (
    r"(?:\s(?:is|was|were|has|have|been|also|itself|simply|clearly|juga|sudah|telah|yang))*\s"
)
_LINK: Final = (
    r"(?:\s(?:by|on|at|in|the|its|their|because of|due to|only|oleh|di|pada|karena|hanya))*\s"
)
_REGIMES: Final = (
    ("ranging", r"rang(?:ing|e[-\s]bound)|sideways|(?:menyamping|mendatar)|bergerak datar"),
    ("trending", r"trending(?![\s_](?:up|down|higher|lower))"),
    ("trending_up", r"trending[\s_](?:up|higher)|uptrend(?:ing)?"),
    ("trending_down", r"trending[\s_](?:down|lower)|downtrend(?:ing)?"),
)
_OVERALL: Final = re.compile(r"\b(?:overall|regime|as a whole|keseluruhan|rezim)\b", re.IGNORECASE)
_KINDS: Final = (
    (
        "plan.entry",
        "market",
        r"market (?:order|entry)|(?:ent(?:er|ers|ry|ered)|buy|sell|masuk)(?: is)? (?:at|di) (?:the )?market\b(?! price)|order pasar",
    ),
    (
        "plan.entry",
        "pullback",
        r"pull[-\s]?back (?:entry|order|zone|limit)|limit (?:order|entry)|entri pullback",
    ),
    (
        "plan.stop",
        "atr",
        r"ATR[-\s](?:based|derived) stop|ATR stop|stop (?:\S+ ){0,3}?(?:is )?(?:ATR[-\s](?:based|derived)|based on ATR)|stop berbasis ATR",
    ),
    (
        "plan.stop",
        "structure",
        r"structur(?:e|al)(?:[-\s]based)? stop|stop (?:\S+ ){0,4}?(?:is )?(?:structure[-\s]based|structural|(?:based on|behind|beyond) (?:the )?structure)|stop berbasis struktur",
    ),
)
_QUADRANTS: Final = re.compile(
    r"\b(?:(?P<new_longs>new longs|long build[-\s]?up|long baru)|(?P<new_shorts>new shorts|short build[-\s]?up|short baru)|"
    r"(?P<short_covering>short[-\s]covering)|(?P<long_unwinding>long[-\s](?:unwind\w*|liquidation)))\b",
    re.IGNORECASE,
)
_QUADRANT: Final = re.compile(r"\b(?:quadrant|kuadran)\b", re.IGNORECASE)
_BLOCKED: Final = re.compile(
    r"\b(?:is|are|was|were|got|been|remains?|stays?|still|currently|both)\s(?:currently\s|still\s|being\s|both\s)?blocked\b|(?<!kontrak )\bdiblokir\b",
    re.IGNORECASE,
)
_HAS_PLAN: Final = re.compile(
    r"\b(?:(?:has|have|with|holds?|carries|got|there is|there['’]s)\s(?:a|an|its)|(?:the|its)(?=\s(?:\w+\s){0,2}?plan\s(?:is to|calls for|has (?:a|its)|stays|remains|expires))|(?:punya|memiliki|mendapat(?:kan)?|ada))\s(?:(?:valid|active|live|open|clear|aktif)\s)*(?:(?:long|short)\s)?(?:trade\s)?(?:plan|rencana)\b",
    re.IGNORECASE,
)
_IN_ZONE: Final = re.compile(
    r"\b(?:inside|within|already in|now in|is in|di dalam|dalam)\s(?:the\s|its\s)?(?:(?:entry|pullback|sell|buy)\s)?(?:zone|zona)\b",
    re.IGNORECASE,
)
_ONE_VOTE: Final = re.compile(
    r"\b(?:only one|just one|one|a single|satu|hanya satu)\s(?:of (?:the|its) \w+\s)?(?:\w+\s)?(?:votes?|suara)\s(?:is|was|are|yang)?\s?(?P<side>long|short|bullish|bearish|negative|positive)",
    re.IGNORECASE,
)
_NO_PLAN: Final = re.compile(
    r"\b(?:no|without a|without any|tidak ada|tanpa|belum ada)\s(?:(?:valid|active|trade|trading)\s)*(?:plan|rencana|setup)\b",
    re.IGNORECASE,
)
_PLANS: Final = re.compile(
    r"\b(?:plans?|rencana)\b(?:\s(?:are|is|were|include|for|adalah|yaitu|untuk)|:)\s(?=\S*[A-Z]{2,})(?P<list>[^.;:]*)",
    re.IGNORECASE,
)
"""Before the contracts that are said to have plans."""
_ONE_VERDICT: Final = re.compile(
    rf"(?<!this )(?<!that )(?<!the )(?<!each )\b(?:one|a single|only one|satu)\s(?:\w+\s)?(?:(?:of the|dari)\s\w+\s)?(?:{_GATE}\s)?(?:was\s|has\s|yang\s)?(?:{_VERDICTS})\b",
    re.IGNORECASE,
)
_ALL_SCORED: Final = re.compile(
    r"(?<!of )\b(?:all|every|each|semua|seluruh)\s(?:\w+\s){0,2}?(?:contracts?|symbols?|coins?|kontrak)\b[^.;,]{0,20}?\b(?:scored|evaluated|dinilai)\b",
    re.IGNORECASE,
)
_MOST: Final = re.compile(
    r"\b(?:most|the majority of|mayoritas|sebagian besar)\s(?:of the\s)?(?:\w+\s)?(?:contracts|coins|symbols|market|kontrak|pasar)\b[^.;,]{0,30}?\b"
    r"(?:(?P<above>above zero|long|bullish|positive|di atas nol)|(?:below zero|short|bearish|negative|di bawah nol))\b",
    re.IGNORECASE,
)
_HALF: Final = 0.5
_NO_REFUSAL: Final = re.compile(
    r"\b(?:no|none of the|not a single|tidak ada(?: satu pun)?)\s(?:\w+\s)?(?:gates?|gerbang)(?: yang)?\s(?:\w+\s)?(?:refus\w+|reject\w+|block\w+|fail\w*|said no|menolak|gagal)",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(
    r"\b(?:scor(?:e[sd]?|ing)|skor(?:nya)?)\b[^.;]{0,30}?\b(?:too (?:low|weak)|terlalu (?:rendah|lemah))|\btoo (?:low|weak) (?:a )?score",
    re.IGNORECASE,
)
_DECISIONS: Final[tuple[tuple[re.Pattern[str], Callable[[str], bool], str], ...]] = (
    (_BLOCKED, lambda told: "blocked" in told, "was not blocked"),
    (_HAS_PLAN, lambda told: told.startswith("plan"), "has no plan"),
    (_NO_PLAN, lambda told: not told.startswith("plan"), "has a plan"),
    (_WEAK, lambda told: "no_setup" in told, "scored high enough"),
)
"""Words of a decision, which decisions they fit, and the complaint about another."""
_BEFORE: Final = 22
"""So far before a word a negation still belongs to it."""


def check_states(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every state that no fact of its contract bears out."""
    if said.text.rstrip().endswith("?"):
        return
    yield from _verdicts(said, focus, table)
    yield from _decisions(said, focus, table)
    yield from _planned(said, table)
    yield from _counts(said, focus, table)
    yield from _votes_and_zones(said, focus, table)
    yield from _regimes(said, focus, table)
    yield from _kinds(said, focus, table)
    yield from _quadrants(said, focus, table)


def _stated(match: re.Match[str], said: Claims) -> bool:
    """Whether a word is said of what is, and neither supposed nor denied."""
    begin, end = said.clause(match.start())
    before = said.text[max(begin, match.start() - _BEFORE) : match.start()]
    return not CONDITIONAL.search(said.text[begin:end]) and not NEGATION.search(before)


def _verdicts(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the funding gate passed", "blocked by the overextension gate"."""
    for name, behind, ahead in _gates_of(_names(table)):
        for pattern in (behind, ahead):
            for match in pattern.finditer(said.text):
                if not _stated(match, said):
                    continue
                for symbol in contracts_at(match.span(), said, focus, table):
                    verdict = table.value(f"{symbol}.gate.{name}.verdict")
                    if verdict is not None and match.groupdict()[str(verdict)] is None:
                        yield f"the gate {name} of {symbol} has {verdict}"


def _names(table: FactTable) -> tuple[str, ...]:
    return tuple(sorted({one.id.split(".")[2] for one in table.by_concept.get("verdict", ())}))


@lru_cache(maxsize=8)
def _gates_of(
    names: tuple[str, ...],
) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """Return for each gate the words with its verdict behind it and ahead of it."""
    found = []
    others = "|".join(_NAMES_OF_GATES.get(one, one.replace("_", r"[-_\s]")) for one in names)
    for name in names:
        own = _NAMES_OF_GATES.get(name, name.replace("_", r"[-_\s]"))
        gap = (
            rf"(?:(?!{others}|\b(?:not?|never|tidak|belum|other|all|every|lain)\b|{_GATE})[^.;|\n])"
        )
        behind = rf"\b(?:(?:{_GATE}\s)?(?:{own})(?:{_AUXILIARY}|\s{_GATE}{gap}{{0,50}}?\s)|{_GATE}\s(?:{own}){gap}{{0,40}}?\s)(?:{_VERDICTS})\b"
        ahead = (
            rf"\b(?:{_VERDICTS}){_LINK}(?:{_GATE}\s)?(?:{own})\b(?!\s(?:rate|threshold|limit|of))"
        )
        found.append((name, re.compile(behind, re.IGNORECASE), re.compile(ahead, re.IGNORECASE)))
    return tuple(found)


def _decisions(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check whether a contract has a plan, was blocked, or scored too low, as it is said."""
    for pattern, fits, complaint in _DECISIONS:
        for match in pattern.finditer(said.text):
            if not _stated(match, said):
                continue
            for symbol in contracts_at(match.span(), said, focus, table):
                told = table.value(f"{symbol}.decision")
                if isinstance(told, str) and not fits(told):
                    yield f"{symbol} {complaint}"


def _planned(said: Claims, table: FactTable) -> Iterator[str]:
    """Check that every contract of "the plans are …" has one."""
    for match in _PLANS.finditer(said.text):
        for one in said.contracts:
            told = table.value(f"{one.symbol}.decision")
            named = match.start("list") <= one.start < match.end("list") and _stated(match, said)
            if named and isinstance(told, str) and told.startswith("no"):
                yield f"{one.symbol} has no plan"


def _counts(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "one gate refused", "no gate refused" and "all were scored"."""
    for pattern in (_ONE_VERDICT, _NO_REFUSAL):
        for match in pattern.finditer(said.text):
            words = match.groupdict()
            kind = next((name for name in words if words[name]), "refused")
            wanted = 1.0 if pattern is _ONE_VERDICT else 0.0
            for symbol in contracts_at(match.span(), said, focus, table):
                counted = table.value(f"{symbol}.gates.{kind}")
                if isinstance(counted, float) and counted != wanted and _stated(match, said):
                    yield f"{symbol}.gates.{kind} is {counted:g}"
    universe, scored = table.value("market.scan.universe"), table.value("market.scored")
    if _ALL_SCORED.search(said.text) and not NEGATION.search(said.text) and universe != scored:
        yield "not every contract was scored"
    long = table.value("market.share_long")
    for match in _MOST.finditer(said.text):
        if isinstance(long, float) and (long > _HALF) is not bool(match["above"]):
            yield f"market.share_long is {long:g}"


def _votes_and_zones(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "only one vote is long" and "price is inside the entry zone"."""
    for match in _ONE_VOTE.finditer(said.text):
        side = "long" if match["side"].lower() in {"long", "bullish", "positive"} else "short"
        frame = frame_at(match.span(), said, focus)
        for symbol in contracts_at(match.span(), said, focus, table):
            told = table.value(f"{symbol}.{frame}.votes.{side}")
            if isinstance(told, float) and told != 1.0 and _stated(match, said):
                yield f"{symbol}.{frame}.votes.{side} is {told:g}"
    for match in _IN_ZONE.finditer(said.text):
        for symbol in contracts_at(match.span(), said, focus, table):
            price, low, high = (
                table.value(f"{symbol}.{one}")
                for one in ("price", "plan.zone_low", "plan.zone_high")
            )
            if not (
                isinstance(price, float) and isinstance(low, float) and isinstance(high, float)
            ):
                continue
            if not low <= price <= high and _stated(match, said):
                yield f"{symbol}.price is {price:g}"


def _regimes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "ranging" and "trending" against the regime of the timeframe, or of any."""
    for regime, words in _REGIMES:
        for match in re.finditer(rf"\b(?:{words})\b", said.text, re.IGNORECASE):
            if not _stated(match, said):
                continue
            begin, end = said.clause(match.start())
            frame = frame_at(match.span(), said, focus)
            ahead = _OVERALL.search(said.text[begin : match.start()])
            frame = "" if ahead and ahead[0].lower() != "regime" else frame
            for symbol in contracts_at(match.span(), said, focus, table):
                overall = _OVERALL.search(said.text[begin:end]) and not frame
                told = [
                    one.value
                    for one in table.by_concept.get("regime", ())
                    if one.symbol == symbol
                    and (one.timeframe == frame if frame or overall else True)
                ]
                if told and not any(str(one).startswith(regime) for one in told):
                    yield f"the regime of {symbol} is {told[0]}"


def _kinds(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check how a plan enters, and what its stop was made from."""
    for path, kind, words in _KINDS:
        for match in re.finditer(rf"\b(?:{words})", said.text, re.IGNORECASE):
            if not _stated(match, said):
                continue
            for symbol in contracts_at(match.span(), said, focus, table):
                fact = table.by_id.get(f"{symbol}.{path}")
                if fact is not None and fact.note and fact.note != kind:
                    yield f"{fact.id} is of the kind {fact.note}"


def _quadrants(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check what the quadrant is said to be; "suggests new shorts" is a reading of one's own."""
    for match in _QUADRANTS.finditer(said.text):
        if not (_stated(match, said) and _QUADRANT.search(said.text)):
            continue
        for symbol in contracts_at(match.span(), said, focus, table):
            told = table.value(f"{symbol}.quadrant_4h")
            if told != match.lastgroup:
                yield f"{symbol}.quadrant_4h is {told or 'not known'}"

"""What a gate is said to have decided: "the funding gate passed", "no gate refused"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import within
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.lexicon import gate_words
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import sayings, stated

_GATE: Final = r"(?:gates?|checks?|filters?|tests?|gerbang|saringan|pemeriksaan)"
_VERDICTS: Final = (
    r"(?P<not_evaluated>(?:not|never|n['’]t|un|tidak|belum)(?: been| be)?[-\s]?(?:evaluated|dievaluasi|dinilai))|"
    r"(?P<passed>pass(?:es|ed|ing)?|clear(?:s|ed)|approv(?:es|ed)|lolos|lulus|meloloskan|terlewati)|"
    r"(?P<refused>refus(?:es|ed|ing)|reject(?:s|ed|ing)|block(?:s|ed|ing)|fail(?:s|ed|ing)?|stop(?:s|ped)|turn(?:s|ed) (?:it |\w+ )?(?:down|away)|fell(?=\s(?:at|foul))|veto(?:es|ed)?|said no|says no|(?:obstacle|hurdle|blocker|problem|hambatan(?:nya)?|kendala(?:nya)?)\s(?:is|was|adalah|ialah)|menolak|memblokir|menahan|gagal|ditolak|diblokir|tertahan|terhalang)"
)
_VERDICT: Final = phrase(rf"\b(?:{_VERDICTS})\b")
_PAST: Final = phrase(r".*(?:ed|lolos|lulus|evaluated|menolak|ditolak)")
"""A verdict that was given, and not what a gate does in general."""
_LIST: Final = phrase(rf"(?:^|[;.]\s|[-*]\s)(?:\w+\s)?(?:{_VERDICTS})\s?:\s(?P<list>[^;.|]+)")
_AUXILIARY: Final = r"(?:\s?[:,])?(?:\s(?:is|was|were|has|have|been|also|itself|what|simply|clearly|juga|sudah|telah|yang))*\s"
_LINK: Final = r"(?:\s(?:by|on|at|in|the|its|their|because of|due to|foul|of|only|oleh|di|pada|karena|hanya|is|was|adalah))*\s"
_ONE_VERDICT: Final = phrase(rf"(?<!this )(?<!that )(?<!the )(?<!each )\b(?:one|a single|only one|satu)\s(?:\w+\s)?(?:(?:of the|dari)\s\w+\s)?(?:{_GATE}\s)?(?:was\s|has\s|yang\s)?(?:{_VERDICTS})\b")  # fmt: skip
_GATE_REFUSED: Final = phrase(rf"(?:(?<=because )|(?<=since )|(?<=as )|(?<=karena ))(?:a\s|one\s|the\s|salah satu\s)?{_GATE}\s(?:has\s)?(?:refused|rejected|blocked|menolak|memblokir)")  # fmt: skip
_EVERY_GATE: Final = phrase(rf"\b(?:pass(?:es|ed)|clear(?:s|ed)|lolos|melewati)\s(?:\w+\s)?(?:all|every|semua|seluruh)\s(?:\w+\s)?{_GATE}|\b(?:(?P<each>all (?:eleven|11)|kesebelas)|all|every|semua|seluruh)\s(?:\w+\s)?{_GATE}\s(?:[A-Z]+\s)?(?:were |was |have |has |yang )?(?:(?P<evaluated>evaluated(?! (?:passed|let|lolos)))|pass(?:es|ed)|clear(?:s|ed)|lolos|lulus)")  # fmt: skip
_NO_VERDICT: Final = phrase(rf"\b(?:(?:no|not a single|tidak ada(?: satu pun)?)\s(?:\w+\s)?{_GATE}|none(?: of (?:the|them|its)(?:\s\w+)?(?:\s{_GATE})?)?)(?: yang)?\s(?:(?:was|were|has|have)\s)?(?:\w+\s)?(?:{_VERDICTS}|refus\w+|reject\w+|said no)")  # fmt: skip


def check_verdicts(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every verdict that is not the gate's."""
    yield from _verdicts(said, focus, table)
    yield from _cited(said, table)
    yield from _listed(said, focus, table)
    yield from _counts(said, focus, table)


def _verdicts(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the funding gate passed", "blocked by the overextension gate"."""
    for name, behind, ahead in _gates_of(_names(table)):
        for form in (behind, ahead):
            for match, symbol in sayings(form, said, focus, table):
                verdict = table.value(f"{symbol}.gate.{name}.verdict")
                if verdict is not None and match.groupdict()[str(verdict)] is None:
                    yield f"the gate {name} of {symbol} has {verdict}"


def _cited(said: Claims, table: FactTable) -> Iterator[str]:
    """Check "passed at 0.2 ATR [BTCUSDT.gate.trap_wick]" by the gate that is cited."""
    gates = [
        (one.place, name.removesuffix(".verdict"))
        for one in said.citations
        for name in one.ids
        if ".gate." in name and not name.endswith(".threshold")
    ]
    named = {concept for label in said.labels for concept in label.concepts} & {*_names(table)}
    only = len({name for _, name in gates}) == 1 and named <= {gates[0][1].rpartition(".")[2]}
    for match in _VERDICT.finditer(said.text):
        begin, end = said.clause(match.start())
        told = {name for place, name in gates if only or begin <= place <= end}
        counted = any(
            begin <= one.start < match.start() and not (one.unit or one.sign)
            for one in said.numbers
        )
        general = only and (counted or not _PAST.fullmatch(match[0]))
        if len(told) != 1 or general or not stated(match, said):
            continue
        (gate,) = told
        verdict = table.value(f"{gate}.verdict")
        if verdict is not None and match[str(verdict)] is None:
            yield f"the gate {gate} has {verdict}"


def _listed(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "Passed: trap_wick, liquidity; refused: net_rr", gate by gate."""
    for match, symbol in sayings(_LIST, said, focus, table):
        for label in within(said.labels, match.span("list")):
            verdict = table.value(f"{symbol}.gate.{label.concepts[0]}.verdict")
            if verdict is not None and match[str(verdict)] is None:
                yield f"the gate {label.concepts[0]} of {symbol} has {verdict}"


def _names(table: FactTable) -> tuple[str, ...]:
    return tuple(sorted({one.id.split(".")[2] for one in table.by_concept.get("verdict", ())}))


@lru_cache(maxsize=8)
def _gates_of(
    names: tuple[str, ...],
) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """Return for each gate the words with its verdict behind it and ahead of it."""
    found = []
    others = "|".join(map(gate_words, names))
    for name in names:
        own = gate_words(name)
        gap = (
            rf"(?:(?!{others}|\b(?:not?|never|tidak|belum|other|all|every|lain)\b|{_GATE})[^.;|\n])"
        )
        behind = rf"\b(?:(?:{_GATE}\s)?(?:{own})(?:{_AUXILIARY}|\s{_GATE}{gap}{{0,50}}?\s)|{_GATE}\s(?:{own}){gap}{{0,40}}?\s)(?:{_VERDICTS})(?:nya)?\b"
        ahead = rf"\b(?:(?:what|yang)\s(?:stopped|blocked|held)\s\S+|{_VERDICTS}){_LINK}(?:{_GATE}\s)?(?:{own})\b(?!\s(?:rate|threshold|limit|of))"
        found.append((name, re.compile(behind, re.IGNORECASE), re.compile(ahead, re.IGNORECASE)))
    return tuple(found)


def _counts(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "one gate refused", "no gate refused" and "all were scored"."""
    for _, symbol in sayings(_GATE_REFUSED, said, focus, table):
        if table.value(f"{symbol}.gates.refused") == 0:
            yield f"no gate refused {symbol}"
    for match, symbol in sayings(_EVERY_GATE, said, focus, table):
        kinds = (
            ("refused", "not_evaluated") if match["evaluated"] or match["each"] else ("refused",)
        )
        for kind in kinds:
            if table.value(f"{symbol}.gates.{kind}"):
                yield f"{symbol}.gates.{kind} is {table.value(f'{symbol}.gates.{kind}'):g}"
    for form, wanted in ((_ONE_VERDICT, 1.0), (_NO_VERDICT, 0.0)):
        for match, symbol in sayings(form, said, focus, table):
            words = match.groupdict()
            kind = next((name for name in words if words[name]), "refused")
            counted = table.value(f"{symbol}.gates.{kind}")
            if isinstance(counted, float) and counted != wanted:
                yield f"{symbol}.gates.{kind} is {counted:g}"

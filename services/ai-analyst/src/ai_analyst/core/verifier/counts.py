"""Numbers that count what a sentence lists or says: "three timeframes", "two of them lean long"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.lists import runs
from ai_analyst.core.verifier.matching import Scene
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import WORDS
from ai_analyst.core.verifier.scope import Binding, candidates

_FRAMES: Final = 3
_OF_THE: Final = phrase(
    r"\b(?:of the|of these|dari|all|the|both|semua|these|those|other|ketiga|of those)\s$"
)
"""Before how many there are: "of the three", "the two DI lines"."""
_OF: Final = phrase(r"\s(?:out of|of|dari)\s(?:the\s|all\s)?")
_OF_ANOTHER: Final = phrase(
    rf"\s*(?:of|out of|dari|to|against)\s+(?:the\s+|every\s+|all\s+)?(?:\d|{WORDS.pattern})"
)
"""Behind a part and before its whole, or the other side."""
_ARGUMENTS: Final = phrase(r"\s(?:\w+\s)?(?:reasons?|things?|factors?|points?|steps?|cases?|ways?|alasan|hal|faktor|langkah|sebab)\b|\s(?:one|two|three|\w+\s(?:one|leg))\b")  # fmt: skip
"""Behind a count of the answer's own arguments."""
_KINDS: Final = (
    (phrase(r"(?<!no )(?<!without )(?<!tanpa )(?:(?:a|with|have|has|got|punya|dapat|mendapat)\s)(?:a\s)?(?:plans?|rencana)\b"), "decision", "plan"),
    (phrase(r"\b(?:blocked|diblokir)\b"), "decision", "no plan: blocked"),
    (phrase(r"\b(?:longs?|bullish|naik)\b"), "direction", "long"),
    (phrase(r"\b(?:shorts?|bearish|turun)\b"), "direction", "short"),
)  # fmt: skip
"""What contracts are counted by, and how the facts say it."""


def counts(number: Number, said: Claims, bound: Binding, scene: Scene, ledger: Ledger) -> bool:
    """Whether a number counts what its sentence lists, or all there are of what it names."""
    if number.unit or number.partner:
        return False
    value = number.readings[0].value if number.readings else 0.0
    if value in _of_a_whole(number, said, scene.table, ledger):
        return True
    if _OF_ANOTHER.match(said.text[number.end :]):
        return False
    if number.word and _ARGUMENTS.match(said.text[number.end :]):
        return True
    framed = bound.frame or "timeframes" in (bound.tight or bound.near)
    kinds = [] if framed else list(_of_a_kind(number, said, scene.table))
    return value in (kinds or _listed(number, said, bound, scene, ledger))


def _listed(
    number: Number, said: Claims, bound: Binding, scene: Scene, ledger: Ledger
) -> Iterator[float]:
    table, concepts = scene.table, bound.tight or bound.near
    if "timeframes" in concepts:
        yield from (_FRAMES, len({one.name for one in said.frames}))
    if {"tp1", "tp2"} & set(concepts):
        yield 2
    if said.contracts and ("universe" in concepts or not concepts or "plans" in concepts):
        yield len({one.symbol for one in said.contracts})
    if _OF_THE.search(said.text[: number.start]):
        yield from (_FRAMES, len(table.symbols), len({one.name for one in said.frames}))
    if "universe" in concepts:
        yield from (len(table.symbols), len(scene.focus.symbols))
    if number.word:
        yield from (len(run) for run in runs([one for one, _, _ in ledger.known], said))
        yield from (len(names) for names in bound.phrases[:1] if "universe" not in names)
        for concept in concepts:
            named = candidates(table, bound.symbols, bound.frame, (concept,))
            yield sum(one.unit is not Unit.COUNT for one in named)


def _of_a_whole(number: Number, said: Claims, table: FactTable, ledger: Ledger) -> Iterator[float]:
    """Yield what a part that is told is of, and the plans that are told of all there are."""
    part = next(
        (one for one in said.numbers if _OF.fullmatch(said.text[one.end : number.start])), None
    )
    for name in ledger.matched.get(part.start, ()) if part else ():
        told = table.by_id[name]
        for one in table.by_concept[told.concept]:
            if (one.symbol, one.timeframe) == (told.symbol, told.timeframe) and one.number:
                yield one.number
    if any(label.concepts == ("plans",) for label in said.labels):
        decisions = table.by_concept.get("decision", ())
        plans = sum(str(one.value).startswith("plan") for one in decisions)
        yield from (
            plans,
            *((one.number or 0) - plans for one in table.by_concept.get("plans", ())),
        )


def _of_a_kind(number: Number, said: Claims, table: FactTable) -> Iterator[float]:
    """Yield how many contracts have what is said of them: "three lean long", "two have a plan"."""
    if _OF_THE.search(said.text[: number.start]):
        return
    words = said.text[number.end : said.clause(number.start)[1]]
    named = {one.symbol for one in said.contracts if one.symbol in table.symbols}
    for form, path, kind in _KINDS:
        if form.search(words):
            for symbols in (table.symbols, named):
                told = [str(table.value(f"{one}.{path}")) for one in symbols]
                yield sum(one.startswith(kind) for one in told)
            return

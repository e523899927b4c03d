"""One number against the facts: first by its name, then by arithmetic, then by what it cites."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.arithmetic import derived
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.lexicon import NEGATION, THRESHOLD_CUE
from ai_analyst.core.verifier.meaning import meant, wrong_side
from ai_analyst.core.verifier.nearby import between_said
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import WORDS, readings
from ai_analyst.core.verifier.scope import COUNTED, Binding, Focus, bind, candidates
from ai_analyst.core.verifier.tolerance import bounded, close, compares, means, targets
from ai_analyst.core.verifier.unnamed import reaching, unnamed

_RULES: Final = {
    "rsi_rule": (30.0, 70.0, 20.0, 80.0),
    "stoch_rsi_k": (20.0, 80.0),
    "adx": (20.0, 25.0),
}
"""Figures every trader knows and no fact carries: where an RSI is extreme, where a trend begins."""

_NEAREST: Final = 2
_COUNTING: Final = re.compile(
    rf"^\s*(?:of|out of|dari|to)\s+(?:the\s+|every\s+|all\s+)?(?:\d|{WORDS.pattern})|"
    r"^\s+(?:\w+\s+)?(?:trades?|longs?|shorts?|setups?|signals?|wins?|losses|winners|times)\b",
    re.IGNORECASE,
)
"""After a number word that counts something: "eight of ten", "five longs"."""
_USUAL: Final = re.compile(
    r"\b(?:usual\w*|general\w*|common\w*|regarded|considered|typical\w*|conventional\w*|mark|line|"
    r"dianggap|biasanya|umumnya|lazim\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Scene:
    table: FactTable
    focus: Focus


def check_numbers(said: Claims, focus: Focus, table: FactTable, asked: Sequence[float]) -> Ledger:
    """Match every number of a sentence; one that follows from others is tried after them."""
    ledger, scene = Ledger(), _Scene(table, focus)
    waiting: list[tuple[Number, Binding]] = []
    for number in said.numbers:
        own = bind(number, said, focus, table)
        bound = _behind_its_level(own, number, said, ledger)
        ids = _direct(number, said, bound, scene, ledger)
        if ids is None and number.lent and number.unit != "hours":
            ids = _direct(replace(number, unit=""), said, bound, scene, ledger)
        if ids is None and "p_tp1_before_stop" in bound.sentence and NEGATION.search(said.text):
            ids = _conviction(number, said, bound, table)
        if ids is None and bound is not own:
            ledger.refused.append(_complaint(number, bound, table))
        elif ids is None:
            waiting.append((number, bound))
        else:
            ledger.matched[number.text] = ids
    for number, bound in _settled(waiting, said, table, ledger):
        if not (_counted(number, said, bound, focus, table) or _was_asked(number, bound, asked)):
            ledger.refused.append(_complaint(number, bound, table))
    return ledger


def _settled(
    waiting: Sequence[tuple[Number, Binding]], said: Claims, table: FactTable, ledger: Ledger
) -> list[tuple[Number, Binding]]:
    """Match what follows from other numbers, until nothing more does; return what is left."""
    left = []
    for number, bound in waiting:
        ways = [number, *([replace(number, unit="")] if number.lent else [])]
        found = next(
            (ids for one in ways if (ids := _follows(one, said, bound, table, ledger)) is not None),
            None,
        )
        if found is None:
            left.append((number, bound))
        else:
            ledger.matched[number.text] = found
    return left if len(left) in {0, len(waiting)} else _settled(left, said, table, ledger)


def _follows(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> tuple[str, ...] | None:
    ids = derived(number, said, reaching(bound, ledger, table), table)
    if ids or between_said(number, said, ledger.known):
        return ids
    return unnamed(number, said, bound, table, ledger) or None


def _behind_its_level(bound: Binding, number: Number, said: Claims, ledger: Ledger) -> Binding:
    """Tie "99,905.9 (1.5 R)" to the target whose price it stands behind."""
    if number.unit != "R" or not said.text[: number.start].rstrip("~ ").endswith("("):
        return bound
    before = [one for one in said.numbers if one.end <= number.start]
    if not before or said.text[before[-1].end : number.start].strip(" ~") != "(":
        return bound
    level = next((name.rpartition(".")[2] for name in ledger.matched.get(before[-1].text, ())), "")
    if level not in {"tp1", "tp2"}:
        return bound
    own = (f"{level}_r", level)
    return replace(bound, tight=own, near=own, sentence=own, phrases=(own,))


def _direct(
    number: Number, said: Claims, bound: Binding, scene: _Scene, ledger: Ledger
) -> tuple[str, ...] | None:
    table = scene.table
    tied = bool(bound.tight)
    named = meant(number, said, bound, scene.focus, table)
    for fact in (*named, *_cited(said, bound, table)):
        if wrong_side(number, fact, said, table):
            continue
        if fact.threshold and not _is_limit(fact, number, said, table, ledger):
            continue
        if means(number, fact, said, table.now, tied=tied) or bounded(
            number, fact, said, table.now
        ):
            value = next(iter(targets(number, fact, table.now)))
            ledger.known.append((number, value, fact.unit))
            return (fact.id,)
    told = {table.by_id[name].concept for name in ledger.proved}
    spoken = bound.tight or (*bound.sentence, *(("rsi_rule",) if "rsi" in bound.sentence else ()))
    for concept in spoken:
        if concept != "rsi_rule" and not (_USUAL.search(said.text) or concept in told):
            continue
        if any(reading.value in _RULES.get(concept, ()) for reading in number.readings):
            return ()
    if any(wrong_side(number, one, said, table) for one in named):
        return None
    return () if _quoted(number, said, bound, table) else None


def _conviction(
    number: Number, said: Claims, bound: Binding, table: FactTable
) -> tuple[str, ...] | None:
    """Match "it is not a 63 % chance" with the conviction it speaks of."""
    for fact in candidates(table, bound.symbols, "", ("confidence",)):
        if fact.number is not None and close(number, fact.number, said):
            return (fact.id,)
    return None


def _is_limit(fact: Datum, number: Number, said: Claims, table: FactTable, ledger: Ledger) -> bool:
    """Whether a gate's limit may be meant: announced as one, and on the side that is said."""
    own = [
        one
        for one in table.by_concept.get(fact.concept, ())
        if not one.threshold and one.symbol == fact.symbol
    ]
    beside = any(one.id in ids for one in own for ids in ledger.matched.values())
    if not beside and not THRESHOLD_CUE.search(said.text):
        return False
    return (
        not compares(number, said)
        or not own
        or any(bounded(number, one, said, table.now, any_figure=True) for one in own)
    )


def _cited(said: Claims, bound: Binding, table: FactTable) -> Iterable[Datum]:
    for one in said.citations:
        fact = table.by_id.get(one)
        if fact and (not bound.tight or fact.concept in bound.tight):
            yield fact


def _quoted(number: Number, said: Claims, bound: Binding, table: FactTable) -> bool:
    """Whether a gate's own sentence ("needs 2.0 ATR, has 2.6") carries the number."""
    if not THRESHOLD_CUE.search(said.text) or set(bound.tight) - {"threshold", "gates"}:
        return False
    texts = (
        f"{fact.value if isinstance(fact.value, str) else ''} {fact.note}"
        for fact in table
        if fact.symbol in bound.symbols
        and fact.unit is Unit.WORD
        and (fact.concept in {"verdict", "warning"} or fact.id.endswith(("reason", "nearest_flip")))
    )
    written = {
        one.value
        for text in texts
        for match in re.findall(r"\d+(?:\.\d+)?", text)
        for one in readings(match)
    }
    return any(reading.value in written for reading in number.readings)


def _counted(number: Number, said: Claims, bound: Binding, focus: Focus, table: FactTable) -> bool:
    if number.unit or (number.partner and not number.word):
        return False
    value = number.readings[0].value if number.readings else 0.0
    concepts = bound.tight or bound.near
    counts: list[float] = []
    frames = {fact.timeframe for fact in table if fact.timeframe in {"1h", "4h", "1d"}}
    if "timeframes" in concepts:
        counts += [float(len(frames)), float(len({one.name for one in said.frames}))]
    if {"tp1", "tp2"} & set(concepts):
        counts.append(2.0)
    if said.contracts and ("universe" in concepts or not concepts or "plans" in concepts):
        counts.append(float(len({one.symbol for one in said.contracts})))
    if "universe" in concepts:
        counts += [float(len(table.symbols)), float(len(focus.symbols))]
    if value in counts:
        return True
    counting = COUNTED & set(bound.near or bound.sentence)
    return number.word and not counting and not _COUNTING.match(said.text[number.end :])


def _was_asked(number: Number, bound: Binding, asked: Sequence[float]) -> bool:
    return not bound.tight and any(reading.value in asked for reading in number.readings)


def _complaint(number: Number, bound: Binding, table: FactTable) -> str:
    """Say what is wrong, with the nearest facts of that name, or else of that contract."""
    concepts = bound.tight or bound.near
    near = candidates(table, bound.symbols, bound.frame, concepts)
    if not near:
        near = [one for one in table if one.symbol in bound.symbols and not one.threshold]
        near = [one for one in near if next(targets(number, one, table.now), None) is not None]
    near = sorted(near, key=lambda one: _apart(number, one, table))[:_NEAREST]
    hint = "; ".join(f"{fact.id} is {fact.shown}" for fact in near)
    return f"{number.text} matches no fact{f' ({hint})' if hint else ''}"


def _apart(number: Number, fact: Datum, table: FactTable) -> float:
    return min(
        (
            abs(abs(value) - one.value)
            for value in targets(number, fact, table.now)
            for one in number.readings
        ),
        default=math.inf,
    )

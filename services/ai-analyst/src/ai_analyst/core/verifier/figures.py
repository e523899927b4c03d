"""One number against the facts: first by its name, then by arithmetic, then by what it cites."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.arithmetic import SIDE, derived, moved
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import recognised
from ai_analyst.core.verifier.lexicon import NEGATION, THRESHOLD_CUE
from ai_analyst.core.verifier.meaning import meant
from ai_analyst.core.verifier.nearby import Proved, between_said, listed_units
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import WORDS, readings
from ai_analyst.core.verifier.scope import COUNTED, Binding, Focus, bind, candidates, within
from ai_analyst.core.verifier.tolerance import bounded, close, compares, means, targets

_RULES: Final = {"rsi_rule": (30.0, 70.0, 20.0, 80.0), "adx": (20.0, 25.0)}
"""Figures every trader knows and no fact carries: where an RSI is extreme, where a trend begins."""

_ALIKE: Final = 2.0
"""Who invents a stop writes one of a stop's size."""
_VAGUE: Final = {"threshold", "timeframes", "rsi_rule", "outcome", "size", "modifier", "bars"}
_OF_A_MOVE: Final = re.compile(
    r"\b(?:fall|drop|decline|rise|climb|rally|move|gain|loss|distance|gap|penurunan|kenaikan|jarak)"
    r"\sof\s(?:about\s|around\s|roughly\s)?\$?$|\b(?:penurunan|kenaikan|jarak)\s(?:sebesar\s)?$",
    re.IGNORECASE,
)
_BELOW_ZERO: Final = re.compile(
    r"\b(?:shorts?|below zero|bearish|turun|di bawah nol)\b", re.IGNORECASE
)
_COUNTING: Final = re.compile(
    rf"^\s*(?:of|out of|dari|to)\s+(?:the\s+|every\s+|all\s+)?(?:\d|{WORDS.pattern})|"
    r"^\s+(?:\w+\s+)?(?:trades?|longs?|shorts?|setups?|signals?|wins?|losses|winners|times)\b",
    re.IGNORECASE,
)
"""After a number word that counts something: "eight of ten", "five longs"."""
_REFERENCE: Final = re.compile(
    r"\b(?:before|until|till|to|towards?|than|above|below|over|under|beneath|from|behind|beyond|"
    r"sebelum|menuju|ke|dari|daripada|di atas|di bawah)\s(?:the\s|its\s)?$",
    re.IGNORECASE,
)
"""Before a level that something else is measured by: "98,310 stands before TP1"."""


@dataclass(frozen=True)
class _Scene:
    table: FactTable
    focus: Focus


@dataclass
class Ledger:
    """What the numbers of one sentence were found to be."""

    known: list[Proved] = field(default_factory=list)
    matched: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @property
    def proved(self) -> Iterator[str]:
        """The ids of every fact that was said."""
        return (name for ids in self.matched.values() for name in ids)


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
        ids = derived(number, said, _reaching(bound, tuple(ledger.proved), table), table)
        if not ids and not between_said(number, said, ledger.known):
            ids = _unnamed(number, said, bound, table, ledger)
            if not ids:
                left.append((number, bound))
                continue
        ledger.matched[number.text] = ids
    return left if len(left) in {0, len(waiting)} else _settled(left, said, table, ledger)


def _unnamed(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> tuple[str, ...]:
    """Return the facts of a number whose phrase is not known and which no known name claims."""
    if _claimed(number, said, bound, table, ledger):
        return ()
    if not _OF_A_MOVE.search(said.text[: number.start]):
        fact = recognised(number, said, bound, table, listed_units(number, said, ledger.known))
        if fact and not _wrong_side(number, fact, said, table):
            return (fact.id,)
    wide = _reaching(bound, tuple(ledger.proved), table)
    return derived(number, said, wide, table, announced=False) or moved(number, said, bound, table)


def _claimed(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> bool:
    """Whether a name beside a number says what it is, so that it may be nothing else."""
    told = [table.by_id[name] for ids in ledger.matched.values() for name in ids]
    found = {
        fact.concept
        for fact in told
        if (not fact.symbol or fact.symbol in bound.symbols)
        and (not bound.firm or fact.timeframe in {"", bound.frame})
    }
    names = [
        label.concepts
        for label in within(said.labels, said.clause(number.start)) or said.labels
        if not found & set(label.concepts) and not _REFERENCE.search(said.text[: label.start])
    ]
    return any(_claims(number, concepts, bound, table) for concepts in (bound.tight, *names))


def _claims(number: Number, concepts: tuple[str, ...], bound: Binding, table: FactTable) -> bool:
    """Whether a number may be meant for these facts: they are not there, or of its size."""
    if not concepts:
        return False
    facts = [one for one in candidates(table, bound.symbols, "", concepts) if not one.threshold]
    if all(fact.value is None for fact in facts):
        return not _VAGUE & set(concepts)
    return any(
        value / _ALIKE <= one.value <= value * _ALIKE
        for fact in facts
        for value in map(abs, targets(number, fact, table.now))
        for one in number.readings
    )


def _reaching(bound: Binding, proved: tuple[str, ...], table: FactTable) -> Binding:
    """Let a number that names nothing itself follow from what its sentence has proved."""
    found = tuple((table.by_id[name].concept,) for name in proved if name in table.by_id)
    return replace(bound, phrases=(*bound.phrases, *found))


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
        if _wrong_side(number, fact, said, table):
            continue
        if fact.threshold and not _is_limit(fact, number, said, table, ledger):
            continue
        if means(number, fact, said, table.now, tied=tied) or bounded(
            number, fact, said, table.now
        ):
            value = next(iter(targets(number, fact, table.now)))
            ledger.known.append((number, value, fact.unit))
            return (fact.id,)
    spoken = bound.tight or (*bound.sentence, *(("rsi_rule",) if "rsi" in bound.sentence else ()))
    rule = THRESHOLD_CUE.search(said.text) or "adx" not in spoken
    for concept in spoken if rule else ():
        if any(reading.value in _RULES.get(concept, ()) for reading in number.readings):
            return ()
    if any(_wrong_side(number, one, said, table) for one in named):
        return None
    return () if _quoted(number, said, bound, table) else None


def _wrong_side(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "0.79 ATR above" is said of a price below its average, or 62 % of the shorts."""
    if fact.concept == "share_long":
        begin, end = said.clause(number.start)
        return bool(_BELOW_ZERO.search(said.text[begin:end]))
    if fact.concept not in {"overextension", "distance_ema_21"} or number.unit != "ATR":
        return False
    apart = table.value(f"{fact.symbol}.{fact.timeframe or '4h'}.distance_ema_21")
    side = SIDE.match(said.text[number.end :])
    return bool(side and isinstance(apart, float) and (apart > 0) is not bool(side["above"]))


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
    concepts = bound.tight or bound.near
    near = [
        f"{fact.id} is {fact.shown}"
        for fact in candidates(table, bound.symbols, bound.frame, concepts)[:2]
    ]
    hint = f" ({'; '.join(near)})" if near else ""
    return f"{number.text} matches no fact{hint}"

"""One number against the facts: first by its name, then by arithmetic, then by what it cites."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.arithmetic import SIDE, derived
from ai_analyst.core.verifier.claims import Claims, Number
from ai_analyst.core.verifier.lexicon import CONDITIONAL, NEGATION, THRESHOLD_CUE
from ai_analyst.core.verifier.nearby import Proved, between_said
from ai_analyst.core.verifier.reading import readings
from ai_analyst.core.verifier.scope import Binding, Focus, bind, candidates
from ai_analyst.core.verifier.tolerance import bounded, close, compares, means, targets

_RULES: Final = {"rsi_rule": (30.0, 70.0, 20.0, 80.0)}
"""Figures every trader knows and no fact carries: where an RSI is called overbought or oversold."""

_SENSES: Final = (
    ("passed", re.compile(r"\b(?:pass\w*|cleared|lolos|lulus|ok|green)\b", re.IGNORECASE)),
    (
        "not_evaluated",
        re.compile(r"\bnot (?:be )?evaluated|tidak dievaluasi|belum dievaluasi", re.IGNORECASE),
    ),
    (
        "refused",
        re.compile(
            r"\b(?:refus\w*|block\w*|fail\w*|reject\w*|said no|menolak|gagal|ditolak)\b",
            re.IGNORECASE,
        ),
    ),
    ("long", re.compile(r"\b(?:long|bullish|positive|up|naik|beli|positif)\b", re.IGNORECASE)),
    ("short", re.compile(r"\b(?:short|bearish|negative|down|turun|jual|negatif)\b", re.IGNORECASE)),
)
_WHERE_PRICE_IS: Final = {"entry", "zone_low", "zone_high", "price", "close", "mark", "index"}
"""What a bare price means in a sentence that names its other numbers: "long from 97,250"."""
_OF: Final = re.compile(r"(?:\bof(?: the| its| all)?|\bdari|/)\s*$", re.IGNORECASE)
_PRICE: Final = {"price", "close", "mark", "index"}
_COUNTS: Final = {"universe", "share_long", "scored", "plans", "blocked", "no_setup", "no_data",
                  "failures", "gates", "votes"}  # fmt: skip
_SIBLINGS: Final = {"mean_trend": ("btc_trend", "trend_score"), "btc_trend": ("mean_trend",)}
"""What "and its own is …" goes on to."""
_VOTING: Final = {"rsi", "macd", "stoch_rsi_k", "obv", "supertrend", "ema_trend"}
_BEFORE: Final = {"net_rr": ("gross_rr",), "gross_rr": ("net_rr",)}
"""What "drops from 2.25 to 1.93" sets out from."""
_IS_LEFT: Final = re.compile(r"\b(?:from|dari|instead of|rather than)\s*$", re.IGNORECASE)
_IS_REACHED: Final = re.compile(r"\s*R?\s*(?:(?:to|ke|menjadi)\b|[.,;]|$)", re.IGNORECASE)
_MEDIAN_BEFORE: Final = re.compile(r"\bmedian[^.,;()]{0,30}$", re.IGNORECASE)
_MEDIAN_AFTER: Final = re.compile(
    r"\s*(?:at the |is the |\(|as (?:a|the) )?median\b", re.IGNORECASE
)
_SMALL: Final = 3
_PLAIN_DIGITS: Final = 3
_EXACT: Final = 5
"""So many digits are no accident."""


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


def check_numbers(said: Claims, focus: Focus, table: FactTable, asked: Sequence[float]) -> Ledger:
    """Match every number of a sentence; one that follows from others is tried after them."""
    ledger, scene = Ledger(), _Scene(table, focus)
    waiting: list[tuple[Number, Binding]] = []
    for number in said.numbers:
        bound = _behind_its_level(bind(number, said, focus, table), number, said, ledger)
        ids = _direct(number, said, bound, scene, ledger)
        if ids is None and number.lent and number.unit != "hours":
            ids = _direct(replace(number, unit=""), said, bound, scene, ledger)
        if ids is None and "p_tp1_before_stop" in bound.sentence and NEGATION.search(said.text):
            ids = _conviction(number, said, bound, table)
        if ids is None:
            waiting.append((number, bound))
        else:
            ledger.matched[number.text] = ids
    for number, bound in waiting:
        proved = tuple(name for ids in ledger.matched.values() for name in ids)
        ids = derived(number, said, _reaching(bound, proved, table), table)
        if ids or between_said(number, said, ledger.known):
            ledger.matched[number.text] = ids
        elif not (_counted(number, said, bound, focus, table) or _was_asked(number, bound, asked)):
            ledger.refused.append(_complaint(number, bound, table))
    return ledger


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
    for fact in (*_meant(number, said, bound, scene), *_cited(said, bound, table)):
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
    for concept in spoken:
        if any(reading.value in _RULES.get(concept, ()) for reading in number.readings):
            return ()
    if any(_wrong_side(number, one, said, table) for one in _meant(number, said, bound, scene)):
        return None
    return () if _quoted(number, said, bound, table) else None


def _wrong_side(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "0.79 ATR above" is said of a price below its average."""
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


def _meant(number: Number, said: Claims, bound: Binding, scene: _Scene) -> list[Datum]:
    """Return the facts a number can mean by its name, its unit and where it stands."""
    table = scene.table
    around = (*bound.near, *bound.sentence)
    concepts = bound.tight or around or scene.focus.labels
    if "votes" in around:
        concepts = (*concepts, *_votes(around))
    if bound.frame == "8h":
        concepts = (*concepts, "funding_8h")
    concepts = (*concepts, *_supposed(said, bound))
    if _IS_LEFT.search(said.text[: number.start]) and _IS_REACHED.match(said.text[number.end :]):
        concepts = (*concepts, *(other for one in concepts for other in _BEFORE.get(one, ())))
    if not bound.tight:
        concepts = (*concepts, *(other for one in around for other in _SIBLINGS.get(one, ())))
    named = candidates(table, bound.symbols, bound.frame, concepts)
    if number.unit and not any(
        next(targets(number, fact, table.now), None) is not None for fact in named
    ):
        concepts = (*concepts, *around, *scene.focus.labels)
        named = candidates(table, bound.symbols, bound.frame, concepts)
    if bound.frame and not bound.firm:
        overall = candidates(table, bound.symbols, "", concepts)
        named += [fact for fact in overall if not fact.timeframe]
    found = [fact for fact in named if _right_count(number, fact, said)]
    whole = all(reading.value == int(reading.value) for reading in number.readings)
    counts = {"timeframes"} if whole else {"timeframes", *_COUNTS}
    if set(bound.tight) | set(bound.near) <= counts and not (whole and bound.tight):
        found += _by_place(number, bound, table)
    if "threshold" in concepts:
        found += _thresholds(bound, table)
    if "bars" in concepts or number.unit == "bars":
        found += candidates(table, bound.symbols, bound.frame, ("history",))
    return found


def _votes(around: tuple[str, ...]) -> tuple[str, ...]:
    """Return the votes of the indicators a sentence about votes names."""
    named = [f"vote_{one.removesuffix('_k')}" for one in around if one in _VOTING]
    return (*named, *(one for one in around if one.startswith("vote_")))


def _supposed(said: Claims, bound: Binding) -> tuple[str, ...]:
    """Return what a price can be in "if price falls to …": the level that is named, or any."""
    if not (set(bound.tight or bound.near) >= _PRICE and CONDITIONAL.search(said.text)):
        return ()
    around = (*bound.near, *bound.sentence)
    levels = [one for one in around if one in PRICE_LEVELS and "stop" in around]
    return (*(levels or (*PRICE_LEVELS, "swing_high", "swing_low")), *around)


def _by_place(number: Number, bound: Binding, table: FactTable) -> list[Datum]:
    found = [
        fact
        for fact in _unnamed(number, bound, table)
        if not bound.sentence or fact.concept in _WHERE_PRICE_IS or _digits(number) >= _EXACT
    ]
    if _digits(number) >= _PLAIN_DIGITS:
        found += candidates(table, bound.symbols, bound.frame, ("score", "net_rr", "confidence"))
    return found


def _right_count(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a count is of what the clause says of it: ten passed, of eleven."""
    if fact.concept in {"eta_tp1", "eta_tp2"}:
        median = _MEDIAN_BEFORE.search(said.text[: number.start]) or _MEDIAN_AFTER.match(
            said.text[number.end :]
        )
        return median is None or fact.id.endswith("p50")
    if fact.concept not in {"gates", "votes"}:
        return True
    begin, end = said.clause(number.start)
    sense = fact.id.rpartition(".")[2]
    told = [name for name, pattern in _SENSES if pattern.search(said.text[begin:end])]
    if _OF.search(said.text[: number.start]):
        return sense in {"total", "cast"}
    return not told or sense in told


def _thresholds(bound: Binding, table: FactTable) -> list[Datum]:
    return [
        fact
        for fact in table
        if fact.threshold
        and (not fact.symbol or fact.symbol in bound.symbols)
        and (fact.concept in bound.sentence or fact.concept == "score" or _refused(fact, table))
    ]


def _refused(fact: Datum, table: FactTable) -> bool:
    return table.value(f"{fact.id.removesuffix('.threshold')}.verdict") == "refused"


def _unnamed(number: Number, bound: Binding, table: FactTable) -> list[Datum]:
    digits = _digits(number)
    units = {
        "": {Unit.PRICE},
        "money": {Unit.PRICE, Unit.USD},
        "R": {Unit.R},
        "percentile": {Unit.PERCENTILE},
    }.get(number.unit)
    if units is None or (number.unit == "" and digits < _PLAIN_DIGITS):
        return []
    return [
        fact
        for fact in table
        if fact.symbol in bound.symbols and fact.unit in units and fact.concept != "tick"
    ]


def _digits(number: Number) -> int:
    return len(re.sub(r"\D", "", number.text).strip("0"))


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
    return number.word and value <= _SMALL and not concepts


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

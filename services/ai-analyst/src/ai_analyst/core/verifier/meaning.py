"""Which facts a number can mean by its name, its unit and where it stands."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import SELF_EVIDENT
from ai_analyst.core.verifier.contrary import DROPS, RISES
from ai_analyst.core.verifier.cues import CONDITIONAL, THRESHOLD_CUE, phrase
from ai_analyst.core.verifier.limits import CONFLICTS, REFUSES, refused_by, thresholds
from ai_analyst.core.verifier.lists import run_of
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import WORDS, words_value
from ai_analyst.core.verifier.scope import Binding, Focus, candidates
from ai_analyst.core.verifier.senses import IS_LEFT, OF, OF_TARGETS, of_target, right_count
from ai_analyst.core.verifier.tolerance import targets

_WHERE_PRICE_IS: Final = {"entry", "zone_low", "zone_high", "price", "close", "mark", "index"}
"""What a bare price means in a sentence that names its other numbers: "long from 97,250"."""

_PRICE: Final = {"price", "close", "mark", "index"}
_COUNTS: Final = {"universe", "share_long", "scored", "plans", "blocked", "no_setup", "no_data",
                  "failures", "gates", "votes"}  # fmt: skip

_SIBLINGS: Final = {"mean_trend": ("btc_trend", "trend_score"), "btc_trend": ("mean_trend",)}
"""What "and its own is …" goes on to."""
_ALL_VOTES: Final = ("vote_ema_trend", "vote_macd", "vote_rsi", "vote_stoch_rsi", "vote_obv",
                     "vote_supertrend")  # fmt: skip
_NEVER_BELOW: Final = {"rsi", "stoch_rsi_k"}
_VOTING: Final = {"rsi", "macd", "stoch_rsi_k", "obv", "supertrend", "ema_trend"}
_BEFORE: Final = {"net_rr": ("gross_rr",), "gross_rr": ("net_rr",)}
"""What "drops from 2.25 to 1.93" sets out from."""
_IS_REACHED: Final = phrase(r"\s*R?\s*(?:(?:to|ke|menjadi)\b|[.,;]|$)")


_IN_UNITS: Final = (("percentile", "atr", "atr_percentile"), ("hours", "entry", "fill_by"))
"""What a name means in a unit that is not its own."""
_SECONDS: Final = phrase(r"\d\s?(?:s|secs?|seconds?|detik)$")
"""Only a scan takes seconds."""
_OVER_TIME: Final = phrase(r"\b(?:costs?|eats?|life|altogether|settlements?|expiry|total|until|biaya|sampai|selama)\b")  # fmt: skip
_FRAMES: Final = ("1d", "4h", "1h")
TARGETS: Final = {"tp1", "tp2"}
PARTS: Final = {"plans", "blocked", "no_setup", "no_data", "failures"}
_COMPARED: Final = phrase(r"\b(?:than|versus|vs\.?|against|compared (?:with|to)|next to|daripada|lawan|(?:di|ber)?banding(?:kan)?)\s(?:the\s|only\s|just\s|hanya\s)?$")  # fmt: skip
"""Before the other contract's number: "63.4 against 54.8"."""
_OF_THESE: Final = phrase(
    rf"\b(?:of|dari)\s(?:the|these|those|keempat)?\s?(?P<count>{WORDS.pattern})\s(?:contracts|coins|symbols|kontrak|koin)\b"
)
"""Before what is told of the contracts the facts are of, and not of the whole market."""
_UNIVERSE: Final = phrase(r"\b(?:universe|semesta)\b")
_SECOND: Final = re.compile(r"\d\s?/\s?$")
_PLAIN_DIGITS: Final = 3


def meant(
    number: Number, said: Claims, bound: Binding, focus: Focus, table: FactTable
) -> list[Datum]:
    """Return the facts a number can mean by its name, its unit and where it stands."""
    around = (*bound.near, *bound.sentence)
    concepts = _concepts(number, said, bound, focus)
    named = candidates(table, bound.symbols, bound.frame, concepts)
    if ("timeframes" in (*bound.near, *bound.sentence) and not said.frames) or (
        not bound.firm and len(run_of(number, said)) == len(_FRAMES)
    ):
        named += _of_frames(bound, table, concepts)
    if OF.search(said.text[: number.start]) and set(concepts) & PARTS:
        named += table.by_concept.get("universe", ())
    if _COMPARED.search(said.text[: number.start]):
        named += candidates(table, table.symbols, bound.frame, bound.tight or bound.sentence[:1])
    unknown = "p_tp1_before_stop" in bound.tight
    if (
        number.unit
        and not unknown
        and not any(next(targets(number, fact, table.now), None) is not None for fact in named)
    ):
        concepts = (*concepts, *around, *focus.labels)
        named = candidates(table, bound.symbols, bound.frame, concepts)
    if bound.frame and not bound.firm:
        overall = candidates(table, bound.symbols, "", concepts)
        elsewhere = {fact.concept for fact in overall} - {
            fact.concept for fact in named if fact.timeframe == bound.frame
        }
        elsewhere |= {"swing_high", "swing_low"}
        named += [one for one in overall if not one.timeframe or one.concept in elsewhere]
    named = [one for one in named if one.concept not in _others(said, bound)]
    if "overextension" in concepts and not bound.frame:
        named = [one for one in named if one.concept != "distance_ema_21" or one.timeframe == "4h"]
    found = [
        fact
        for fact in named
        if right_count(number, fact, said) and (fact.concept not in OF_TARGETS or of_target(said))
    ]
    few = said.find(_OF_THESE)
    if few and words_value(few["count"].lower()) == len(table.symbols):
        found = [one for one in found if one.symbol or one.unit is not Unit.COUNT]
    whole = _whole(number)
    counts = {"timeframes"} if whole else {"timeframes", *_COUNTS}
    if set(bound.tight) | set(bound.near) <= counts and not (whole and bound.tight):
        found += _by_place(number, bound, table)
    if "bars" in concepts or number.unit == "bars":
        found += candidates(table, bound.symbols, bound.frame, ("history",))
    return [*found, *_limits(number, said, bound, concepts, table)]


def _limits(
    number: Number, said: Claims, bound: Binding, concepts: Sequence[str], table: FactTable
) -> Iterator[Datum]:
    """Yield the limits of gates a number can be: named as one, or what would have to be met."""
    if "threshold" in concepts:
        yield from thresholds(number, bound, table)
    if number.sign < 0 and ({"threshold", "gates"} & set(concepts) or said.find(REFUSES)):
        conflicts = candidates(table, bound.symbols, "", CONFLICTS)
        yield from (fact for fact in conflicts if fact.threshold)
    if number.unit == "ATR" and (said.find(CONDITIONAL) or said.find(THRESHOLD_CUE)):
        yield from (one for one in thresholds(number, bound, table) if refused_by(one, table))


def _others(said: Claims, bound: Binding) -> set[str]:
    """Return what a general name does not mean beside a special one.

    "TP1's quartiles" are none of TP2's, and "31 contracts have a plan" counts plans.
    """
    targets = {
        label.concepts[0] for label in said.labels if len(TARGETS & set(label.concepts[:2])) == 1
    } & TARGETS
    told = {"scored"} if said.find(_UNIVERSE) else set()
    if len(targets) == 1:
        (other,) = TARGETS - targets
        told |= {other, f"{other}_r", f"eta_{other}"}
        told |= {"gross_rr", "net_rr"} if targets & set(bound.near) else set()
    if bound.tight[:1] == ("universe",):
        named = {names[0] for names in bound.phrases} & PARTS
        told |= PARTS - named if named else set()
    return told


def _of_frames(bound: Binding, table: FactTable, concepts: Sequence[str]) -> Iterator[Datum]:
    """Yield what these names are on each timeframe: "on all timeframes, with scores of …"."""
    for frame in _FRAMES:
        yield from candidates(table, bound.symbols, frame, concepts)


def _concepts(number: Number, said: Claims, bound: Binding, focus: Focus) -> tuple[str, ...]:
    around = (*bound.near, *bound.sentence)
    change = ("price_change",) if number.unit == "%" and bound.firm else ()
    concepts = bound.tight or around or change or focus.labels
    if concepts[:1] == ("stoch_rsi_k",) and _SECOND.search(said.text[: number.start]):
        concepts = ("stoch_rsi_d", *concepts)
    concepts = (*concepts, *_votes(number, bound, around))
    if number.unit == "%" and "funding" in concepts and said.find(_OVER_TIME):
        concepts = (*concepts, "cost")
    told = number.unit, *concepts
    concepts = (*concepts, *(one for unit, name, one in _IN_UNITS if {unit, name} <= set(told)))
    if _SECONDS.search(number.text):
        concepts = (*concepts, "duration")
    if bound.frame == "8h":
        concepts = (*concepts, "funding_8h")
    concepts = (*concepts, *_supposed(number, said, bound))
    if IS_LEFT.search(said.text[: number.start]) and _IS_REACHED.match(said.text[number.end :]):
        concepts = (*concepts, *(other for one in concepts for other in _BEFORE.get(one, ())))
    if bound.tight == ("trend_score",) and "mean_trend" in bound.near:
        concepts = ("mean_trend", *concepts)
    if not bound.tight and (said.contracts or number is not said.numbers[0]):
        concepts = (*concepts, *(other for one in around for other in _SIBLINGS.get(one, ())))
    return concepts


def _whole(number: Number) -> bool:
    return all(reading.value == int(reading.value) for reading in number.readings)


def _votes(number: Number, bound: Binding, around: tuple[str, ...]) -> Iterator[str]:
    """Yield the votes of the indicators a sentence about votes names; any where 0.34 is a vote."""
    below = number.sign < 0 and bool(_NEVER_BELOW & set(bound.tight or bound.near))
    if below or any(one == "votes" or one.startswith("vote_") for one in around):
        spoken = around if bound.tight == ("votes",) else bound.tight or around
        yield from (f"vote_{one.removesuffix('_k')}" for one in spoken if one in _VOTING)
        yield from (one for one in spoken if one.startswith("vote_"))
    told = "votes" in (bound.tight or bound.sentence) and not bound.tight[1:]
    if told and not _whole(number) and not (bound.tight and set(around) & _VOTING):
        yield from _ALL_VOTES


def _supposed(number: Number, said: Claims, bound: Binding) -> tuple[str, ...]:
    """Return what a price can be in "if price falls to …": the level that is named, or any."""
    before = said.text[: number.start]
    supposed = said.find(CONDITIONAL) or DROPS.search(before) or RISES.search(before)
    if not (set(bound.tight or bound.near) >= _PRICE and supposed):
        return ()
    around = (*bound.near, *bound.sentence)
    levels = [
        one for one in around if one in PRICE_LEVELS and {"stop", "do_not_chase"} & set(around)
    ]
    return (*(levels or (*PRICE_LEVELS, "swing_high", "swing_low")), *around)


def _by_place(number: Number, bound: Binding, table: FactTable) -> list[Datum]:
    found = [
        fact
        for fact in _unnamed(number, bound, table)
        if not bound.sentence or fact.concept in _WHERE_PRICE_IS
    ]
    if digits_of(number) >= _PLAIN_DIGITS:
        found += candidates(table, bound.symbols, bound.frame, ("score", "net_rr", "confidence"))
    return found


def _unnamed(number: Number, bound: Binding, table: FactTable) -> list[Datum]:
    digits = digits_of(number)
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
        if fact.symbol in bound.symbols and fact.unit in units and fact.concept in SELF_EVIDENT
    ]


def digits_of(number: Number) -> int:
    """Return how many digits a number shows, zeros at its ends not counted."""
    return len(re.sub(r"\D", "", number.text).strip("0"))

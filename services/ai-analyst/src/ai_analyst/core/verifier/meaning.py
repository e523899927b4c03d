"""Which facts a number can mean by its name, its unit and where it stands."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.plans import PRICE_LEVELS
from ai_analyst.core.verifier.arithmetic import SIDE
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.lexicon import AT_LEAST, AT_MOST, CONDITIONAL
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, Focus, candidates
from ai_analyst.core.verifier.tolerance import targets

_SENSES: Final = (
    (
        "passed",
        re.compile(
            r"\b(?:approv\w+|accept\w+|pass\w*|cleared|lolos|lulus|ok|green)\b", re.IGNORECASE
        ),
    ),
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
_OF_GATES: Final = {"passed", "refused", "not_evaluated"}
_OF_VOTES: Final = {"long", "short"}
_FAILS: Final = re.compile(
    r"\b(?:invalid\w*|wrong|void|fails?|gagal|batal\w*|kills?|is over|stopped)\b", re.IGNORECASE
)
_HOLDS: Final = re.compile(
    r"\b(?:as long as|while|stays?|holds?|selama|bertahan|not|tidak)\b", re.IGNORECASE
)
_BELOW_ZERO: Final = re.compile(
    r"\b(?:shorts?|below zero|bearish|turun|di bawah nol)\b", re.IGNORECASE
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
_OVER_TIME: Final = re.compile(
    r"\b(?:costs?|eats?|life|altogether|settlements?|expiry|total|until|biaya|sampai|selama)\b",
    re.IGNORECASE,
)
_CONFLICTS: Final = ("htf_conflict", "regime_conflict", "btc_conflict")
"""Gates whose limits are below zero."""
_PARTS: Final = {"plans", "blocked", "no_setup", "no_data", "failures"}
_COMPARED: Final = re.compile(
    r"\b(?:than|versus|vs\.?|against|compared (?:with|to)|daripada|dibanding(?:kan)?|lawan)"
    r"\s(?:the\s|only\s|just\s|hanya\s)?$",
    re.IGNORECASE,
)
"""Before the other contract's number: "63.4 against 54.8"."""
_SECOND: Final = re.compile(r"\d\s?/\s?$")
_OUTNUMBERS: Final = re.compile(
    r"^\s?-?(?:to|against|:)-?\s?(?:\d|one|two|three|none)", re.IGNORECASE
)
_OUTNUMBERED: Final = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six))\s?-?(?:to|:)-?\s?$", re.IGNORECASE
)
"""Between the two sides of a vote: "five to one", "5:1"."""
_NET: Final = re.compile(
    r"\b(?:net|after (?:all )?(?:costs|fees)|setelah biaya|bersih)\b", re.IGNORECASE
)
_GROSS: Final = re.compile(
    r"\b(?:gross|before (?:all )?(?:costs|fees)|before(?=[.,;)]|$)|sebelum biaya|kotor|bruto|from|versus|vs|reduc\w+|shrink\w*)\b",
    re.IGNORECASE,
)
_VENUE: Final = re.compile(
    r"\b(?:venue\w*|exchange\w*|binance|bybit|okx|bursa|permits?|would|allow\w*|offers?)\b",
    re.IGNORECASE,
)
_PLAIN_DIGITS: Final = 3
_EXACT: Final = 5
"""So many digits are no accident."""


def meant(
    number: Number, said: Claims, bound: Binding, focus: Focus, table: FactTable
) -> list[Datum]:
    """Return the facts a number can mean by its name, its unit and where it stands."""
    around = (*bound.near, *bound.sentence)
    concepts = _concepts(number, said, bound, focus)
    named = candidates(table, bound.symbols, bound.frame, concepts)
    if "timeframes" in (*bound.near, *bound.sentence) and not said.frames:
        named += _of_frames(bound, table, concepts)
    if _OF.search(said.text[: number.start]) and set(concepts) & _PARTS:
        named += table.by_concept.get("universe", ())
    if _COMPARED.search(said.text[: number.start]):
        named += candidates(table, table.symbols, bound.frame, bound.tight or bound.sentence[:1])
    if number.unit and not any(
        next(targets(number, fact, table.now), None) is not None for fact in named
    ):
        concepts = (*concepts, *around, *focus.labels)
        named = candidates(table, bound.symbols, bound.frame, concepts)
    if bound.frame and not bound.firm:
        overall = candidates(table, bound.symbols, "", concepts)
        elsewhere = {fact.concept for fact in overall} - {
            fact.concept for fact in named if fact.timeframe == bound.frame
        }
        named += [one for one in overall if not one.timeframe or one.concept in elsewhere]
    found = [fact for fact in named if _right_count(number, fact, said)]
    whole = all(reading.value == int(reading.value) for reading in number.readings)
    counts = {"timeframes"} if whole else {"timeframes", *_COUNTS}
    if set(bound.tight) | set(bound.near) <= counts and not (whole and bound.tight):
        found += _by_place(number, bound, table)
    if "threshold" in concepts:
        found += _thresholds(bound, table)
    if number.sign < 0 and {"threshold", "gates"} & set(concepts):
        conflicts = candidates(table, bound.symbols, "", _CONFLICTS)
        found += [fact for fact in conflicts if fact.threshold]
    if "bars" in concepts or number.unit == "bars":
        found += candidates(table, bound.symbols, bound.frame, ("history",))
    return found


def _of_frames(bound: Binding, table: FactTable, concepts: Sequence[str]) -> Iterator[Datum]:
    """Yield what these names are on each timeframe: "on all timeframes, with scores of …"."""
    for frame in ("1d", "4h", "1h"):
        yield from candidates(table, bound.symbols, frame, concepts)


def _concepts(number: Number, said: Claims, bound: Binding, focus: Focus) -> tuple[str, ...]:
    around = (*bound.near, *bound.sentence)
    concepts = bound.tight or around or focus.labels
    if concepts[:1] == ("stoch_rsi_k",) and _SECOND.search(said.text[: number.start]):
        concepts = ("stoch_rsi_d", *concepts)
    if any(one == "votes" or one.startswith("vote_") for one in around):
        concepts = (
            *concepts,
            *_votes(around if bound.tight == ("votes",) else bound.tight or around),
        )
    if number.unit == "%" and "funding" in concepts and _OVER_TIME.search(said.text):
        concepts = (*concepts, "cost")
    if number.unit == "hours" and "entry" in concepts:
        concepts = (*concepts, "fill_by")
    if bound.frame == "8h":
        concepts = (*concepts, "funding_8h")
    concepts = (*concepts, *_supposed(said, bound))
    if _IS_LEFT.search(said.text[: number.start]) and _IS_REACHED.match(said.text[number.end :]):
        concepts = (*concepts, *(other for one in concepts for other in _BEFORE.get(one, ())))
    if not bound.tight:
        concepts = (*concepts, *(other for one in around for other in _SIBLINGS.get(one, ())))
    return concepts


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
        if not bound.sentence or fact.concept in _WHERE_PRICE_IS or digits_of(number) >= _EXACT
    ]
    if digits_of(number) >= _PLAIN_DIGITS:
        found += candidates(table, bound.symbols, bound.frame, ("score", "net_rr", "confidence"))
    return found


def _right_count(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a count is of what the clause says of it: ten passed, of eleven."""
    if fact.concept in {"eta_tp1", "eta_tp2"}:
        median = _MEDIAN_BEFORE.search(said.text[: number.start]) or _MEDIAN_AFTER.match(
            said.text[number.end :]
        )
        return median is None or fact.id.endswith("p50")
    if fact.concept == "gross_rr":
        around = _around(number, said)
        net = _NET.search(around) and not _GROSS.search(around)
        return not net or bool(_IS_LEFT.search(said.text[: number.start]))
    if fact.id.endswith(".venue_leverage"):
        return bool(_VENUE.search(said.text))
    if fact.concept not in {"gates", "votes"}:
        return True
    return _right_sense(number, fact, said)


def _right_sense(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a count of gates or votes is of the ones the clause speaks of, first things first."""
    sense = fact.id.rpartition(".")[2]
    if _OF.search(said.text[: number.start]):
        return sense in {"total", "cast"}
    begin, end = said.clause(number.start)
    senses = _OF_GATES if fact.concept == "gates" else _OF_VOTES
    places = {
        name: found.start()
        for name, pattern in _SENSES
        if name in senses and (found := pattern.search(said.text[begin:end]))
    }
    told = sorted(places, key=places.__getitem__)
    if senses is _OF_VOTES and _OUTNUMBERED.search(said.text[: number.start]):
        told = [name for name in senses if told and name != told[0]]
    elif senses is _OF_VOTES and _OUTNUMBERS.match(said.text[number.end :]):
        told = told[:1]
    return not told or sense in told


def _around(number: Number, said: Claims) -> str:
    """Return the words between the number before and the number behind."""
    before = [one.end for one in said.numbers if one.end <= number.start]
    after = [one.start for one in said.numbers if one.start >= number.end]
    return said.text[before[-1] if before else 0 : after[0] if after else len(said.text)]


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
        if fact.symbol in bound.symbols and fact.unit in units and fact.concept != "tick"
    ]


def wrong_side(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "0.79 ATR above" is said of a price below its average, or 62 % of the shorts."""
    if fact.concept == "stop" and _FAILS.search(said.text) and not _HOLDS.search(said.text):
        short = table.value(f"{fact.symbol}.direction") == "short"
        before = said.text[: number.start].rstrip(" $") + " "
        return bool((AT_MOST if short else AT_LEAST).search(before))
    if fact.concept == "share_long":
        begin, end = said.clause(number.start)
        return bool(_BELOW_ZERO.search(said.text[begin:end]))
    if fact.concept not in {"overextension", "distance_ema_21"} or number.unit != "ATR":
        return False
    apart = table.value(f"{fact.symbol}.{fact.timeframe or '4h'}.distance_ema_21")
    side = SIDE.match(said.text[number.end :])
    return bool(side and isinstance(apart, float) and (apart > 0) is not bool(side["above"]))


def digits_of(number: Number) -> int:
    """Return how many digits a number shows, zeros at its ends not counted."""
    return len(re.sub(r"\D", "", number.text).strip("0"))

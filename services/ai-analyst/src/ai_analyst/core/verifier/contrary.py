"""What is said of a number that cannot be said of a fact: another bound, side, payer or way."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import AT_LEAST, AT_MOST, CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.senses import IS_LEFT
from ai_analyst.core.verifier.sides import SIDE
from ai_analyst.core.verifier.tolerance import bounded, compares

DROPS: Final = phrase(r"\b(?:fall\w*|drop\w*|slip\w*|turun|jatuh)\s(?:through|to|past|ke|menembus|melewati)\s(?:the\s)?$")  # fmt: skip
RISES: Final = phrase(r"\b(?:ris\w+|climb\w*|rall\w+|naik)\s(?:through|to|past|ke|menembus|melewati)\s(?:the\s)?$")  # fmt: skip
"""Before the stop of a short that is said to fail when price falls, and the other way."""
_NO_CHASE: Final = phrase(r"(?:\b(?:not|no longer|stop|jangan|tidak)|n['’]t)\s(?:\w+\s)?(?:chas|enter|buy|sell|short|long|kejar|dikejar|mengejar|masuk|beli|jual)|\b(?:chasing|late|let it go|leave it|no point|(?:stops?|no longer) mak\w+|terlambat)\b")  # fmt: skip
_HOLDS: Final = phrase(
    r"\b(?:as long as|while|stays?|holds?|selama|bertahan|not|tidak|price (?:is|sits|trades|stands|remains))\b"
)
_BELOW_ZERO: Final = phrase(r"\b(?:shorts?|below zero|bearish|turun|di bawah nol)\b")
_SHORT: Final = phrase(r"\s*(?:of (?:the |all )?(?:accounts|traders)\s(?:with an? (?:open )?position\s)?|dari akun\s)?(?:are\s|is\s|hold\s)?(?:net\s)?short\b")  # fmt: skip
_PRICE_NEXT: Final = phrase(r"\s(?:the\s)?(?:(?:current|last|market)\s)?(?:price|harga)\b")
"""Behind a side: the average lies "0.31 ATR below price"."""
_EVERY_HOURS: Final = phrase(r"\s(?:every|per|each|tiap|setiap)\s(?:(?P<four>4|four|empat)|8|eight|delapan)[-\s]?(?:hours?|jam|h)\b")  # fmt: skip
_SHORTS_LEAD: Final = phrase(r"\b(?:shorts|sellers) outnumber|\d\s(?:akun\s)?shorts?\b")  # fmt: skip
_BY: Final = phrase(r"\bby\s(?:(?:about|around|roughly|only|just|some|a)\s)*[$~]?$")
_SIGN: Final = phrase(r"(?P<plus>positive|positif)|\b(?:negative|negatif)\b")
_SIGNED: Final = {Unit.POINTS, Unit.SIGNED, Unit.PLAIN, Unit.PERCENT, Unit.PRICE}
_NET: Final = phrase(r"(?:^|\b|\s)(?:net|bersih|after (?:all )?(?:costs|fees)|setelah biaya)\b")
_GROSS: Final = phrase(
    r"(?:^|\b|\s)(?:gross|kotor|bruto|before (?:all )?(?:costs|fees)|sebelum biaya)\b"
)
_VALUES: Final = {Unit.POINTS, Unit.LEVEL, Unit.CONVICTION, Unit.PERCENTILE, Unit.R}
"""What is a place on a scale, and never the way between two."""


def wrong_side(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether what is said of a number cannot be said of this fact."""
    return (
        _falls_short(number, fact, said, table)
        or _turned(number, fact, said, table)
        or _is_paid_else(number, fact, said, table)
        or _is_apart(number, fact, said)
        or _is_signed_else(number, fact, said)
        or _costs_fit_not(number, fact, said)
    )


def _falls_short(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "above 1" is said of 0.92: rounding does not carry a value over a bound."""
    return (
        fact.unit is not Unit.PRICE
        and not fact.threshold
        and compares(number, said)
        and not (said.find(CONDITIONAL) or said.find(NEGATION))
        and not bounded(number, fact, said, table.now, any_figure=True)
    )


def _is_apart(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a value is told as what lies between two: "it misses the bar by 22.4 points"."""
    return fact.unit in _VALUES and bool(_BY.search(said.text[: number.start]))


def _is_signed_else(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether "negative" is said right before a value above zero, or "positive" below it."""
    ahead, value = _ahead(number, said), fact.number or 0.0
    told = _SIGN.search(ahead)
    if told is None or fact.threshold or fact.unit not in _SIGNED or NEGATION.search(ahead):
        return False
    return value < 0 if told["plus"] else value > 0


def _costs_fit_not(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a ratio after costs is called gross, or one before them net."""
    end = said.clause(number.start)[1]
    later = min([one.start for one in said.numbers if one.start >= number.end], default=end)
    behind = said.text[number.end : min(end, later)]
    ahead = _ahead(number, said)
    net, gross = (bool(form.search(ahead) or form.match(behind)) for form in (_NET, _GROSS))
    if net is gross or IS_LEFT.search(ahead) or fact.unit is not Unit.R:
        return False
    kind = fact.id.rpartition(".")[2]
    return kind in ({"gross_rr", "gross_r"} if net else {"net_rr", "net_r"})


def _ahead(number: Number, said: Claims) -> str:
    """Return the words of a number's clause before it, and behind the number before."""
    begin = said.clause(number.start)[0]
    earlier = max([one.end for one in said.numbers if one.end <= number.start], default=begin)
    return said.text[max(begin, earlier) : number.start]


def _is_paid_else(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether a rate is said to be paid "every four hours" and is one of eight."""
    every = _EVERY_HOURS.match(said.text[number.end :])
    if fact.concept not in {"funding", "funding_8h"} or every is None:
        return False
    per_8h = fact.concept == "funding_8h" or ".gate." in fact.id
    hours = 8.0 if per_8h else table.value(f"{fact.symbol}.funding_interval")
    return hours != (4.0 if every["four"] else 8.0)


def _turned(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether "0.79 ATR above" is said of a price below its average, or 62 % of the shorts."""
    if fact.concept in {"stop", "do_not_chase"}:
        return _is_passed(number, fact, said, table)
    if fact.concept == "share_long":
        begin, end = said.clause(number.start)
        return bool(_BELOW_ZERO.search(said.text[begin:end]))
    if fact.concept == "long_short_ratio":
        return bool(said.find(_SHORTS_LEAD))
    if fact.concept == "long_share":
        return bool(_SHORT.match(said.text[number.end :]))
    apart_from_average = fact.concept in {"overextension", "distance_ema_21"}
    return apart_from_average and number.unit == "ATR" and _other_side(number, fact, said, table)


def _other_side(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether price is told to lie on the other side of its average than it does."""
    apart = table.value(f"{fact.symbol}.{fact.timeframe or '4h'}.distance_ema_21")
    side = SIDE.match(said.text[number.end :])
    if side is None or not isinstance(apart, float):
        return False
    of_average = _PRICE_NEXT.match(said.text[number.end + side.end() :])
    return (apart > 0) is not (bool(side["above"]) is not bool(of_average))


def _is_passed(number: Number, fact: Datum, said: Claims, table: FactTable) -> bool:
    """Whether a long is said to fail above its stop, or not to be chased below its last price."""
    stops = fact.concept == "stop"
    if said.find(_HOLDS) if stops else not said.find(_NO_CHASE):
        return False
    falls = (table.value(f"{fact.symbol}.direction") == "short") is not stops
    before = said.text[: number.start].rstrip(" $") + " "
    drops = (RISES if falls else DROPS).search(before)
    return bool(drops or (AT_LEAST if falls else AT_MOST).search(before))

"""Which of several facts of one name a clause speaks of: passed or refused, net or gross, median."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from typing import Final

from ai_analyst.core.facts import Datum
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.numbers import Number

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
    ("long", re.compile(r"\b(?:longs?|bullish|positive|up|naik|beli|positif)\b", re.IGNORECASE)),
    (
        "short",
        re.compile(r"\b(?:shorts?|bearish|negative|down|turun|jual|negatif)\b", re.IGNORECASE),
    ),
)
_OF_GATES: Final = {"passed", "refused", "not_evaluated"}
_OF_VOTES: Final = {"long", "short"}
_PARTS: Final = {"close_share", "size"}
"""What a part of is a part of a position."""
OF: Final = phrase(r"(?:\bof(?: the| its| all)?|\bdari|/)\s*$")
OF_TARGETS: Final = {"tp1_r", "tp2_r"}
IS_LEFT: Final = phrase(r"\b(?:from|dari|instead of|rather than)\s*$")
_SHARE_OF_ANOTHER: Final = phrase(r"\s(?:of|dari|as|what)\s(?!(?:the|your|a|its)?\s?(?:\w+\s)?(?:position|posisi|trade|size|it\b|cases))|\sthe\s(?!position|trade|size)")  # fmt: skip
"""Behind a share that is none of a position: "half of the limit"."""
_ITS_SIDE: Final = phrase(r"\s(?:longs?|shorts?)\b")
"""Behind a count that is no whole: "6 short / 0 long"."""
_PER_DAY: Final = phrase(r"\b(?:a|per|each|every|setiap|se)\s?(?:day|hari)\b")
IS_NET: Final = phrase(r"[\s)]*(?:net|after (?:all )?(?:costs|fees)|bersih|setelah biaya)\b")
NET_FIRST: Final = phrase(r"(?:^|[.;,]\s)(?:(?:net of|after)(?: all)? (?:costs|fees)|setelah biaya)\b[^\d;]*(?:TP\s?[12])?[^\d;]*$")  # fmt: skip
"""Before what is net: "net of costs TP1 pays"."""
_IS_GROSS: Final = phrase(r"[\s)]*(?:gross|before (?:all )?(?:costs|fees)|kotor|sebelum biaya)\b")
_IN_MONEY: Final = phrase(r"^\W*(?:(?:measured |counted )?in|dalam) (?:dollars?|USDT?|dollar terms|value|nilai|dolar)\b")  # fmt: skip
_TOLD_IN: Final = {
    "open_interest_change": re.compile(
        r"^(?!.*\b(?:contracts?|kontrak|coins?)\b).*\b(?:dollars?|dolar|USDT?|value|nilai|notional)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "open_interest_usd_change": re.compile(
        r"^(?!.*\b(?:dollars?|dolar|USDT?|value|nilai|notional)\b)", re.IGNORECASE | re.DOTALL
    ),
}
"""Words with which a change of open interest is not told in contracts, or not in money."""
_OF_ACCOUNTS: Final = phrase(r"\b(?:accounts?|longs?|traders?|position\w*|akun|posisi)\b")
MEDIAN_BEFORE: Final = phrase(r"\b(?:median|typical\w*|usual\w*|normally|on average|biasanya)(?:(?!\b(?:and|dan)\b)[^.,;()]){0,36}$")  # fmt: skip
_QUARTILE: Final = phrase(r"[\s(]*(?:at|is|as|for|in|pada|di)?\s?(?:the\s)?(?P<name>25|50|75)(?:th)?[-\s]percentile")  # fmt: skip
_MEDIAN_AFTER: Final = phrase(r"\s*(?:at the |is the |in the |\(|as (?:a|the) )?median\b")
_OUTNUMBERS: Final = phrase(r"^\s?-?(?:to|against|:)-?\s?(?:\d|one|two|three|none)")
_OUTNUMBERED: Final = phrase(r"(?:\d|\b(?:one|two|three|four|five|six))\s?-?(?:to|:)-?\s?$")
"""Between the two sides of a vote: "five to one", "5:1"."""
_NET: Final = phrase(r"\b(?:net|after (?:all )?(?:costs|fees)|setelah biaya|bersih)\b")
_GROSS: Final = phrase(r"\b(?:gross|before (?:all )?(?:costs|fees)|before(?=[.,;)]|$)|sebelum biaya|kotor|bruto|from|versus|vs|reduc\w+|shrink\w*)\b")  # fmt: skip
_VENUE: Final = phrase(r"\b(?:venue\w*|exchange\w*|binance|bybit|okx|bursa(?:nya)?|permits?|would|allow\w*|offers?)\b(?<!plan would)(?<!plan would allow)(?<!plan allows)(?<!plan permits)(?<!plan offers)")  # fmt: skip


def of_target(said: Claims) -> bool:
    """Whether a sentence speaks of a target at all: the plan's own ratio is none of a target's."""
    return any(
        {"tp1", "tp2"} & set(label.concepts)
        or (label.concepts[0] not in {"net_rr", "gross_rr"} and OF_TARGETS & set(label.concepts))
        for label in said.labels
    ) or not any(label.concepts[0] in {"net_rr", "gross_rr"} for label in said.labels)


def right_count(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a count is of what the clause says of it: ten passed, of eleven."""
    before, after = said.text[: number.start], said.text[number.end :]
    if fact.concept in {"eta_tp1", "eta_tp2"}:
        median = MEDIAN_BEFORE.search(before) or _MEDIAN_AFTER.match(after)
        fits = median is None or _in_range(number, said) or fact.id.endswith("p50")
        quartile = _QUARTILE.match(after)
        fits = fact.id.endswith(f"p{quartile['name']}") if quartile else fits
    elif fact.concept == "close_share" and number.word:
        fits = not _is_of_another(number, said)
    elif fact.concept == "share_long" and not number.unit:
        fits = all(one.value <= 1 for one in number.readings)
    elif fact.concept == "long_short_ratio":
        fits = bool(said.find(_OF_ACCOUNTS))
    elif fact.concept in _TOLD_IN:
        fits = not _TOLD_IN[fact.concept].search(_told_in(number, said))
    elif fact.concept in OF_TARGETS:
        fits = _net_or_gross(fact, after) and not (
            fact.id.endswith("gross_r") and NET_FIRST.search(before)
        )
    elif fact.id.endswith(".settlements"):
        fits = not said.find(_PER_DAY)
    elif fact.concept == "gross_rr":
        around = _around(number, said)
        net = _NET.search(around) and not _GROSS.search(around)
        fits = not net or bool(IS_LEFT.search(before))
    elif fact.id.endswith(".venue_leverage"):
        fits = bool(said.find(_VENUE))
    else:
        fits = fact.concept not in {"gates", "votes"} or _right_sense(number, fact, said)
    return fits


def _is_of_another(number: Number, said: Claims) -> bool:
    """Whether a share is none of a position: "half of the limit", "half the score of BTC"."""
    behind = next((one for one in said.labels if one.start >= number.end), None)
    between = said.bare[number.end : behind.start] if behind else ""
    return bool(
        _SHARE_OF_ANOTHER.match(said.text[number.end :])
        or (behind and not between.strip() and not _PARTS & set(behind.concepts))
    )


def _in_range(number: Number, said: Claims) -> bool:
    """Whether a number is an end of a range: "typically 18 to 51 hours" tells no median."""
    place = next(at for at, one in enumerate(said.numbers) if one.start == number.start)
    return any(one.partner for one in said.numbers[max(0, place - 1) : place + 1])


def _told_in(number: Number, said: Claims) -> str:
    """Return the words that say what a change is told in: its clause, or the whole sentence."""
    begin, end = said.clause(number.start)
    ahead = said.find(_IN_MONEY)
    return said.text[begin:end] if ahead is None else ahead[0]


def _net_or_gross(fact: Datum, after: str) -> bool:
    """Whether "1.42 R net" is said of what is left after costs."""
    if IS_NET.match(after):
        return fact.id.endswith("net_r")
    return not _IS_GROSS.match(after) or fact.id.endswith("gross_r")


def _right_sense(number: Number, fact: Datum, said: Claims) -> bool:
    """Whether a count of gates or votes is of the ones the clause speaks of, first things first."""
    sense = fact.id.rpartition(".")[2]
    if OF.search(said.text[: number.start]) and not _ITS_SIDE.match(said.text[number.end :]):
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

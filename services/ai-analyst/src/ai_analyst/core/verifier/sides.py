"""Whether what facts come to lies the way it is said: above or below, up or down, more or less."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from typing import Final

from ai_analyst.core.facts import Datum
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.comparisons import Result
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.tolerance import close

SIDE: Final = phrase(r"\s*(?:points?\s|USDT\s)?(?:(?P<above>above|over|higher|di atas(?:nya)?|lebih tinggi)|(?P<below>below|under|beneath|lower|di bawah(?:nya)?|lebih rendah))\b")  # fmt: skip
_PREMIUM: Final = phrase(r"\b(?:(?P<premium>premium|premi)|discount|diskon)\b")
_BASES: Final = {"entry", "zone_low", "zone_high", "price", "close", "mark", "index"}
"""What levels are measured from when it is not said."""
_BRINGS: Final = {"tp1": 1, "tp2": 1, "stop": -1}
"""Whether a level, once reached, brings a gain or a loss, whichever way it lies."""
_PRICES: Final = {"price", "close", "mark", "index"}
WAY: Final = phrase(r"\b(?:(?P<up>climb|rise|rally|bounce|gain|naik)|(?:drop|fall|decline|dip|slip|ease|pull back|turun))\s(?:(?:by|about|around|roughly|another|some|just|only|a|an|further|first|sekitar|sebesar)\s)*[~$]?$")  # fmt: skip
"""Before how far price would have to go."""
BASE: Final = phrase(r"\b(?:above|below|under|over|beneath|than|from|di atas|di bawah|dari)\s(?:the\s|its\s)?$")  # fmt: skip
"""Before a name that another lies beside: "the swing low is just under the stop"."""
_AT: Final = {",", ", at", "at", "di", ", di"}
"""Between a side and where its own level is: "117.4 below at 3,295.3"."""
_NEAR: Final = 14
"""Characters between a side and the value it is a side of: "under the current 184.32"."""


def ratio_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether "-DI is double +DI" has the two the right way round, where both are named."""
    if len(result.operands) != 2 or number.unit not in {"x", "%"}:  # noqa: PLR2004 - two of a ratio
        return True
    mine = next((one for one in reversed(said.labels) if one.end <= number.start), None)
    other = next((one for one in said.labels if one.start >= number.end), None)
    one, two = result.operands
    if one.concept == two.concept:
        return _frames_fit(number, one, two, said)
    if mine is None or other is None:
        return True
    if not (two.concept in mine.concepts and one.concept in other.concepts):
        return True
    factor = 100.0 if number.unit == "%" else 1.0
    return bool(one.number) and close(
        number, abs((two.number or 0.0) / (one.number or 1.0)) * factor, said
    )


def _frames_fit(number: Number, one: Datum, two: Datum, said: Claims) -> bool:
    """Whether "the 4h's is double the daily's" has the two timeframes the right way round."""
    before = [frame.name for frame in said.frames if frame.end <= number.start]
    after = [frame.name for frame in said.frames if frame.start >= number.end]
    if not before or not after or {before[-1], after[0]} != {one.timeframe, two.timeframe}:
        return True
    mine, yours = (one, two) if one.timeframe == before[-1] else (two, one)
    factor = 100.0 if number.unit == "%" else 1.0
    return bool(yours.number) and close(
        number, abs((mine.number or 0.0) / (yours.number or 1.0)) * factor, said
    )


def rival_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether "8.6 points above BTC's" is said of the contract that has more."""
    side = SIDE.match(said.text[number.end :])
    if side is None or len(result.operands) != 2:  # noqa: PLR2004 - two contracts
        return True
    one, other = result.operands
    if one.threshold is not other.threshold:
        following = next((label for label in said.labels if label.start >= number.end), None)
        named = following.concepts if following else ()
        value, limit = (other, one) if one.threshold else (one, other)
        above = abs(value.number or 0.0) > abs(limit.number or 0.0)
        return "distance_ema_21" not in named and (
            "threshold" not in named or above is bool(side["above"])
        )
    before = [named.symbol for named in said.contracts if named.end <= number.start]
    after = [named.symbol for named in said.contracts if named.start >= number.end]
    if one.symbol == other.symbol or not before or not after or before[-1] == after[0]:
        return True
    values = {fact.symbol: fact.number or 0.0 for fact in (one, other)}
    if {before[-1], after[0]} != set(values):
        return True
    mine, yours = values[before[-1]], values[after[0]]
    signed, sized = mine > yours, abs(mine) > abs(yours)
    return bool(side["above"]) in {signed, sized}


def lies_so(number: Number, result: Result, said: Claims) -> bool:
    """Whether a distance lies the way it is said to: by its side, its sign and where price goes."""
    return (
        _premium_fits(result, said)
        and _way_fits(number, result, said)
        and _side_fits(number, result, said)
        and _sign_fits(number, result)
    )


def _premium_fits(result: Result, said: Claims) -> bool:
    """Whether the mark lies above the index where a premium is said, below where a discount is."""
    told = said.find(_PREMIUM)
    values = {fact.concept: fact.number or 0.0 for fact in result.operands}
    if told is None or set(values) != {"mark", "index"}:
        return True
    return (values["mark"] > values["index"]) is bool(told["premium"])


def _way_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether price "must drop 1.08 to reach 185.4" where the level lies below it."""
    way = WAY.search(said.text[: number.start])
    priced = [one for one in result.operands[:2] if one.concept in _PRICES]
    if way is None or len(result.operands) < 2 or len(priced) != 1:  # noqa: PLR2004 - a level and the price
        return True
    level = next(one for one in result.operands[:2] if one is not priced[0])
    return ((level.number or 0.0) > (priced[0].number or 0.0)) is bool(way["up"])


def _sign_fits(number: Number, result: Result) -> bool:
    """Whether "+2.7 %" is where the level lies, or what reaching it brings."""
    if not number.sign or number.unit != "%" or len(result.operands) != 2:  # noqa: PLR2004 - a level and its base
        return True
    level = next((one for one in result.operands if one.concept in _BRINGS), None)
    if level is None:
        return True
    base = next(one for one in result.operands if one is not level)
    lies = 1 if (level.number or 0.0) > (base.number or 0.0) else -1
    return number.sign in {lies, _BRINGS[level.concept]}


def _subject(number: Number, one: Datum, other: Datum, said: Claims) -> Datum | None:
    """Return which of two facts the last phrase before a number names."""
    before = [
        label
        for label in said.labels
        if label.end <= number.start and not BASE.search(said.text[: label.start])
    ]
    named = [fact for fact in (one, other) if before and fact.concept in before[-1].concepts]
    return named[0] if len(named) == 1 else None


def _is_value(number: Number, fact: Datum) -> bool:
    return any(reading.value == fact.number for reading in number.readings)


def _side_fits(number: Number, result: Result, said: Claims) -> bool:
    """Whether "3 % below the entry" lies on the side it says."""
    side = SIDE.match(said.text[number.end :])
    if side is None or len(result.operands) < 2:  # noqa: PLR2004 - a level and its base
        return True
    one, other = result.operands[:2]
    following = next((label for label in said.labels if label.start >= number.end), None)
    bases = set(following.concepts) if following else set()
    told = next((later for later in said.numbers if later.start >= number.end), None)
    behind = said.text[number.end + side.end() : told.start] if told else ","
    if told is not None and len(behind) < _NEAR and behind.strip() not in _AT:
        bases |= {fact.concept for fact in (one, other) if _is_value(told, fact)}
    spoken = {concept for label in said.labels for concept in label.concepts}
    if (one.concept in bases) is (other.concept in bases):
        if (one.concept in spoken) is not (other.concept in spoken):
            subject_first = one.concept in spoken
        elif (subject := _subject(number, one, other, said)) is not None:
            subject_first = subject is one
        elif (one.concept in _BASES) is not (other.concept in _BASES):
            subject_first = other.concept in _BASES
        else:
            return True
    else:
        subject_first = other.concept in bases
    apart = (one.number or 0.0) - (other.number or 0.0)
    above = apart > 0 if subject_first else apart < 0
    return above is bool(side["above"])

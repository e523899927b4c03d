"""Every fact, in every way of writing it: what is written rightly stands, what is not is struck."""

from collections.abc import Iterator

import pytest

from ai_analyst.core.facts import Datum, Unit
from ai_analyst.core.verifier import check
from tests.support.analyst_suite import market

_NAMES = {
    "price": "price",
    "entry": "entry",
    "stop": "stop",
    "tp1": "TP1",
    "tp2": "TP2",
    "break_even": "break-even",
    "do_not_chase": "do-not-chase price",
    "net_rr": "net reward/risk",
    "score": "score",
    "trend_score": "trend score",
    "confidence": "conviction",
    "rsi": "RSI",
    "adx": "ADX",
    "plus_di": "+DI",
    "minus_di": "-DI",
    "macd": "MACD",
    "macd_signal": "MACD signal",
    "ema_9": "EMA 9",
    "ema_21": "EMA 21",
    "ema_50": "EMA 50",
    "ema_200": "EMA 200",
    "supertrend": "Supertrend",
    "bollinger_upper": "upper Bollinger band",
    "bollinger_lower": "lower Bollinger band",
    "relative_volume": "relative volume",
    "funding": "funding",
    "open_interest_change": "open interest",
    "volume_24h": "24h volume",
    "mark": "mark price",
    "index": "index price",
    "atr": "ATR",
}
"""One plain name of each kind of fact a level, an indicator or a score has."""
_SUFFIXES = {Unit.PERCENT: " %", Unit.R: "R", Unit.MULTIPLE: "x"}


def _named() -> Iterator[Datum]:
    for fact in market():
        told = fact.concept in _NAMES and fact.number and fact.symbol and not fact.threshold
        if told and fact.id != f"{fact.symbol}.plan.atr" and "venue" not in fact.id:
            yield fact


def _said(fact: Datum, written: str) -> str:
    frame = f" on the {fact.timeframe}" if fact.timeframe not in {"", "24h"} else ""
    window = " over 24h" if fact.timeframe == "24h" else ""
    return f"{fact.symbol}: the {_NAMES[fact.concept]}{frame} is {written}{window}."


def _written(fact: Datum, value: float, decimals: int, *, continental: bool = False) -> str:
    sign = "-" if value < 0 else ""
    digits = f"{abs(value):,.{decimals}f}"
    if continental:
        digits = digits.translate(str.maketrans(",.", ".,"))
    return f"{sign}{digits}{_SUFFIXES.get(fact.unit, '')}"


def _decimals(fact: Datum) -> int:
    return len(fact.shown.split(" ")[0].rstrip("x").partition(".")[2])


@pytest.mark.parametrize("continental", [False, True], ids=["1,234.5", "1.234,5"])
def test_every_fact_passes_as_it_is_written(*, continental: bool) -> None:
    refused = []
    for fact in _named():
        text = _said(
            fact, _written(fact, fact.number or 0.0, _decimals(fact), continental=continental)
        )
        if check(text, market()).struck:
            refused.append(text)

    assert not refused


def test_every_fact_passes_when_its_last_digit_is_rounded_off() -> None:
    refused = []
    for fact in _named():
        decimals = _decimals(fact) - 1
        if decimals < 0 or abs(fact.number or 0.0) < 10 * 10**-decimals:
            continue
        text = _said(fact, _written(fact, fact.number or 0.0, decimals))
        if check(text, market()).struck:
            refused.append(text)

    assert not refused


@pytest.mark.parametrize("factor", [0.71, 0.83, 0.94, 1.06, 1.19, 1.31])
def test_every_fact_is_struck_when_it_is_changed_beyond_its_rounding(factor: float) -> None:
    passed, changed = [], 0
    for fact in _named():
        value, decimals = (fact.number or 0.0) * factor, _decimals(fact)
        if abs(value - (fact.number or 0.0)) < 2 * 10**-decimals:
            continue
        changed += 1
        text = _said(fact, _written(fact, value, decimals))
        if not check(text, market()).struck:
            passed.append(text)

    assert changed > 150
    assert not passed


def test_every_fact_is_struck_under_the_name_of_another_contract() -> None:
    passed = []
    for fact in _named():
        if fact.symbol != "SOLUSDT" or abs(fact.number or 0.0) < 10:
            continue
        text = _said(fact, _written(fact, fact.number or 0.0, _decimals(fact)))
        text = text.replace("SOLUSDT", "BTCUSDT")
        if not check(text, market()).struck:
            passed.append(text)

    assert not passed

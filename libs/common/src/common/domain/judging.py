"""How a threshold becomes a gate: value, verdict, a sentence, and what would flip it."""

from math import isfinite

from common.domain.signals import Gate, Verdict
from common.domain.timeframes import Timeframe

_LARGE = 10_000
_DIGITS = 4
_ALL_DIGITS = 17


def refuse_above(
    name: str,
    value: float | None,
    threshold: float,
    *,
    what: str,
    unit: str = "",
    timeframe: Timeframe | None = None,
    detail: str = "",
    or_equal: bool = False,
) -> Gate:
    """Judge a value that must not exceed the threshold (`or_equal`: nor reach it)."""
    value = _known(value)
    if value is None:
        return not_evaluated(name, f"{what} is not known", threshold, unit, timeframe)
    refused = value >= threshold if or_equal else value > threshold
    bound, beyond = ("below", "from") if or_equal else ("at most", "above")
    has, limit = told_apart(value, threshold, unit)
    return Gate(
        name=name,
        verdict=Verdict.REFUSED if refused else Verdict.PASSED,
        value=value,
        threshold=threshold,
        unit=unit,
        timeframe=timeframe,
        detail=detail or f"{what} is {has}",
        flip=f"needs {what} {bound} {limit}, has {has}"
        if refused
        else f"refused {beyond} {limit}, has {has}",
    )


def refuse_below(
    name: str,
    value: float | None,
    threshold: float,
    *,
    what: str,
    unit: str = "",
    timeframe: Timeframe | None = None,
    detail: str = "",
) -> Gate:
    """Judge a value that must reach the threshold."""
    value = _known(value)
    if value is None:
        return not_evaluated(name, f"{what} is not known", threshold, unit, timeframe)
    refused = value < threshold
    has, limit = told_apart(value, threshold, unit)
    return Gate(
        name=name,
        verdict=Verdict.REFUSED if refused else Verdict.PASSED,
        value=value,
        threshold=threshold,
        unit=unit,
        timeframe=timeframe,
        detail=detail or f"{what} is {has}",
        flip=f"needs {what} of at least {limit}, has {has}"
        if refused
        else f"refused below {limit}, has {has}",
    )


def not_evaluated(
    name: str,
    detail: str,
    threshold: float | None = None,
    unit: str = "",
    timeframe: Timeframe | None = None,
) -> Gate:
    """List a gate that could not be judged: it passes, visibly."""
    return Gate(
        name=name,
        verdict=Verdict.NOT_EVALUATED,
        threshold=threshold,
        unit=unit,
        timeframe=timeframe,
        detail=detail,
    )


def told_apart(value: float, threshold: float, unit: str = "") -> tuple[str, str]:
    """Write a value and its threshold with as many digits as show which side it is on."""
    digits = _DIGITS
    while digits < _ALL_DIGITS and value != threshold:
        if measure(value, unit, digits) != measure(threshold, unit, digits):
            break
        digits += 1
    return measure(value, unit, digits), measure(threshold, unit, digits)


def measure(value: float, unit: str = "", digits: int = _DIGITS) -> str:
    """Write a number with its unit as a sentence shows it: `2.4 ATR`, `0.13 %`, `20,000`."""
    number = f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.{digits}g}"
    return f"{number} {unit}" if unit else number


def _known(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None

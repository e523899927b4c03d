"""How values are written for people: what is missing is a dash, never a zero."""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

MISSING: Final = "—"
MINUS: Final = "−"

_SIGNIFICANT: Final = 6
_ACRONYMS: Final = frozenset({"adx", "atr", "btc", "ema", "htf", "macd", "obv", "rr", "rsi"})
_MARKDOWN: Final = frozenset("\\`*_{}[]()<>#+-.!|~$:")
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def signed(value: float | None, decimals: int = 1, unit: str = "") -> str:
    """Write a number with its sign: `+0.3 ATR`, `−12`."""
    if value is None:
        return MISSING
    rounded = round(value, decimals)
    if rounded == 0:
        return _with_unit(f"{0:.{decimals}f}", unit)
    return _with_unit(f"{'+' if rounded > 0 else MINUS}{abs(rounded):.{decimals}f}", unit)


def number(value: float | None, decimals: int = 1, unit: str = "") -> str:
    """Write a number with a true minus: `2.31 ATR`."""
    if value is None:
        return MISSING
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and text.strip("0.,") != ""
    return _with_unit(f"{MINUS}{text}" if negative else text, unit)


def compact(value: float | None, unit: str = "") -> str:
    """Write a large number in thousands, millions or billions: `8.13 M`."""
    if value is None:
        return MISSING
    for limit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return _with_unit(f"{value / limit:,.2f} {letter}", unit)
    return _with_unit(f"{value:,.2f}", unit)


def threshold(value: float | None) -> str:
    """Write a gate's number with as many digits as it needs, at most three decimals."""
    if value is None:
        return MISSING
    text = f"{abs(value):,.3f}".rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def price(value: Decimal | float | None, tick: Decimal | None = None) -> str:
    """Write a price with its tick's decimals; without a tick, with six significant digits."""
    if value is None:
        return MISSING
    if tick is not None:
        return f"{value:,.{max(0, -_exponent(tick))}f}"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if whole:
        return f"{value:,.{max(0, _SIGNIFICANT - whole)}f}"
    return f"{value:.{_SIGNIFICANT}g}" if abs(value) >= 1e-4 else f"{value:.10f}".rstrip("0")  # noqa: PLR2004 - where `g` would turn to an exponent


def duration(span: timedelta | None) -> str:
    """Write a span by its two largest units: `2d 4h`, `3h 05m`, `12m`, `40s`."""
    if span is None:
        return MISSING
    seconds = int(abs(span.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds}s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h {seconds % _HOUR // _MINUTE:02d}m"
    return f"{seconds // _DAY}d {seconds % _DAY // _HOUR}h"


def hours(value: float) -> str:
    """Write a number of hours as a span."""
    return duration(timedelta(hours=value))


def moment(instant: datetime | None, zone: tzinfo, *, seconds: bool = False) -> str:
    """Write a time in the reader's zone: `Mon 05 Jan 08:00`."""
    if instant is None:
        return MISSING
    return f"{instant.astimezone(zone):{'%a %d %b %H:%M:%S' if seconds else '%a %d %b %H:%M'}}"


def plain(name: str) -> str:
    """Write an internal name as words: `htf_conflict` becomes `HTF conflict`."""
    return " ".join(word.upper() if word in _ACRONYMS else word for word in name.split("_"))


def counted(count: int, thing: str) -> str:
    """Write how many there are: `1 plan`, `2 plans`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def text(outside: str) -> str:
    """Keep what comes from outside from being read as Markdown."""
    return "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in outside)


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text


def _exponent(tick: Decimal) -> int:
    exponent = tick.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a tick is finite"
    return exponent


def took(seconds: float | None) -> str:
    """Return how long a scan took; an interrupted one's time is not known."""
    return "interrupted" if seconds is None else f"{seconds:.1f} s"

"""One fact as the model is given it: an id, a value, its unit and the time it was observed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    """What a value is measured in: a number in an answer only matches a fact it can mean."""

    PRICE = "price"
    """Quote currency per unit of the base asset."""
    PERCENT = "%"
    SHARE = "share"
    """Between 0 and 1; people also say it as a percentage."""
    ATR = "ATR"
    R = "R"
    """Multiples of a plan's risk."""
    POINTS = "points"
    """A score between −100 and +100."""
    CONVICTION = "of 100"
    """From 0 to 100 and never a percentage: it is no probability."""
    LEVEL = "level"
    """An oscillator between 0 and 100."""
    PERCENTILE = "percentile"
    SIGNED = "vote"
    """Between −1 (short) and +1 (long)."""
    MULTIPLE = "x"
    BPS = "bps"
    USD = "USDT"
    """An amount of the quote currency."""
    AMOUNT = "base"
    """An amount of the base asset."""
    HOURS = "hours"
    SECONDS = "seconds"
    COUNT = "count"
    TIME = "time"
    WORD = "word"
    PLAIN = "plain"


Value = float | str | datetime | None

_SIGNIFICANT: Final = 9
_SHOWN: Final = 4
_SUFFIXES: Final = {Unit.PERCENT: " %", Unit.MULTIPLE: "x", Unit.PERCENTILE: " (percentile)"}
_BARE: Final = {Unit.WORD, Unit.TIME, Unit.COUNT, Unit.PLAIN, Unit.PRICE, Unit.LEVEL, Unit.SHARE}


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One fact with its id; a null value is a fact that is missing, and is said to be."""

    id: str
    concept: str
    """What it is, the same word for every contract and timeframe: `rsi`, `stop`, `funding`."""
    unit: Unit
    value: Value
    observed_at: datetime
    symbol: str = ""
    """The contract it belongs to; empty for the whole market."""
    timeframe: str = ""
    threshold: bool = False
    """A gate's limit and not what was found."""
    note: str = ""

    @property
    def number(self) -> float | None:
        """The value where it is a number."""
        return self.value if isinstance(self.value, float) else None

    @property
    def shown(self) -> str:
        """The value with its unit, as the model and people read it."""
        if self.value is None:
            return "not known"
        if isinstance(self.value, datetime):
            return f"{self.value:%Y-%m-%d %H:%M} UTC"
        if isinstance(self.value, str):
            return self.value
        return f"{written(self.value, exact=self.unit is Unit.PRICE)}{self._suffix()}"

    def _suffix(self) -> str:
        if self.unit in _BARE:
            return ""
        return _SUFFIXES.get(self.unit, f" {self.unit}")


def written(value: float, *, exact: bool = False) -> str:
    """Write a number without noise: no exponent, no trailing zeros; a price keeps its digits."""
    if value == 0:
        return "0"
    if abs(value) < 1:
        text = f"{float(f'{value:.{_SIGNIFICANT if exact else _SHOWN}g}'):.12f}"
    else:
        whole = len(str(int(abs(value))))
        text = f"{value:.{max(0, _SIGNIFICANT - whole) if exact else 2}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

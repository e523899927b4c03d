"""What a venue lists, in words every venue shares: the adapters translate, the universe judges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from common.domain import Instrument, Underlying

# Powers of ten from a thousand on: `1INCH` and `LUNA2` are names.
_BEFORE: Final = re.compile(r"(10{3,8}|1M)([A-Z]\w+)")
_BEHIND: Final = re.compile(r"([A-Z]\w*?)(10{3,8})")
_MILLION: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One listed contract."""

    instrument: Instrument
    perpetual: bool
    underlying: Underlying
    trading: bool
    status: str
    """The venue's own word for whether it trades."""
    pre_listing: bool = False
    """It is announced or auctioned, and does not trade freely yet."""
    ends_at: datetime | None = None
    """Delivery, or the announced end of a perpetual."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Everything a venue lists at one time."""

    contracts: tuple[Contract, ...]
    simulated: bool
    """True when the venue says itself that it is a simulation."""
    weight_per_minute: int | None = None
    """The venue's own limit of request weight."""
    unreadable: Mapping[str, str] | None = None
    """Contracts whose entry could not be read, and why."""


@dataclass(frozen=True)
class Asset:
    """What one unit of a contract's base stands for: `1000SHIB` is a thousand SHIB."""

    name: str
    multiplier: int


def asset_of(base: str) -> Asset:
    """Read a venue's base: the number stands before or behind the coin, a million may be `1M`."""
    if (before := _BEFORE.fullmatch(base)) is not None:
        count, name = before.groups()
        return Asset(name, _MILLION if count == "1M" else int(count))
    if (behind := _BEHIND.fullmatch(base)) is not None:
        name, count = behind.groups()
        return Asset(name, int(count))
    return Asset(base, 1)

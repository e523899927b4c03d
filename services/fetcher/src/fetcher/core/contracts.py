"""What a venue lists, in words every venue shares: the adapters translate, the universe judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from common.domain import Instrument


class Underlying(StrEnum):
    """What a contract's price follows."""

    COIN = "coin"
    INDEX = "index"
    OTHER = "other"
    """Stocks, metals, currencies: markets with hours of their own."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One listed contract."""

    instrument: Instrument
    perpetual: bool
    underlying: Underlying
    trading: bool
    status: str
    """The venue's own word for whether it trades."""


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

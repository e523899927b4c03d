"""What a venue lists on one day, what of it is scanned, and which contracts are about to end."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from common.domain.base import Fact, MarketFact, Model, Symbol, Utc, Venue


class Underlying(StrEnum):
    """What a contract's price follows."""

    COIN = "coin"
    INDEX = "index"
    """A basket of coins, or a coin's share of the market."""
    STOCK = "stock"
    """Shares and their funds: markets with hours of their own, here and below."""
    COMMODITY = "commodity"
    FOREX = "forex"
    OTHER = "other"
    """The venue does not say, or says something new."""


class ExclusionRule(StrEnum):
    """The first rule of the universe that a contract does not meet."""

    DENIED = "denied"
    NOT_ALLOWED = "not_allowed"
    UNDERLYING = "underlying"
    """It follows no coin."""
    DATED = "dated"
    """It is delivered on a day: no perpetual."""
    QUOTE = "quote"
    STABLECOIN = "stablecoin"
    PRE_LISTING = "pre_listing"
    """It does not trade freely yet."""
    STATUS = "status"
    """It has stopped trading, or is being settled."""
    DELISTING = "delisting"
    """Its end is announced."""
    AGE = "age"
    TURNOVER = "turnover"
    SPREAD = "spread"
    RANK = "rank"
    """Enough others are traded more."""
    UNREADABLE = "unreadable"
    """Its entry in the venue's list makes no sense."""


class Exclusion(Model):
    """Why a contract is not scanned."""

    rule: ExclusionRule
    reason: str
    """One sentence with the value that was found."""


class ListedContract(Model):
    """One contract of a venue's list on one day."""

    symbol: Symbol
    base: str
    quote: str
    settle: str
    asset: str
    """The coin alone: SHIB of 1000SHIB. With `units`, it finds the contract on other venues."""
    units: int = Field(ge=1)
    """How many of the coin one unit of the base stands for."""
    underlying: Underlying
    perpetual: bool
    status: str
    """The venue's own word."""
    listed_since: Utc | None
    ends_at: Utc | None
    """Delivery, or the announced end of a perpetual."""
    quote_volume_24h: float | None = Field(ge=0)
    spread_bps: float | None = Field(ge=0)
    excluded: Exclusion | None
    """Null for what is scanned."""


class UniverseSnapshot(Fact):
    """Everything a venue listed when a UTC day's first scan looked, for backtests that do not lie.

    Contracts that have ended since are in it, and those not yet listed are not.
    """

    venue: Venue
    simulated: bool
    day: date
    """The UTC day."""
    as_of: Utc
    """When the venue was asked."""
    contracts: tuple[ListedContract, ...]
    """In the alphabet's order."""
    unreadable: dict[str, str]
    """Entries that could not be read, and why."""

    @property
    @override
    def key(self) -> str:
        return f"universe.{self.venue}.{self.day:%Y%m%d}"

    @property
    def included(self) -> tuple[Symbol, ...]:
        """The contracts that are scanned."""
        return tuple(one.symbol for one in self.contracts if one.excluded is None)

    @model_validator(mode="after")
    def _of_its_day(self) -> Self:
        if self.as_of.date() != self.day:
            raise ValueError(f"as_of must lie on {self.day}, was {self.as_of.isoformat()}")
        return self


class Delisting(MarketFact):
    """A venue has announced a contract's end: it is scanned no more, and open plans are told."""

    ends_at: Utc
    """When trading ends."""
    observed_at: Utc
    """When the announcement was first seen in the venue's list."""

    @property
    @override
    def key(self) -> str:
        return f"delisting.{self.venue}.{self.symbol}.{self.ends_at:%Y%m%dT%H%M%SZ}"

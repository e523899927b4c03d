"""What the venue says: contracts, candles, mark prices."""

from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from common.domain.base import (
    Fact,
    MarketFact,
    Model,
    Price,
    ScanFact,
    Symbol,
    Unit,
    Utc,
    Venue,
)
from common.domain.derivatives import Derivatives
from common.domain.frames import CandleFrames
from common.domain.scans import Barometer
from common.domain.timeframes import Timeframe


class Instrument(Model):
    """A contract as the venue lists it, with what a plan needs to be tradable."""

    venue: Venue
    symbol: Symbol
    base: str
    quote: str
    settle: str
    tick_size: Price
    step_size: Price
    """Smallest change of an order's quantity, in contracts."""
    min_notional: Decimal | None = None
    max_leverage: int | None = Field(default=None, ge=1)
    quote_volume_24h: float | None = Field(default=None, ge=0)
    """Turnover of the last 24 hours in the quote currency."""
    spread_bps: float | None = Field(default=None, ge=0)
    """Best ask less best bid, in basis points of their middle; null when not known."""
    listed_since: Utc | None = None
    simulated: bool
    listed_by: Venue | None = None
    """Another venue, whose list tells steps here until the contract's own has answered once."""


class Marks(Fact):
    """The mark prices of all contracts of a venue at one time; told, not stored."""

    durable = False

    venue: Venue
    simulated: bool
    observed_at: Utc
    prices: dict[Symbol, float]

    @property
    @override
    def key(self) -> str:
        return f"marks.{self.venue}.{self.observed_at:%Y%m%dT%H%M%S.%fZ}"


class Source(StrEnum):
    """Where a window of candles was read."""

    VENUE = "venue"
    """The contract's own venue."""
    OTHER_VENUE = "other_venue"
    """The same contract on another venue."""
    SPOT = "spot"
    """Spot candles of the same asset: levels are near, volumes are not comparable."""


class Bar(MarketFact):
    """One closed candle of one timeframe."""

    timeframe: Timeframe
    source: Source = Source.VENUE
    """Where it was read; the same candle may be told again by its own venue, then under a key that
    ends with the time."""
    open_time: Utc
    open: float = Field(gt=0)
    high: float = Field(gt=0)
    low: float = Field(gt=0)
    close: float = Field(gt=0)
    volume: float = Field(ge=0)

    @property
    @override
    def key(self) -> str:
        name = f"bar.{self.venue}.{self.symbol}.{self.timeframe}.{self.open_time:%Y%m%dT%H%M%SZ}"
        return name if self.source is Source.VENUE else f"{name}.{self.source}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError(
                f"open and close must lie between low and high, was {self.open} {self.high} "
                f"{self.low} {self.close}"
            )
        return self


class Defect(Model):
    """One kind of fault found in one timeframe's candles, counted."""

    name: str
    timeframe: Timeframe | None
    count: int = Field(ge=1)


class Origin(Model):
    """Where one timeframe's window was read: all of it from one place."""

    timeframe: Timeframe
    source: Source
    place: str
    """Who told it: `binance`, `bybit`, `binance-spot`."""
    newest_close: Utc | None
    """When its newest candle closed: `as_of` less this is its age. Null without candles."""


class Quality(Model):
    """How far the candles can be trusted: 1 is flawless."""

    score: Unit
    defects: tuple[Defect, ...] = ()
    source: Source = Source.VENUE
    """The least trusted of the timeframes' sources."""
    origins: tuple[Origin, ...] = ()
    """Each timeframe's source and age; empty in facts told before it was noted."""

    def source_of(self, timeframe: Timeframe) -> Source:
        """Return where one timeframe's candles were read."""
        known = (one.source for one in self.origins if one.timeframe is timeframe)
        return next(known, self.source)


class CandleSet(ScanFact):
    """All closed candles of one contract for one scan, and everything the later stages need."""

    deadline: Utc
    """Venue time after which no decision of this scan is published."""
    instrument: Instrument
    quality: Quality
    derivatives: Derivatives | None = None
    barometer: Barometer | None = None
    """The previous scan's barometer of this venue."""
    new_since: dict[Timeframe, Utc | None]
    """Open time of the first row not sent before; null where every row was."""
    incomplete: tuple[Timeframe, ...] = ()
    """Timeframes whose newest candle had not arrived when the scan had to start."""
    frames: CandleFrames
    """Closed candles by timeframe, oldest first."""

    @property
    @override
    def key(self) -> str:
        return f"candles.{self.venue}.{self.symbol}.{self.scan_id}"

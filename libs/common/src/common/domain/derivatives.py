"""Funding, open interest and who stands on which side of one contract."""

from enum import StrEnum

from pydantic import Field
from typing_extensions import override

from common.domain.base import MarketFact, Unit, Utc


class InterestQuadrant(StrEnum):
    """What price and open interest, moving together, say of who is trading."""

    NEW_LONGS = "new_longs"
    """Both rise: longs are being opened."""
    SHORT_COVERING = "short_covering"
    """Price rises while open interest falls: shorts are being closed."""
    NEW_SHORTS = "new_shorts"
    """Price falls while open interest rises: shorts are being opened."""
    LONG_UNWINDING = "long_unwinding"
    """Both fall: longs are being closed."""
    UNDECIDED = "undecided"
    """Price or open interest has moved too little to say."""


class Derivatives(MarketFact):
    """Funding, mark, index and open interest of one contract at one time; null is not known."""

    observed_at: Utc
    """When the venue told mark, index and funding."""
    mark_price: float | None = Field(default=None, gt=0)
    index_price: float | None = Field(default=None, gt=0)
    basis_bps: float | None = None
    """Mark less index in basis points of the index: positive is a premium."""
    funding_rate: float | None = None
    """The rate of the next settlement as a fraction: 0.0001 is 0.01 %."""
    funding_interval_hours: float | None = Field(default=None, gt=0)
    """Hours between two settlements of this contract."""
    funding_rate_8h: float | None = None
    """The same rate per eight hours, so that contracts compare."""
    funding_rate_year: float | None = None
    """The same rate paid at every settlement of 365 days, not compounded."""
    next_funding_at: Utc | None = None
    open_interest: float | None = Field(default=None, ge=0)
    """Open contracts in units of the base asset, as this venue counts them."""
    open_interest_usd: float | None = Field(default=None, ge=0)
    open_interest_at: Utc | None = None
    """When the venue counted them: not always when it told mark and funding."""
    open_interest_change_1h: float | None = None
    """Relative change in contracts: 0.02 is 2 % more than an hour ago."""
    open_interest_change_4h: float | None = None
    open_interest_change_24h: float | None = None
    open_interest_usd_change_1h: float | None = None
    """Relative change of their value, which moves with the price too."""
    open_interest_usd_change_4h: float | None = None
    open_interest_usd_change_24h: float | None = None
    price_change_4h: float | None = None
    """Relative change of the price over the same four hours."""
    quadrant_4h: InterestQuadrant | None = None
    """Price and open interest over four hours."""
    long_share: Unit | None = None
    """Share of the accounts with a position that are long; accounts, not money."""
    long_short_ratio: float | None = Field(default=None, ge=0)
    """Accounts that are long for each that is short."""
    long_short_at: Utc | None = None

    @property
    @override
    def key(self) -> str:
        return f"derivatives.{self.venue}.{self.symbol}.{self.observed_at:%Y%m%dT%H%M%S.%fZ}"

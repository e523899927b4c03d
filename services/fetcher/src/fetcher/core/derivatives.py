"""Funding and open interest of one contract, from what the venue said; unknown stays null."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from common.domain import Derivatives

_HOURS_COMPARED: Final = 8
_STALEST: Final = timedelta(hours=1)  # how far a past reading may lie from the hour asked for


@dataclass(frozen=True, kw_only=True)
class Premium:
    """Mark, index and the coming settlement of one contract."""

    symbol: str
    observed_at: datetime
    mark_price: float | None
    index_price: float | None
    funding_rate: float | None
    funding_interval_hours: float | None
    next_funding_at: datetime | None


@dataclass(frozen=True)
class InterestPoint:
    """Open interest at one time, in units of the base asset."""

    at: datetime
    amount: float


def describe(
    premium: Premium,
    *,
    venue: str,
    simulated: bool,
    current: InterestPoint | None = None,
    history: Sequence[InterestPoint] = (),
) -> Derivatives:
    """Put together what is known; changes compare the current reading with past ones."""
    rate, interval = premium.funding_rate, premium.funding_interval_hours
    return Derivatives(
        venue=venue,
        symbol=premium.symbol,
        simulated=simulated,
        observed_at=premium.observed_at,
        mark_price=premium.mark_price,
        index_price=premium.index_price,
        funding_rate=rate,
        funding_interval_hours=interval,
        funding_rate_8h=None if rate is None or not interval else rate * _HOURS_COMPARED / interval,
        next_funding_at=premium.next_funding_at,
        open_interest=None if current is None else current.amount,
        open_interest_usd=(
            None
            if current is None or premium.mark_price is None
            else current.amount * premium.mark_price
        ),
        open_interest_change_1h=_change(current, history, timedelta(hours=1)),
        open_interest_change_4h=_change(current, history, timedelta(hours=4)),
        open_interest_change_24h=_change(current, history, timedelta(hours=24)),
    )


def _change(
    current: InterestPoint | None, history: Sequence[InterestPoint], back: timedelta
) -> float | None:
    if current is None:
        return None
    wanted = current.at - back
    past = max((one for one in history if one.at <= wanted), key=lambda one: one.at, default=None)
    if past is None or past.at < wanted - _STALEST or not past.amount:
        return None
    return current.amount / past.amount - 1

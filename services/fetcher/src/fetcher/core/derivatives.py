"""Funding, open interest and positioning of one contract, as the venue told it; unknown is null."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from common.domain import Derivatives, InterestQuadrant
from fetcher.core.interest import InterestMemory, InterestPoint

_HOURS_COMPARED: Final = 8
_HOURS_OF_A_YEAR: Final = 365 * 24
_BPS: Final = 10_000


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
class AccountRatio:
    """Which share of the accounts with a position was long at one time."""

    at: datetime
    long_share: float

    @property
    def per_short(self) -> float | None:
        """Accounts that are long for each that is short; null when none is."""
        return None if self.long_share >= 1 else self.long_share / (1 - self.long_share)


@dataclass(frozen=True, kw_only=True)
class QuadrantRule:
    """How far price and open interest must have moved, as fractions, to say anything."""

    price: float
    interest: float


def describe(
    premium: Premium,
    *,
    venue: str,
    simulated: bool,
    rule: QuadrantRule,
    current: InterestPoint | None = None,
    past: InterestMemory | None = None,
    accounts: AccountRatio | None = None,
) -> Derivatives:
    """Put together what is known; changes compare the current reading with past ones."""
    rate, interval, mark = premium.funding_rate, premium.funding_interval_hours, premium.mark_price
    per_hour = None if rate is None or not interval else rate / interval
    hours = {back: _before(current, past, timedelta(hours=back)) for back in (1, 4, 24)}
    contracts = {back: _change(current, point) for back, point in hours.items()}
    values = {back: _value_change(current, mark, point) for back, point in hours.items()}
    price_change = _relative(mark, hours[4].price if hours[4] is not None else None)
    return Derivatives(
        venue=venue,
        symbol=premium.symbol,
        simulated=simulated,
        observed_at=premium.observed_at,
        mark_price=mark,
        index_price=premium.index_price,
        basis_bps=_scaled(_relative(mark, premium.index_price), _BPS),
        funding_rate=rate,
        funding_interval_hours=interval,
        funding_rate_8h=_scaled(per_hour, _HOURS_COMPARED),
        funding_rate_year=_scaled(per_hour, _HOURS_OF_A_YEAR),
        next_funding_at=premium.next_funding_at,
        open_interest=None if current is None else current.amount,
        open_interest_usd=_scaled(mark, None if current is None else current.amount),
        open_interest_at=None if current is None else current.at,
        open_interest_change_1h=contracts[1],
        open_interest_change_4h=contracts[4],
        open_interest_change_24h=contracts[24],
        open_interest_usd_change_1h=values[1],
        open_interest_usd_change_4h=values[4],
        open_interest_usd_change_24h=values[24],
        price_change_4h=price_change,
        quadrant_4h=quadrant(price_change, contracts[4], rule),
        long_share=None if accounts is None else accounts.long_share,
        long_short_ratio=None if accounts is None else accounts.per_short,
        long_short_at=None if accounts is None else accounts.at,
    )


def quadrant(
    price_change: float | None, interest_change: float | None, rule: QuadrantRule
) -> InterestQuadrant | None:
    """Say who is trading, null while either change is not known."""
    if price_change is None or interest_change is None:
        return None
    if abs(price_change) < rule.price or abs(interest_change) < rule.interest:
        return InterestQuadrant.UNDECIDED
    if interest_change > 0:
        return InterestQuadrant.NEW_LONGS if price_change > 0 else InterestQuadrant.NEW_SHORTS
    if price_change > 0:
        return InterestQuadrant.SHORT_COVERING
    return InterestQuadrant.LONG_UNWINDING


def _before(
    current: InterestPoint | None, past: InterestMemory | None, back: timedelta
) -> InterestPoint | None:
    return None if current is None or past is None else past.near(current.at - back)


def _change(current: InterestPoint | None, past: InterestPoint | None) -> float | None:
    if current is None or past is None:
        return None
    return _relative(current.amount, past.amount)


def _value_change(
    current: InterestPoint | None, mark: float | None, past: InterestPoint | None
) -> float | None:
    if current is None or mark is None or past is None or past.price is None:
        return None
    return _relative(current.amount * mark, past.amount * past.price)


def _relative(now: float | None, before: float | None) -> float | None:
    return None if now is None or not before else _finite(now / before - 1)


def _scaled(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else _finite(value * factor)


def _finite(value: float) -> float | None:
    # Finite numbers of a venue gone mad may still overflow: what cannot be told is not known.
    return value if isfinite(value) else None

"""What a trade costs beyond its prices: fees, spread, slippage, and funding while it is held."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from common.domain import Costs, Derivatives, Instrument
from planner.core.rounding import exact
from planner.core.rules import CostRules
from planner.core.setup import Setup

_BPS = Decimal("0.0001")
_PER_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Charge:
    """The costs as a fact tells them, and their exact sum per unit."""

    told: Costs
    per_unit: Decimal


def charge(
    setup: Setup,
    instrument: Instrument,
    derivatives: Derivatives | None,
    *,
    as_of: datetime,
    held: timedelta,
    rules: CostRules,
) -> Charge:
    """Add up what a unit costs when it is held for the median time to the second target."""
    spread = instrument.spread_bps
    spread_bps = rules.assumed_spread_bps if spread is None else spread
    settlements = count_settlements(derivatives, as_of, as_of + held)
    signed = None
    if settlements is not None and derivatives is not None and derivatives.funding_rate is not None:
        # plus zero: no settlements cost 0, not −0
        signed = setup.direction.sign * exact(derivatives.funding_rate) * settlements + Decimal(0)
    # funding received is shown, never counted
    charged = max(Decimal(0), signed or Decimal(0))
    taker = exact(rules.taker_percent) * _PER_CENT
    share = 2 * taker + (exact(spread_bps) + exact(rules.slippage_bps)) * _BPS + charged
    per_unit = setup.entry * share
    return Charge(
        told=Costs(
            taker_fee=float(taker),
            spread_bps=spread_bps,
            spread_assumed=spread is None,
            slippage_bps=rules.slippage_bps,
            funding_settlements=settlements,
            funding_signed=None if signed is None else float(signed),
            funding_charged=float(charged),
            total=float(per_unit),
        ),
        per_unit=per_unit,
    )


def count_settlements(
    derivatives: Derivatives | None, as_of: datetime, until: datetime
) -> int | None:
    """Count the fundings due after `as_of` and not after `until`, by the contract's own interval.

    None when the rate, the interval or the next time is not known.
    """
    if (
        derivatives is None
        or derivatives.funding_rate is None
        or derivatives.funding_interval_hours is None
        or derivatives.next_funding_at is None
    ):
        return None
    interval = timedelta(hours=derivatives.funding_interval_hours)
    # settlements at next + n·interval: those not after `until` less those not after `as_of`
    upto = (until - derivatives.next_funding_at) // interval
    before = max((as_of - derivatives.next_funding_at) // interval, -1)
    return max(0, upto - before)

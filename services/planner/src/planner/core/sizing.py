"""How large a position may be, and with how much leverage it still outlives its stop."""

from decimal import Decimal
from math import floor

from common.domain import Instrument, Sizing
from planner.core.rounding import down, exact
from planner.core.rules import LeverageRules, SizingRules

_PER_CENT = Decimal("0.01")


def size_position(
    entry: Decimal, loss_per_unit: Decimal, instrument: Instrument, rules: SizingRules
) -> Sizing | None:
    """Return the largest quantity whose loss at the stop, costs included, stays in the budget.

    None without an account; a quantity of 0 when one step is already too much.
    """
    account = exact(rules.account)
    if account <= 0:
        return None
    share = exact(rules.risk_percent) * _PER_CENT
    quantity = down(account * share / loss_per_unit, instrument.step_size)
    return Sizing(
        account=account,
        risk_share=float(share),
        quantity=quantity,
        notional=quantity * entry,
        risk=quantity * loss_per_unit,
    )


def highest_leverage(
    stop_share: float, instrument: Instrument, rules: LeverageRules
) -> tuple[int, str]:
    """Return the highest leverage whose liquidation lies beyond the stop, and what it assumes."""
    allowed = max(1, floor(1.0 / (rules.stop_multiple * stop_share + rules.maintenance)))
    note = f"isolated margin assumed, maintenance about {rules.maintenance * 100:g} %"
    limit = instrument.max_leverage
    if limit is not None and limit < allowed:
        return limit, f"the venue's limit; {note}"
    return allowed, note

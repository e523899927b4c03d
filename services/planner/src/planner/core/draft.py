"""A trade drawn and costed: everything a gate or a plan needs, before anyone has said yes."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from common.domain import Eta, Signal
from planner.core.costs import Charge, charge
from planner.core.eta import first_eta, second_eta
from planner.core.rounding import exact
from planner.core.rules import PlanRules
from planner.core.setup import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Prices, times and costs of a trade, and what it would earn for its risk."""

    setup: Setup
    pace: float
    """R / ATR of the anchor: how far a walk has to go."""
    etas: tuple[Eta, Eta]
    charge: Charge
    blended: Decimal
    """Reward of the whole position: its first share at the first target, the rest at the second."""

    @property
    def stop_share(self) -> float:
        """R as a fraction of the entry price."""
        return float(self.setup.risk / self.setup.entry)

    @property
    def loss_per_unit(self) -> Decimal:
        """What a unit loses at the stop, costs included."""
        return self.setup.risk + self.charge.per_unit

    @property
    def gross_rr(self) -> float:
        """Reward / risk before costs."""
        return float(self.blended / self.setup.risk)

    @property
    def net_rr(self) -> float:
        """Reward / risk after costs."""
        return self.net(self.blended)

    def net(self, reward: Decimal) -> float:
        """Return a reward after costs in units of the loss at the stop."""
        return float((reward - self.charge.per_unit) / self.loss_per_unit)


def cost_setup(setup: Setup, signal: Signal, rules: PlanRules) -> Draft:
    """Cost a sound setup: its times, what holding it costs, and what it would earn."""
    pace = float(setup.risk) / setup.atr
    etas = first_eta(pace, rules.eta), second_eta(pace, rules.eta)
    costs = charge(
        setup,
        signal.instrument,
        signal.derivatives,
        as_of=signal.as_of,
        held=timedelta(hours=etas[1].p50_hours),
        rules=rules.costs,
    )
    share = exact(rules.targets.first_share)
    blended = share * setup.reward(setup.first_target) + (1 - share) * setup.reward(
        setup.second_target
    )
    return Draft(setup=setup, pace=pace, etas=etas, charge=costs, blended=blended)

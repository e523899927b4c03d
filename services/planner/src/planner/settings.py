"""The settings of the planner: the decision rules it plans by."""

from typing import ClassVar

from pydantic import Field

from common.settings import Section
from planner.core.rules import (
    CostRules,
    EntryRules,
    EtaRules,
    FollowingRules,
    GateRules,
    LeverageRules,
    PlanRules,
    SizingRules,
    StopRules,
    TargetRules,
)


class PlannerSettings(Section):
    """Section `[planner]`: every number a plan, a gate or an outcome depends on."""

    section: ClassVar[str] = "planner"

    rank_net_rr: float = Field(gt=0)
    """Net reward/risk beyond which a plan does not rank higher."""
    entry: EntryRules
    stop: StopRules
    targets: TargetRules
    eta: EtaRules
    costs: CostRules
    gates: GateRules
    sizing: SizingRules
    leverage: LeverageRules
    following: FollowingRules

    @property
    def rules(self) -> PlanRules:
        """The same numbers as the core takes them."""
        return PlanRules(
            entry=self.entry,
            stop=self.stop,
            targets=self.targets,
            eta=self.eta,
            costs=self.costs,
            gates=self.gates,
            sizing=self.sizing,
            leverage=self.leverage,
            following=self.following,
            rank_net_rr=self.rank_net_rr,
        )

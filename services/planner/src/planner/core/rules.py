"""The numbers of the decision rules that plans use; their values live in config/scanner.toml."""

from typing import Self

from pydantic import Field, model_validator

from common.domain import Model, Unit
from common.domain.agreement import require_rising


class EntryRules(Model):
    """Where a plan is entered; distances in ATR of the anchor."""

    market_within: float = Field(gt=0)
    zone_near: float
    zone_far: float
    do_not_chase: float = Field(ge=0)
    fill_bars: int = Field(ge=1)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "zone_near", "zone_far")
        return self


class StopRules(Model):
    """Where a plan is wrong; distances in ATR of the anchor."""

    beyond_swing: float = Field(ge=0)
    nearest: float = Field(gt=0)
    furthest: float = Field(gt=0)
    distance: float = Field(gt=0)
    distance_high_volatility: float = Field(gt=0)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "nearest", "furthest", equal=True)
        require_rising(self, "distance", "distance_high_volatility", equal=True)
        return self


class TargetRules(Model):
    """Where profit is taken, in units of the risk R."""

    first: float = Field(gt=0)
    second: float = Field(gt=0)
    first_share: Unit

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "first", "second")
        return self


class EtaRules(Model):
    """Anchor bars to a target times (R / ATR) squared: quartiles of a driftless walk."""

    first_p25: float = Field(gt=0)
    first_p50: float = Field(gt=0)
    first_p75: float = Field(gt=0)
    second_p25: float = Field(gt=0)
    second_p50: float = Field(gt=0)
    second_p75: float = Field(gt=0)
    expiry_least_bars: int = Field(ge=1)
    expiry_most_bars: int = Field(ge=1)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "first_p25", "first_p50", "first_p75")
        require_rising(self, "second_p25", "second_p50", "second_p75")
        require_rising(self, "first_p50", "second_p50")
        require_rising(self, "expiry_least_bars", "expiry_most_bars", equal=True)
        return self


class CostRules(Model):
    """What trading costs."""

    taker_percent: float = Field(ge=0)
    slippage_bps: float = Field(ge=0)
    assumed_spread_bps: float = Field(ge=0)


class GateRules(Model):
    """Every threshold a plan can be refused by."""

    stop_too_wide_percent: float = Field(gt=0)
    net_rr: float = Field(ge=0)
    cooldown_stop_hours: float = Field(ge=0)
    cooldown_other_hours: float = Field(ge=0)


class SizingRules(Model):
    """How much is risked; an account of 0 leaves the size out."""

    account: float = Field(ge=0)
    risk_percent: float = Field(gt=0, le=100)


class LeverageRules(Model):
    """How far liquidation must lie beyond the stop."""

    stop_multiple: float = Field(gt=0)
    maintenance: float = Field(gt=0)


class FollowingRules(Model):
    """How long missing candles are waited for while a plan is followed."""

    gap_hours: float = Field(gt=0)
    silence_hours: float = Field(gt=0)


class PlanRules(Model):
    """All of it."""

    entry: EntryRules
    stop: StopRules
    targets: TargetRules
    eta: EtaRules
    costs: CostRules
    gates: GateRules
    sizing: SizingRules
    leverage: LeverageRules
    following: FollowingRules
    rank_net_rr: float = Field(gt=0)

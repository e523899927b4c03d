"""Where a trade would be entered, stopped and closed, rounded to the tick."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from common.domain import Direction, EntryKind, Levels, Regime, Signal
from planner.core.rounding import ahead, behind, exact
from planner.core.rules import EntryRules, PlanRules, StopRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A trade's prices, on the tick grid."""

    direction: Direction
    distance: float
    """Reference price to EMA 21 of the anchor, in ATR, positive in the trade's direction."""
    kind: EntryKind
    entry: Decimal
    zone_low: Decimal
    zone_high: Decimal
    do_not_chase: Decimal
    stop: Decimal
    stop_kind: str
    first_target: Decimal
    second_target: Decimal
    atr: float

    @property
    def risk(self) -> Decimal:
        """R: the distance from entry to stop."""
        return abs(self.entry - self.stop)

    @property
    def sound(self) -> bool:
        """Whether every price is above zero and the levels can be told apart on the tick grid."""
        ladder = (self.stop, self.entry, self.first_target, self.second_target)
        sign = self.direction.sign
        return min(*ladder, self.zone_low, self.do_not_chase) > 0 and all(
            sign * near < sign * far for near, far in pairwise(ladder)
        )

    def reward(self, target: Decimal) -> Decimal:
        """Return the distance from entry to a target, negative when it lies on the wrong side."""
        return self.direction.sign * (target - self.entry)


def draw_setup(signal: Signal, rules: PlanRules) -> Setup | None:
    """Draw the trade a signal suggests, whether or not it may be taken; None without its levels."""
    levels, direction = signal.levels, signal.direction
    if levels is None or direction is None or not levels.anchor_atr or levels.anchor_ema_21 is None:
        return None
    sign = direction.sign
    tick = signal.instrument.tick_size
    atr = exact(levels.anchor_atr)
    distance = sign * (exact(levels.reference) - exact(levels.anchor_ema_21)) / atr
    kind, entry, far_edge = _entry(levels, direction, distance, rules.entry)
    swings = levels.anchor_swing_lows if sign > 0 else levels.anchor_swing_highs
    stop, stop_kind = _stop(entry, direction, atr, swings, regime=signal.regime, rules=rules.stop)
    # targets come from unrounded prices: a stop rounded away must not push them further out
    risk = abs(entry - stop)
    rounded_entry = ahead(entry, tick, direction)
    edge = ahead(far_edge, tick, direction)
    chase = behind(entry + sign * exact(rules.entry.do_not_chase) * atr, tick, direction)
    return Setup(
        direction=direction,
        distance=float(distance),
        kind=kind,
        entry=rounded_entry,
        zone_low=min(rounded_entry, edge),
        zone_high=max(rounded_entry, edge),
        do_not_chase=rounded_entry if sign * (chase - rounded_entry) < 0 else chase,
        stop=behind(stop, tick, direction),
        stop_kind=stop_kind,
        first_target=behind(entry + sign * exact(rules.targets.first) * risk, tick, direction),
        second_target=behind(entry + sign * exact(rules.targets.second) * risk, tick, direction),
        atr=levels.anchor_atr,
    )


def _entry(
    levels: Levels, direction: Direction, distance: Decimal, rules: EntryRules
) -> tuple[EntryKind, Decimal, Decimal]:
    reference = exact(levels.reference)
    # on the wrong side of the average the gate no_entry refuses; prices are still drawn for it
    if distance <= exact(rules.market_within):
        return EntryKind.MARKET, reference, reference
    average = exact(levels.anchor_ema_21 or 0.0)
    atr = exact(levels.anchor_atr or 0.0)
    near = average + direction.sign * exact(rules.zone_far) * atr
    far = average + direction.sign * exact(rules.zone_near) * atr
    return EntryKind.PULLBACK, near, far


def _stop(
    entry: Decimal,
    direction: Direction,
    atr: Decimal,
    swings: Sequence[float],
    *,
    regime: Regime | None,
    rules: StopRules,
) -> tuple[Decimal, str]:
    sign = direction.sign
    prices = map(exact, swings)
    swing = next((price for price in prices if sign * (entry - price) > 0), None)
    if swing is not None:
        stop = swing - sign * exact(rules.beyond_swing) * atr
        away = sign * (entry - stop)
        if exact(rules.nearest) * atr <= away <= exact(rules.furthest) * atr:
            return stop, "structure"
    wild = regime is Regime.HIGH_VOLATILITY
    distance = rules.distance_high_volatility if wild else rules.distance
    return entry - sign * exact(distance) * atr, "atr"

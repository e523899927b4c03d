"""What a trader should know before taking a plan, in short sentences."""

from collections.abc import Iterator
from decimal import Decimal

from common.domain import Direction, Signal, Sizing, Source
from planner.core.draft import Draft
from planner.core.rounding import exact

_SOURCES = {
    Source.SPOT: "spot levels: candles are from the spot market",
    Source.OTHER_VENUE: "levels from another venue's candles",
}


def warn(draft: Draft, signal: Signal, sizing: Sizing | None) -> tuple[str, ...]:
    """Name what stands in the way, what was assumed, and what cannot be ordered."""
    return tuple(_warnings(draft, signal, sizing))


def _warnings(draft: Draft, signal: Signal, sizing: Sizing | None) -> Iterator[str]:
    yield from _obstacles(draft, signal)
    costs = draft.charge.told
    if costs.spread_assumed:
        yield f"spread not known, {costs.spread_bps:g} bps assumed"
    if costs.funding_signed is None:
        yield "funding not known, none charged"
    if signal.quality.source in _SOURCES:
        yield _SOURCES[signal.quality.source]
    if signal.instrument.listed_by is not None:
        yield f"steps of price and size are those {signal.instrument.listed_by} lists"
    least = signal.instrument.min_notional
    if sizing is not None and sizing.quantity == 0:
        yield "one step of quantity already risks more than the budget"
    elif sizing is not None and least is not None and sizing.notional < least:
        yield f"size is below the venue's least order of {least} {signal.instrument.quote}"


def _obstacles(draft: Draft, signal: Signal) -> Iterator[str]:
    levels, setup = signal.levels, draft.setup
    if levels is None:
        return
    long = setup.direction is Direction.LONG
    swings = {
        "4h": levels.anchor_swing_highs if long else levels.anchor_swing_lows,
        "1d": levels.daily_swing_highs if long else levels.daily_swing_lows,
    }
    for timeframe, prices in swings.items():
        distances = [setup.reward(exact(price)) for price in prices]
        # a pull-back is entered behind price: what price has already broken is no obstacle
        ahead = max(Decimal(0), setup.reward(exact(levels.reference)))
        nearest = min(
            (one for one in distances if ahead < one < setup.reward(setup.first_target)),
            default=None,
        )
        if nearest is not None:
            name = "resistance" if long else "support"
            yield f"{name} at {float(nearest / setup.risk):.1f} R ({timeframe} swing)"

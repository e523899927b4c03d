"""The prices a chart draws for a plan, and where their labels go so that none hides another."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.domain import EntryKind, TradePlan
from dashboard.core import words
from dashboard.core.sheet import Tone


@dataclass(frozen=True, kw_only=True)
class Level:
    """One horizontal line with its label."""

    name: str
    price: Decimal
    label: str
    tone: Tone
    dash: str = "solid"


def plan_levels(plan: TradePlan) -> tuple[Level, ...]:
    """Return the plan's lines, highest price first."""
    tick = plan.tick_size
    first, second = plan.targets
    edges = sorted({plan.entry.zone_low, plan.entry.zone_high} - {plan.entry.price})
    levels = [
        _level("TP2", second.price, tick, Tone.LONG, note=f"{second.gross_r:.1f} R"),
        _level("TP1", first.price, tick, Tone.LONG, note=f"{first.gross_r:.1f} R"),
        _level("Do not chase", plan.entry.do_not_chase, tick, Tone.WARN, dash="dot"),
        _level("Entry", plan.entry.price, tick, Tone.INFO),
        _level("Stop", plan.stop, tick, Tone.SHORT, note="−1 R"),
    ]
    if plan.entry.kind is EntryKind.PULLBACK:
        levels += [_level("Zone", edge, tick, Tone.INFO, dash="dot") for edge in edges]
    return tuple(sorted(levels, key=lambda level: level.price, reverse=True))


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Move labels apart until neighbours are `gap` away, keeping their order and their middle.

    Takes and returns positions from high to low. Labels that would touch form a block around the
    mean of where they wanted to be; blocks that meet become one.
    """
    blocks: list[list[float]] = []
    for wanted in positions:
        blocks.append([wanted])
        while len(blocks) > 1 and _bottom(blocks[-2], gap) - _top(blocks[-1], gap) < gap:
            lower = blocks.pop()
            blocks[-1] += lower
    return [_top(block, gap) - place * gap for block in blocks for place in range(len(block))]


def _level(
    name: str, price: Decimal, tick: Decimal, tone: Tone, *, note: str = "", dash: str = "solid"
) -> Level:
    label = f"{name} {words.price(price, tick)}" + (f" · {note}" if note else "")
    return Level(name=name, price=price, label=label, tone=tone, dash=dash)


def _top(block: Sequence[float], gap: float) -> float:
    return sum(block) / len(block) + (len(block) - 1) * gap / 2


def _bottom(block: Sequence[float], gap: float) -> float:
    return sum(block) / len(block) - (len(block) - 1) * gap / 2

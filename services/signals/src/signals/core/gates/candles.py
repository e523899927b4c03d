"""Gates that read single candles and the distance to the average: too late, a trap, a shock."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final, NamedTuple

from common.domain import ANCHOR, Direction, Gate, Timeframe, Verdict
from common.domain.judging import measure, not_evaluated, refuse_above
from signals.core.rules import GateRules
from signals.core.terms import ratio
from signals.core.window import Window


def overextension(distance: float | None, direction: Direction | None, rules: GateRules) -> Gate:
    """Refuse to chase a price that has left EMA 21 of 4h far behind in the trade's direction."""
    if direction is None:
        return not_evaluated(
            "overextension", "no direction to be extended in", rules.overextension, "ATR", ANCHOR
        )
    side = "above" if direction is Direction.LONG else "below"
    return refuse_above(
        "overextension",
        None if distance is None else direction.sign * distance,
        rules.overextension,
        what=f"distance {side} the 4h EMA 21",
        unit="ATR",
        timeframe=ANCHOR,
    )


def oversized(anchor: Window, trigger: Window, rules: GateRules) -> Gate:
    """Refuse both sides after a candle far larger than the market was used to."""
    candles = (
        (anchor.timeframe, "the last", anchor.last.true_range, anchor.atr_before[0]),
        (trigger.timeframe, "the last", trigger.last.true_range, trigger.atr_before[0]),
        (trigger.timeframe, "the last but one", trigger.true_range_before, trigger.atr_before[1]),
    )
    sizes = [(ratio(size, unit), timeframe, which) for timeframe, which, size, unit in candles]
    known = [(size, timeframe, which) for size, timeframe, which in sizes if size is not None]
    if not known:
        return not_evaluated("oversized", "no candle could be measured", rules.oversized, "ATR")
    size, timeframe, which = max(known, key=lambda one: one[0])
    gate = refuse_above(
        "oversized",
        size,
        rules.oversized,
        what=f"true range of {which} {timeframe} candle",
        unit="ATR",
        timeframe=timeframe,
        or_equal=True,
    )
    if len(known) == len(sizes) or gate.verdict is Verdict.REFUSED:
        return gate
    return _unsure(gate, "not every candle is known")


_DECIMALS: Final = 9
"""A wick of exactly two bodies must not miss by the rounding of two differences of prices."""


class _Condition(NamedTuple):
    what: str
    value: float | None
    threshold: float
    unit: str


class _Trap(NamedTuple):
    """Conditions that make a trap when all of them hold."""

    timeframe: Timeframe
    name: str
    conditions: tuple[_Condition, ...]
    sprung: bool | None
    """None while what is known holds and something is not known."""
    weakest: _Condition | None
    """The known condition furthest from holding: the one that decides."""
    fullness: float
    """How far the weakest condition holds: 1 is its threshold."""


def trap_wick(windows: Sequence[Window], direction: Direction | None, rules: GateRules) -> Gate:
    """Refuse after a wick that rejected the trade's direction on volume, or whipped both ways.

    The gate shows the condition that decides: a trap springs when its weakest condition holds.
    """
    traps = [trap for window in windows for trap in _traps(window, direction, rules)]
    unsure = [trap for trap in traps if trap.sprung is None]
    shown = max(
        (trap for trap in traps if trap.weakest is not None),
        key=lambda trap: (trap.sprung is not False, trap.sprung is True, trap.fullness),
        default=None,
    )
    if shown is None or shown.weakest is None:
        return not_evaluated("trap_wick", "no wick could be measured", rules.trap_wick_atr, "ATR")
    found = ", ".join(
        f"{one.what} {measure(one.value, one.unit)}"
        for one in shown.conditions
        if one.value is not None
    )
    gate = refuse_above(
        "trap_wick",
        shown.weakest.value,
        shown.weakest.threshold,
        what=f"{shown.timeframe} {shown.name} {shown.weakest.what}",
        unit=shown.weakest.unit,
        timeframe=shown.timeframe,
        detail=f"{shown.timeframe} {shown.name}: {found}",
        or_equal=True,
    )
    if shown.sprung is None:
        return _unsure(gate, "volume is not known")
    if gate.verdict is Verdict.PASSED and (unsure or direction is None):
        return _unsure(gate, "not every wick could be judged")
    unmet = [one for one in shown.conditions if one.value is None or one.value < one.threshold]
    if len(unmet) > 1:
        needed = ", ".join(f"{one.what} {measure(one.threshold, one.unit)}" for one in unmet)
        return gate.model_copy(update={"flip": f"refused from {needed} together"})
    return gate


def _traps(window: Window, direction: Direction | None, rules: GateRules) -> Iterator[_Trap]:
    row = window.last
    volume = row.relative_volume
    if direction is not None:
        wick = row.upper_wick_atr if direction is Direction.LONG else row.lower_wick_atr
        body = None if row.body_atr is None else max(row.body_atr, rules.trap_wick_least_body)
        share = None if wick is None else ratio(wick, row.range_atr)
        if wick is not None and row.range_atr == 0.0:
            share = 0.0
        yield _set_trap(
            window.timeframe,
            "upper wick" if direction is Direction.LONG else "lower wick",
            (
                _Condition("against body", _exact(ratio(wick, body)), rules.trap_wick_bodies, "×"),
                _Condition("size", wick, rules.trap_wick_atr, "ATR"),
                _Condition("share of range", _exact(share), rules.trap_wick_range_share, ""),
                _Condition("volume", volume, rules.trap_wick_volume, "× average"),
            ),
        )
    both = (
        None
        if row.upper_wick_atr is None or row.lower_wick_atr is None
        else row.upper_wick_atr + row.lower_wick_atr
    )
    yield _set_trap(
        window.timeframe,
        "whipsaw",
        (
            _Condition("both wicks", both, rules.whipsaw_atr, "ATR"),
            _Condition("volume", volume, rules.whipsaw_volume, "× average"),
        ),
    )


def _exact(share: float | None) -> float | None:
    return None if share is None else round(share, _DECIMALS)


def _set_trap(timeframe: Timeframe, name: str, conditions: tuple[_Condition, ...]) -> _Trap:
    weakest: _Condition | None = None
    fullness = inf
    sprung: bool | None = True
    for condition in conditions:
        if condition.value is None:
            sprung = None if sprung is not False else False
            continue
        if condition.value < condition.threshold:
            sprung = False
        if weakest is None or condition.value / condition.threshold < fullness:
            weakest, fullness = condition, condition.value / condition.threshold
    return _Trap(timeframe, name, conditions, sprung, weakest, fullness)


def _unsure(gate: Gate, why: str) -> Gate:
    return gate.model_copy(
        update={
            "verdict": Verdict.NOT_EVALUATED,
            "detail": f"{gate.detail}; {why}",
            "flip": None,
        }
    )

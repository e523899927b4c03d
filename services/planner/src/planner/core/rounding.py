"""Prices on the tick grid: every rounding goes against the trade, so none flatters it."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from common.domain import Direction


def exact(value: float) -> Decimal:
    """Return the decimal a person reads in a float: 0.1 is a tenth."""
    return Decimal(repr(value))


def up(price: Decimal, step: Decimal) -> Decimal:
    """Return the nearest multiple of `step` at or above `price`."""
    return (price / step).to_integral_value(ROUND_CEILING) * step


def down(price: Decimal, step: Decimal) -> Decimal:
    """Return the nearest multiple of `step` at or below `price`."""
    return (price / step).to_integral_value(ROUND_FLOOR) * step


def ahead(price: Decimal, step: Decimal, direction: Direction) -> Decimal:
    """Round towards the targets: a long's entry up, a short's down."""
    return up(price, step) if direction is Direction.LONG else down(price, step)


def behind(price: Decimal, step: Decimal, direction: Direction) -> Decimal:
    """Round towards the stop: a long's stop and targets down, a short's up."""
    return down(price, step) if direction is Direction.LONG else up(price, step)

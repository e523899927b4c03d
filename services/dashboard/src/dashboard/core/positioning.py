"""Funding, open interest and who stands on which side of a contract, in lines."""

from datetime import tzinfo
from typing import Final

from common.domain import Derivatives, InterestQuadrant
from dashboard.core import words
from dashboard.core.sheet import Line, Tone

_QUADRANTS: Final = {
    InterestQuadrant.NEW_LONGS: ("new longs", "price and open interest rose", Tone.LONG),
    InterestQuadrant.SHORT_COVERING: (
        "short covering",
        "price rose, open interest fell",
        Tone.LONG,
    ),
    InterestQuadrant.NEW_SHORTS: ("new shorts", "price fell, open interest rose", Tone.SHORT),
    InterestQuadrant.LONG_UNWINDING: (
        "long unwinding",
        "price and open interest fell",
        Tone.SHORT,
    ),
    InterestQuadrant.UNDECIDED: ("undecided", "one of them hardly moved", Tone.DIM),
}


def derivative_lines(known: Derivatives | None, zone: tzinfo) -> tuple[Line, ...]:
    """Write funding with its real interval, per eight hours and per year, and who is positioned."""
    if known is None:
        return (Line(label="Derivatives", value=words.MISSING, note="nothing told yet"),)
    interval = known.funding_interval_hours
    every = f"every {interval:g} h" if interval is not None else "interval not known"
    return (
        Line(
            label="Funding",
            value=_percent(known.funding_rate, 4),
            note=every + _payer(known.funding_rate),
        ),
        Line(
            label="Funding per 8 h",
            value=_percent(known.funding_rate_8h, 4),
            note=f"{_percent(known.funding_rate_year, 1)} a year"
            if known.funding_rate_year is not None
            else "",
        ),
        Line(label="Next funding", value=words.moment(known.next_funding_at, zone)),
        Line(
            label="Open interest",
            value=words.compact(known.open_interest_usd, "USD"),
            note=f"{words.compact(known.open_interest)} contracts"
            if known.open_interest is not None
            else "",
        ),
        Line(
            label="Change 1h / 4h / 24h",
            value=_percents(
                known.open_interest_change_1h,
                known.open_interest_change_4h,
                known.open_interest_change_24h,
            ),
            note="in contracts",
        ),
        Line(
            label="… of its value",
            value=_percents(
                known.open_interest_usd_change_1h,
                known.open_interest_usd_change_4h,
                known.open_interest_usd_change_24h,
            ),
            note="in USD",
        ),
        _quadrant(known),
        Line(
            label="Long / short accounts",
            value=words.number(known.long_short_ratio, 2),
            note=f"{100 * known.long_share:.1f} % long" if known.long_share is not None else "",
        ),
        Line(
            label="Index",
            value=words.price(known.index_price),
            note=f"mark {words.signed(known.basis_bps, 1, 'bps')}"
            if known.basis_bps is not None
            else "",
        ),
        Line(
            label="Observed",
            value=words.moment(known.observed_at, zone, seconds=True),
            note=_times(known, zone),
        ),
    )


def _quadrant(known: Derivatives) -> Line:
    label = "Price and interest, 4h"
    if known.quadrant_4h is None:
        return Line(label=label, value=words.MISSING)
    name, why, tone = _QUADRANTS[known.quadrant_4h]
    return Line(
        label=label,
        value=name,
        note=f"{why}: {_percents(known.price_change_4h, known.open_interest_change_4h)}",
        tone=tone,
    )


def _times(known: Derivatives, zone: tzinfo) -> str:
    others = {"open interest": known.open_interest_at, "accounts": known.long_short_at}
    return " · ".join(
        f"{name} {at.astimezone(zone):%H:%M:%S}" for name, at in others.items() if at is not None
    )


def _percents(*fractions: float | None) -> str:
    return " / ".join(_percent(fraction, 1) for fraction in fractions)


def _percent(fraction: float | None, decimals: int) -> str:
    return words.MISSING if fraction is None else words.signed(100 * fraction, decimals, "%")


def _payer(rate: float | None) -> str:
    if rate is None or rate == 0:
        return ""
    return " · longs pay" if rate > 0 else " · shorts pay"

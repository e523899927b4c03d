"""How long a target may take if it is reached, and when a plan is stale."""

from datetime import datetime, timedelta
from math import ceil

from common.domain import ANCHOR, Eta
from planner.core.rules import EtaRules

_BAR_HOURS = ANCHOR.duration / timedelta(hours=1)


def first_eta(pace: float, rules: EtaRules) -> Eta:
    """Return the quartiles of the hours to the first target; `pace` is R / ATR."""
    return _eta(pace, rules.first_p25, rules.first_p50, rules.first_p75)


def second_eta(pace: float, rules: EtaRules) -> Eta:
    """Return the quartiles of the hours to the second target."""
    return _eta(pace, rules.second_p25, rules.second_p50, rules.second_p75)


def expiry(as_of: datetime, pace: float, rules: EtaRules) -> datetime:
    """Return when the plan ends by itself: the second target's upper quartile, in whole hours."""
    bars = rules.second_p75 * pace**2
    held = min(max(bars, rules.expiry_least_bars), rules.expiry_most_bars)
    return as_of + timedelta(hours=ceil(held * _BAR_HOURS))


def _eta(pace: float, *bars: float) -> Eta:
    p25, p50, p75 = (count * pace**2 * _BAR_HOURS for count in bars)
    return Eta(p25_hours=p25, p50_hours=p50, p75_hours=p75)

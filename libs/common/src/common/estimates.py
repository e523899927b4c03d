"""What results say beyond themselves, and how sure that is: nothing of fewer than thirty.

Plans of one day are mostly one bet on the whole market, and win or lose together. Taken as
independent, their intervals were half as wide as they are: who reads them would see an edge in what
one day did.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from common.domain import Estimate

LEAST: Final = 30
"""A mean of ten trades is weather."""

_FEW_DAYS: Final = 10
"""Fewer do not show how much results of one day have in common: each is one bet at most."""

_OF_95_PERCENT: Final = 1.96
"""Standard errors on each side of a mean within which 95 of 100 such means lie."""

Result = tuple[date, float]
"""When a plan was proposed, and what came of it; 1 and 0 where that is a yes or a no."""


def mean_of(results: Sequence[Result]) -> Estimate | None:
    """Return the mean of results, or None when they are too few."""
    if len(results) < LEAST:
        return None
    values = [value for _, value in results]
    mean = fmean(values)
    margin = _OF_95_PERCENT * stdev(values) / sqrt(_independent(results))
    return Estimate(value=mean, low=mean - margin, high=mean + margin)


def share_of(results: Sequence[Result]) -> Estimate | None:
    """Return the share of ones with Wilson's interval, or None when there are too few results."""
    if len(results) < LEAST:
        return None
    share = fmean(value for _, value in results)
    doubt = _OF_95_PERCENT**2 / _independent(results)
    middle = (share + doubt / 2) / (1 + doubt)
    margin = sqrt(share * (1 - share) * doubt + doubt**2 / 4) / (1 + doubt)
    return Estimate(value=share, low=max(0.0, middle - margin), high=min(1.0, middle + margin))


def _independent(results: Sequence[Result]) -> float:
    """Return how many independent results would say as much: Kish's effective sample size."""
    count, mean = len(results), fmean(value for _, value in results)
    of_day: defaultdict[date, float] = defaultdict(float)
    for day, value in results:
        of_day[day] += value - mean
    days = len(of_day)
    apart = sum((value - mean) ** 2 for _, value in results) / (count - 1)
    most = days if days < _FEW_DAYS else count
    if days == 1 or apart == 0:
        return days
    together = sum(off**2 for off in of_day.values()) / (count * (days - 1)) * days
    return min(most, max(1.0, count * apart / together)) if together else most

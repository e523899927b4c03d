"""What results say beyond themselves, and how sure that is: nothing of fewer than thirty."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from common.domain import Estimate

LEAST: Final = 30
"""A mean of ten trades is weather."""

_OF_95_PERCENT: Final = 1.96
"""Standard errors on each side of a mean within which 95 of 100 such means lie."""


def mean_of(results: Sequence[float]) -> Estimate | None:
    """Return the mean of results, or None when they are too few."""
    if len(results) < LEAST:
        return None
    mean, margin = fmean(results), _OF_95_PERCENT * stdev(results) / sqrt(len(results))
    return Estimate(value=mean, low=mean - margin, high=mean + margin)


def share_of(hits: int, tries: int) -> Estimate | None:
    """Return the share of hits with Wilson's interval, or None when there are too few tries."""
    if tries < LEAST:
        return None
    share, doubt = hits / tries, _OF_95_PERCENT**2 / tries
    middle = (share + doubt / 2) / (1 + doubt)
    margin = sqrt(share * (1 - share) * doubt + doubt**2 / 4) / (1 + doubt)
    return Estimate(value=share, low=max(0.0, middle - margin), high=min(1.0, middle + margin))

"""Which plans of a scan move together: leader clustering on the correlation of 1h returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.domain import Cluster, Direction, Timeframe

FEWEST_BARS: Final = 100
"""Returns two contracts must share before a correlation is believed."""

_HOUR: Final = Timeframe.H1.milliseconds
_STILL: Final = 1e-12
"""A price that hardly moves has rounding noise in place of returns."""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What clustering reads of a plan."""

    symbol: str
    direction: Direction
    rank: float


@dataclass(frozen=True, kw_only=True)
class ClusterRule:
    """From when on two plans are one bet."""

    bars: int
    """How many of the newest returns that both contracts have are compared."""
    correlation: float


@dataclass(frozen=True, eq=False)
class Returns:
    """A contract's 1h log returns by the open time of their candle, oldest first."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]


def hourly_returns(open_times: NDArray[np.int64], closes: NDArray[np.float64]) -> Returns:
    """Return the log returns between closes exactly one hour apart: none leaps over a hole."""
    whole = np.diff(open_times) == _HOUR
    return Returns(open_times[1:][whole], np.diff(np.log(closes))[whole])


def find_clusters(
    plans: Sequence[Ranked],
    returns: Mapping[str, Returns],
    rule: ClusterRule,
    *,
    bitcoin: str | None,
) -> tuple[Cluster, ...]:
    """Return the clusters of two or more plans, the best-ranked lead's first.

    In order of rank, each plan joins the first lead of its own direction that it moves with, or
    becomes a lead itself: members move with their lead, not necessarily with each other.
    """
    groups: list[list[Ranked]] = []
    for plan in sorted(plans, key=lambda one: (-one.rank, one.symbol)):
        for group in groups:
            if group[0].direction is plan.direction and _one_bet(
                returns.get(group[0].symbol), returns.get(plan.symbol), rule
            ):
                group.append(plan)
                break
        else:
            groups.append([plan])
    return tuple(
        Cluster(
            lead=group[0].symbol,
            direction=group[0].direction,
            symbols=tuple(one.symbol for one in group),
            btc_correlation=correlation(
                returns.get(group[0].symbol), returns.get(bitcoin or ""), bars=rule.bars
            ),
        )
        for group in groups
        if len(group) > 1
    )


def correlation(one: Returns | None, other: Returns | None, *, bars: int) -> float | None:
    """Return Pearson's correlation over the last `bars` common hours; None when not known."""
    if one is None or other is None:
        return None
    pair = _paired(one, other, bars)
    if pair.shape[1] < FEWEST_BARS:
        return None
    pair = pair - pair.mean(axis=1, keepdims=True)
    spread = np.sqrt((pair * pair).sum(axis=1))
    if not (spread > _STILL).all():
        return None
    return float(np.clip((pair[0] * pair[1]).sum() / spread.prod(), -1, 1))


def _paired(one: Returns, other: Returns, bars: int) -> NDArray[np.float64]:
    if np.array_equal(one.times[-bars:], other.times[-bars:]):
        return np.stack((one.values[-bars:], other.values[-bars:]))
    # Only after a hole or a late listing: looking for the common hours costs twenty times as much.
    _, mine, theirs = np.intersect1d(
        one.times, other.times, assume_unique=True, return_indices=True
    )
    return np.stack((one.values[mine[-bars:]], other.values[theirs[-bars:]]))


def _one_bet(lead: Returns | None, plan: Returns | None, rule: ClusterRule) -> bool:
    known = correlation(lead, plan, bars=rule.bars)
    return known is not None and known >= rule.correlation

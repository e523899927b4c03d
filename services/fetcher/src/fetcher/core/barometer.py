"""The whole universe in a few numbers, from the decisions of one scan."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean
from typing import Protocol

from common.domain import Barometer, Regime


class Scored(Protocol):
    """What the barometer reads of a decision."""

    @property
    def score(self) -> float | None:
        """The fused score."""

    @property
    def trend_score(self) -> float | None:
        """The fused trend score."""

    @property
    def regime(self) -> Regime | None:
        """The anchor's regime."""


def read_barometer(
    decisions: Sequence[Scored], *, scan_id: str, as_of: datetime, bitcoin: Scored | None
) -> Barometer:
    """Return breadth and mean trend of the counted contracts, and bitcoin's own reading."""
    scores = [one.score for one in decisions if one.score is not None]
    trends = [one.trend_score for one in decisions if one.trend_score is not None]
    return Barometer(
        scan_id=scan_id,
        as_of=as_of,
        counted=len(scores),
        share_long=sum(score > 0 for score in scores) / len(scores) if scores else None,
        mean_trend=fmean(trends) if trends else None,
        btc_trend=bitcoin.trend_score if bitcoin else None,
        btc_regime=bitcoin.regime if bitcoin else None,
    )

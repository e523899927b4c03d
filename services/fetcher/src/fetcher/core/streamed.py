"""What a venue's streams are asked for and what they bring: candles that have just closed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from common.domain import Timeframe


@dataclass(frozen=True, order=True)
class Topic:
    """One contract's candles of one length."""

    symbol: str
    timeframe: Timeframe


@dataclass(frozen=True)
class StreamedBar:
    """A candle the venue itself calls closed."""

    topic: Topic
    row: Sequence[object]
    """Open time (ms), open, high, low, close, volume in base units, as the venue tells them."""


@dataclass(frozen=True)
class Share:
    """What one connection listens to."""

    topics: frozenset[Topic]

    @property
    def minutes(self) -> bool:
        """Whether it brings minutes: a connection has nothing else, or none."""
        return any(one.timeframe is Timeframe.M1 for one in self.topics)


_LEAST_WANTED = 0.8  # a connection with less to hear that is still wanted is not kept
_MOST_SPREAD = 2  # times as many connections as needed: they are laid anew


def shared_out(
    wanted: Collection[Topic], held: Iterable[Share], *, most: int
) -> tuple[list[Share], list[Share]]:
    """Return the connections to keep and those to open so that all that is wanted is heard.

    Connections are kept while most of what they hear is wanted: a universe changes a little with
    every scan, and each new connection may miss a close. Minutes, which come and go with plans,
    have connections of their own.
    """
    keep: list[Share] = []
    fresh: list[Share] = []
    for minutes in (False, True):
        kept, opened = _shared_out(
            [one for one in wanted if (one.timeframe is Timeframe.M1) is minutes],
            [share for share in held if share.minutes is minutes],
            most=most,
        )
        keep += kept
        fresh += opened
    return keep, fresh


def _shared_out(
    wanted: Collection[Topic], held: Iterable[Share], *, most: int
) -> tuple[list[Share], list[Share]]:
    keep = [
        share
        for share in held
        if len(share.topics & set(wanted)) >= _LEAST_WANTED * len(share.topics)
    ]
    missing = sorted(set(wanted).difference(*(share.topics for share in keep)))
    needed = -(-len(set(wanted)) // most)
    if len(keep) + -(-len(missing) // most) > _MOST_SPREAD * needed + 1:
        keep, missing = [], sorted(set(wanted))
    fresh = [
        Share(frozenset(missing[first : first + most])) for first in range(0, len(missing), most)
    ]
    return keep, fresh

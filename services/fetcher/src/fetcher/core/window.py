"""One contract's candles of one length as they are held: where from, how sure, what was wrong."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.columns import in_one_piece
from common.domain import Timeframe
from fetcher.core.parsing import NO_CANDLES, Fault, milliseconds
from fetcher.core.sources import Place
from fetcher.core.windows import Span, missing_at_end

_COMPARED_EVERY: Final = timedelta(hours=20)  # streams alone would never show a changed past
COMPARED_AT_LEAST_EVERY: Final = timedelta(hours=30)
"""No window that is told was compared longer ago, whatever closes the schedule leaves out."""


@dataclass
class Finding:
    """What was wrong with a window since the last certificate, whoever read it."""

    faults: Counter[Fault] = field(default_factory=Counter)
    changed: int = 0


@dataclass
class Window:
    """The newest candles of one series, oldest first."""

    timeframe: Timeframe
    place: Place
    """Where all of it was read: candles of two places never share a window."""
    frame: pl.DataFrame = field(default_factory=lambda: NO_CANDLES)
    known_holes: set[Span] = field(default_factory=set)
    """Holes the venue was asked to fill and could not."""
    found: Finding = field(default_factory=Finding)
    compared_at: datetime | None = None
    """The close at which candles held were asked again, to notice a past that has changed."""
    suspect: bool = False
    """It must be compared, however lately it was: a scan soon will, or its hours have changed."""

    @property
    def end(self) -> int | None:
        """When its newest candle closes, in milliseconds; None without candles."""
        if self.frame.is_empty():
            return None
        return int(self.frame["open_time"][-1]) + self.timeframe.milliseconds

    def follow(self, candle: pl.DataFrame, *, bars: int) -> bool:
        """Add one closed candle; False when it does not follow what is held.

        One that is held already is left as it was read: the venue's files are asked daily.
        """
        opened = int(candle["open_time"][0])
        if self.end is None or opened > self.end:
            return False
        if opened == self.end:
            kept = self.frame.tail(bars)  # and one more: a scan may be late
            self.frame = in_one_piece(kept.vstack(candle))
        return True

    def become(self, place: Place, frame: pl.DataFrame) -> None:
        """Hold these candles and no others."""
        self.place, self.frame = place, frame
        self.known_holes.clear()

    def compare(self, close: datetime) -> None:
        """Note that what is held is what the venue tells at `close`."""
        self.compared_at, self.suspect = close, False

    def outdated(self, close: datetime) -> bool:
        """Whether what is held should be compared with what the venue tells now."""
        if self.compared_at is None or self.suspect:
            return True
        return close - self.compared_at >= _COMPARED_EVERY

    def long_uncompared(self, close: datetime) -> bool:
        """Whether it has missed its comparison of the day: schedules may leave it out."""
        if self.compared_at is None:
            return False
        return close - self.compared_at >= COMPARED_AT_LEAST_EVERY

    def heard(self) -> int:
        """Return how many of the newest candles only a stream has told, or hours have made."""
        if self.compared_at is None or self.end is None:
            return 0
        return Span(milliseconds(self.compared_at), self.end).bars(self.timeframe)

    def reaches(self, close: datetime) -> bool:
        """Say whether it is held up to a close, and need not be compared before its turn."""
        if self.frame.is_empty() or missing_at_end(self.frame, self.timeframe, close):
            return False
        return self.compared_at is not None and not (self.suspect or self.long_uncompared(close))

"""The arithmetic of candle windows: what to ask for, how to join it, what is missing.

A window is a frame of closed candles, oldest first. Times are milliseconds since the epoch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from common.domain import Timeframe
from fetcher.core.parsing import milliseconds


@dataclass(frozen=True)
class Span:
    """Open times from `start` up to but not including `end`."""

    start: int
    end: int

    def bars(self, timeframe: Timeframe) -> int:
        """Return how many candles open in it."""
        return max(0, -(-(self.end - self.start) // timeframe.milliseconds))

    def pages(self, timeframe: Timeframe, most: int) -> Iterator["Span"]:
        """Yield it in parts of at most `most` candles, oldest first."""
        step = most * timeframe.milliseconds
        for start in range(self.start, self.end, step):
            yield Span(start, min(start + step, self.end))

    def covers(self, other: "Span") -> bool:
        """Return whether the other span lies within this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Joined:
    """A window with fresh candles in it."""

    frame: pl.DataFrame
    changed: int
    """How many candles the venue now tells differently, or no longer tells: the past has moved."""


def whole_span(
    timeframe: Timeframe, close: datetime, *, bars: int, listed_since: datetime | None
) -> Span:
    """Return the span of a full window whose newest candle closes at or before `close`."""
    end = milliseconds(timeframe.floor(close))
    start = end - bars * timeframe.milliseconds
    if listed_since is not None:
        start = max(start, milliseconds(timeframe.floor(listed_since)))
    return Span(min(start, end), end)


def span_to_ask(
    held: pl.DataFrame, timeframe: Timeframe, whole: Span, *, overlap: int
) -> Span | None:
    """Return what must be asked to reach the window's end, None when nothing new has closed.

    The last `overlap` candles are asked again: a venue that has changed its past shows there.
    """
    if held.is_empty():
        return whole if whole.end > whole.start else None
    first, last = int(held["open_time"][0]), int(held["open_time"][-1])
    if last + timeframe.milliseconds >= whole.end:
        return None
    if last < whole.start:
        return whole
    return Span(max(first, last - (overlap - 1) * timeframe.milliseconds), whole.end)


def newest_span(held: pl.DataFrame, timeframe: Timeframe, *, bars: int) -> Span | None:
    """Return the span of the newest candles held, None when there are none."""
    if held.is_empty():
        return None
    times, end = held["open_time"], int(held["open_time"][-1]) + timeframe.milliseconds
    return Span(max(int(times[0]), end - bars * timeframe.milliseconds), end)


def join(held: pl.DataFrame, fresh: pl.DataFrame, asked: Span) -> Joined:
    """Lay the fresh candles of the asked span over the window; count where the past has moved."""
    if held.is_empty():
        return Joined(frame=fresh, changed=0)
    times = held["open_time"].to_numpy()
    asked_again = held.filter((times >= asked.start) & (times < asked.end))
    kept = asked_again.join(fresh, on=fresh.columns, how="semi").height
    rest = held.join(fresh, on="open_time", how="anti")
    frame = pl.concat([rest, fresh]).sort("open_time")
    return Joined(frame=frame, changed=asked_again.height - kept)


def holes(frame: pl.DataFrame, timeframe: Timeframe) -> tuple[Span, ...]:
    """Return the spans between the window's first and last candle where candles are missing."""
    times = frame["open_time"].to_numpy()
    if times.size and times[-1] - times[0] == (times.size - 1) * timeframe.milliseconds:
        return ()
    places = np.flatnonzero(np.diff(times) > timeframe.milliseconds)
    return tuple(
        Span(int(times[place]) + timeframe.milliseconds, int(times[place + 1])) for place in places
    )


def missing_at_end(frame: pl.DataFrame, timeframe: Timeframe, close: datetime) -> int:
    """Return how many of the newest candles have not arrived."""
    if frame.is_empty():
        return 0
    late = milliseconds(timeframe.floor(close)) - timeframe.milliseconds - frame["open_time"][-1]
    return max(0, int(late) // timeframe.milliseconds)


def cut(frame: pl.DataFrame, timeframe: Timeframe, close: datetime, *, bars: int) -> pl.DataFrame:
    """Return the last `bars` candles that were closed at `close`."""
    newest = milliseconds(close) - timeframe.milliseconds
    end = int(np.searchsorted(frame["open_time"].to_numpy(), newest, side="right"))
    start = max(0, end - bars)
    return frame.slice(start, end - start)


def first_difference(sent: pl.DataFrame, frame: pl.DataFrame) -> int | None:
    """Return the open time of the first candle of `frame` that `sent` did not hold just so."""
    added = _added_after(sent, frame)
    if added is not None:
        return None if added == frame.height else int(frame["open_time"][added])
    fresh = frame.join(sent, on=frame.columns, how="anti")
    return None if fresh.is_empty() else int(fresh["open_time"].min())  # type: ignore[arg-type]  # a non-empty Int64 column has an int minimum


def first_later(sent: pl.DataFrame, frame: pl.DataFrame) -> int | None:
    """Return the open time of the first candle of `frame` that is later than all of `sent`."""
    times = frame["open_time"].to_numpy()
    before = int(sent["open_time"][-1]) if sent.height else -1
    later = times[times > before]
    return int(later[0]) if later.size else None


def _added_after(sent: pl.DataFrame, frame: pl.DataFrame) -> int | None:
    """Return how many candles at the start of `frame` end `sent`, None when it is not that simple.

    Nearly always a window is the last one with a few candles more: whole frames compare quickly.
    """
    if sent.is_empty() or frame.is_empty():
        return None
    first = int(np.searchsorted(sent["open_time"].to_numpy(), frame["open_time"][0]))
    held = sent.height - first
    if not 0 < held <= frame.height:
        return None
    return held if sent.slice(first).equals(frame.slice(0, held)) else None

"""What of a contract has been sent before, so that a fact says which of its rows are new."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from common.domain import Barometer, CandleSet, Frames, Timeframe
from fetcher.core.parsing import instant
from fetcher.core.windows import first_difference, first_later


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The last CandleSet of a contract, as far as the next one depends on it."""

    as_of: datetime
    scan_id: str
    new_since: Mapping[Timeframe, datetime | None]
    frames: Frames
    barometer: Barometer | None

    @classmethod
    def of(cls, candle_set: CandleSet) -> "Sent":
        """Take down what was sent."""
        return cls(
            as_of=candle_set.as_of,
            scan_id=candle_set.scan_id,
            new_since=candle_set.new_since,
            frames=candle_set.frames,
            barometer=candle_set.barometer,
        )


def new_since(
    sent: Sent | None, frames: Frames, as_of: datetime, *, foreign: Collection[Timeframe] = ()
) -> dict[Timeframe, datetime | None]:
    """Return for each timeframe the open time of the first row that is new with this close.

    Rows sent by an earlier scan of the same close count as new again: the same scan told twice
    is told in the same words. Of `foreign` windows, read elsewhere than at the venue, only later
    rows are new: history keeps what the venue itself has told.
    """
    return {
        timeframe: _first_new(sent, timeframe, frames, as_of, foreign=timeframe in foreign)
        for timeframe in frames
    }


def _first_new(
    sent: Sent | None, timeframe: Timeframe, frames: Frames, as_of: datetime, *, foreign: bool
) -> datetime | None:
    frame = frames[timeframe]
    if frame.is_empty():
        return None
    if sent is None or timeframe not in sent.frames:
        return instant(int(frame["open_time"][0]))
    find = first_later if foreign else first_difference
    difference = find(sent.frames[timeframe], frame)
    fresh = None if difference is None else instant(difference)
    again = sent.new_since.get(timeframe) if sent.as_of == as_of else None
    return min((one for one in (fresh, again) if one is not None), default=None)

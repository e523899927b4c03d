"""What happens when candles arrive, and when someone asks for a chart."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from common.asked import read_question
from common.bus import Bus, Reply
from common.codec import encode
from common.domain import CandleSet, Fact, FrameRequest, IndicatorFrame, Source, Timeframe
from common.errors import InvalidDataError, InvalidMessageError
from indicators.core.frames import (
    LAST_ROWS,
    indicator_frame,
    indicator_frames,
    without_volume,
)

_MOST_ROWS: Final = 1500
"""Rows of a chart that fit into one message of 1 MB."""


class CandleHandler:
    """Compute all windows of a batch of CandleSets together."""

    def __init__(self, last_rows: int = LAST_ROWS) -> None:
        self._last_rows = last_rows

    async def handle(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        """Return one indicator frame per CandleSet, in their order."""
        sets = [_candles(fact) for fact in facts]
        windows = [window for one in sets for window in one.frames.values()]
        computed = iter(indicator_frames(windows, self._last_rows))
        return [[_told(one, {key: next(computed) for key in one.frames})] for one in sets]


class ChartHandler:
    """Answer with one timeframe's window and all its columns, from the last CandleSet told."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def answer(self, body: bytes) -> Reply:
        """Return the newest rows asked for as an IndicatorFrame of one timeframe."""
        request = read_question(FrameRequest, body)
        candles = await self._last_candles(request)
        window = candles.frames.get(request.timeframe)
        if window is None:
            raise InvalidDataError(
                f"{request.symbol} has no {request.timeframe} candles, "
                f"was given {', '.join(candles.frames) or 'none'}"
            )
        frame = indicator_frame(window, min(request.rows, _MOST_ROWS))
        return Reply(body=encode(_told(candles, {request.timeframe: frame})))

    async def _last_candles(self, request: FrameRequest) -> CandleSet:
        told = self._bus.latest(CandleSet, venue=request.venue, symbol=request.symbol)
        async for fact in told:
            return _candles(fact)
        raise InvalidDataError(f"no candles are kept for {request.symbol} on {request.venue}")


def _told(candles: CandleSet, frames: dict[Timeframe, pl.DataFrame]) -> IndicatorFrame:
    return IndicatorFrame(
        venue=candles.venue,
        symbol=candles.symbol,
        simulated=candles.simulated,
        scan_id=candles.scan_id,
        as_of=candles.as_of,
        deadline=candles.deadline,
        instrument=candles.instrument,
        quality=candles.quality,
        derivatives=candles.derivatives,
        barometer=candles.barometer,
        incomplete=candles.incomplete,
        bars={timeframe: candles.frames[timeframe].height for timeframe in frames},
        frames={
            timeframe: (
                without_volume(frame)
                if candles.quality.source_of(timeframe) is Source.SPOT
                else frame
            )
            for timeframe, frame in frames.items()
        },
    )


def _candles(fact: Fact) -> CandleSet:
    if not isinstance(fact, CandleSet):
        raise InvalidMessageError(f"indicators reads CandleSet, was {fact.name()}")
    return fact

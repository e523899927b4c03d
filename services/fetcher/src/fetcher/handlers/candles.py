"""The candle windows: kept in memory, extended by what has newly closed, healed, never guessed."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.clock import Clock
from common.domain import SCANNED, CandleSet, Frames, Instrument, Quality, Timeframe
from common.errors import VenueUnavailableError
from fetcher.core.parsing import HARMLESS, NO_CANDLES, Fault, ParsedCandles, parse_candles
from fetcher.core.quality import Evidence, certify
from fetcher.core.windows import (
    Span,
    cut,
    holes,
    join,
    missing_at_end,
    newest_span,
    span_to_ask,
    whole_span,
)
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.ports import VenueReader

_LEAST_KEPT: Final = 0.8  # an answer with far fewer candles than before is no history
_MOST_HEALED: Final = 4  # holes asked for in one scan and timeframe
_COMPARED_EVERY: Final = timedelta(hours=20)  # streams alone would never show a changed past


@dataclass(frozen=True, kw_only=True)
class CandleReading:
    """All windows of one contract, cut at a close."""

    frames: Frames
    quality: Quality
    incomplete: tuple[Timeframe, ...]
    """Timeframes whose newest candle has not arrived."""


@dataclass
class _Finding:
    """What was wrong with a window since the last certificate, whoever read it."""

    faults: Counter[Fault] = field(default_factory=Counter)
    changed: int = 0


@dataclass
class _Window:
    frame: pl.DataFrame = field(default_factory=lambda: NO_CANDLES)
    known_holes: set[Span] = field(default_factory=set)
    """Holes the venue was asked to fill and could not."""
    found: _Finding = field(default_factory=_Finding)
    compared_at: datetime | None = None
    """The close at which candles held were asked again, to notice a past that has changed."""

    def outdated(self, close: datetime) -> bool:
        """Whether what is held should be compared with what the venue tells now."""
        return self.compared_at is None or close - self.compared_at >= _COMPARED_EVERY


class CandleWindows:
    """Every contract's windows; one task at a time works on one contract."""

    def __init__(
        self,
        reader: VenueReader,
        exchange_time: ExchangeTime,
        clock: Clock,
        *,
        bars: Mapping[Timeframe, int],
        overlap: int,
        grace: timedelta,
    ) -> None:
        self._reader = reader
        self._exchange_time = exchange_time
        self._clock = clock
        self._bars = bars
        self._overlap = overlap
        self._grace = grace
        self._windows: dict[tuple[str, Timeframe], _Window] = {}
        self._being_read: dict[tuple[str, Timeframe], list[pl.DataFrame]] = {}

    def restore(self, candle_set: CandleSet) -> None:
        """Take a contract's windows back from what was sent before."""
        for timeframe, frame in candle_set.frames.items():
            self._windows[candle_set.symbol, timeframe] = _Window(
                frame, compared_at=candle_set.as_of
            )

    def held(self, symbol: str, timeframe: Timeframe, close: datetime) -> pl.DataFrame:
        """Return what is held of one window, cut at a close; the venue is not asked."""
        window = self._windows.get((symbol, timeframe), _Window())
        return cut(window.frame, timeframe, close, bars=self._bars[timeframe])

    def absorb(self, symbol: str, timeframe: Timeframe, candle: pl.DataFrame) -> bool:
        """Lay one closed candle on its window; False when it does not follow what is held.

        One that is held already is left as it was read: the venue's files are asked daily.
        """
        place = symbol, timeframe
        if place in self._being_read:
            self._being_read[place].append(candle)
            return True
        window = self._windows.get(place)
        if window is None or window.frame.is_empty():
            return False
        last, opened = int(window.frame["open_time"][-1]), int(candle["open_time"][0])
        if opened <= last:
            return True
        if opened != last + timeframe.milliseconds:
            return False
        kept = window.frame.tail(
            self._bars[timeframe]
        )  # one more than a window: a scan may be late
        window.frame = kept.vstack(candle).rechunk()
        return True

    def reaches(self, symbol: str, timeframe: Timeframe, close: datetime) -> bool:
        """Say whether a window is held up to a close, and was compared with the venue's today."""
        window = self._windows.get((symbol, timeframe))
        if window is None or window.frame.is_empty():
            return False
        return not window.outdated(close) and not missing_at_end(window.frame, timeframe, close)

    async def read(self, instrument: Instrument, close: datetime) -> CandleReading:
        """Bring a contract's windows up to `close` and return them, with their certificate."""
        evidence = {
            timeframe: await self._read_one(instrument, timeframe, close) for timeframe in SCANNED
        }
        for timeframe in SCANNED:
            self._windows[instrument.symbol, timeframe].found = _Finding()
        frames = {timeframe: known.frame for timeframe, known in evidence.items()}
        return CandleReading(
            frames=frames,
            quality=certify(evidence, close, clock_offset=self._exchange_time.offset),
            incomplete=tuple(
                timeframe
                for timeframe, frame in frames.items()
                if frame.is_empty() or missing_at_end(frame, timeframe, close)
            ),
        )

    async def extend(
        self, instrument: Instrument, timeframe: Timeframe, close: datetime
    ) -> pl.DataFrame:
        """Bring one window up to `close`, compare it where that is due, and return it."""
        return (await self._read_one(instrument, timeframe, close, compare=True)).frame

    async def _read_one(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        close: datetime,
        *,
        compare: bool = False,
    ) -> Evidence:
        place = instrument.symbol, timeframe
        window = self._windows.setdefault(place, _Window())
        found = window.found
        self._being_read[place] = []
        try:
            await self._catch_up(instrument, timeframe, close, window, found, compare=compare)
            if missing_at_end(window.frame, timeframe, close):
                await self._wait_for_late_candles()
                await self._catch_up(instrument, timeframe, close, window, found)
            await self._heal(instrument.symbol, timeframe, window)
        finally:
            for candle in self._being_read.pop(place):
                self.absorb(*place, candle)
        window.frame = window.frame.tail(self._bars[timeframe])
        frame = cut(window.frame, timeframe, close, bars=self._bars[timeframe])
        return Evidence(
            frame=frame,
            bars=self._bars[timeframe],
            faults=found.faults,
            changed=found.changed,
        )

    async def _catch_up(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        close: datetime,
        window: _Window,
        found: _Finding,
        *,
        compare: bool = False,
    ) -> None:
        whole = whole_span(
            timeframe, close, bars=self._bars[timeframe], listed_since=instrument.listed_since
        )
        span = span_to_ask(window.frame, timeframe, whole, overlap=self._overlap)
        if span is None and compare and window.outdated(close):
            span = newest_span(window.frame, timeframe, bars=self._overlap)
        if span is None:
            return
        window.compared_at = close
        fresh = await self._fetch(instrument.symbol, timeframe, span, found)
        joined = join(window.frame, fresh, span)
        if joined.changed and not span.covers(whole):
            # The past has moved: nothing held can be trusted, all of it is read again.
            fresh = await self._fetch(instrument.symbol, timeframe, whole, found)
            if fresh.height < _LEAST_KEPT * window.frame.height:
                raise VenueUnavailableError(
                    f"{timeframe} candles told before are missing from the answer, "
                    f"{window.frame.height} were held and {fresh.height} told"
                )
            found.changed += joined.changed
            joined = join(NO_CANDLES, fresh, whole)
            window.known_holes.clear()
        window.frame = joined.frame

    async def _heal(self, symbol: str, timeframe: Timeframe, window: _Window) -> None:
        found_holes = set(holes(window.frame, timeframe))
        unasked = sorted(found_holes - window.known_holes, key=lambda hole: hole.start)
        if not unasked:
            window.known_holes = found_holes
            return
        for hole in unasked[-_MOST_HEALED:]:
            # Bad rows told again are in the certificate already, and leave the hole as it is.
            fresh = await self._ask(symbol, timeframe, hole)
            window.frame = join(window.frame, _inside(fresh, hole), hole).frame
        window.known_holes = set(holes(window.frame, timeframe))

    async def _fetch(
        self, symbol: str, timeframe: Timeframe, span: Span, found: _Finding
    ) -> pl.DataFrame:
        parsed = await self._ask(symbol, timeframe, span)
        refused = sum(count for fault, count in parsed.faults.items() if fault not in HARMLESS)
        if refused and parsed.frame.is_empty():
            raise VenueUnavailableError(
                f"{timeframe} candles must be rows of numbers, all {refused} were refused, "
                f"first {parsed.first_fault}"
            )
        found.faults.update(parsed.faults)
        return _inside(parsed, span)

    async def _ask(self, symbol: str, timeframe: Timeframe, span: Span) -> ParsedCandles:
        rows = await self._reader.candles(symbol, timeframe, span)
        return parse_candles(rows, timeframe, exchange_time=self._exchange_time.now())

    async def _wait_for_late_candles(self) -> None:
        seconds = self._grace.total_seconds()
        try:
            async with asyncio.timeout(seconds):  # a stopped clock would never get there
                await self._clock.sleep_until(self._clock.now() + self._grace)
        except TimeoutError:
            return


def _inside(parsed: ParsedCandles, span: Span) -> pl.DataFrame:
    times = parsed.frame["open_time"]
    return parsed.frame.filter(times.is_between(span.start, span.end, closed="left"))

"""The candle windows: kept in memory, extended by what has newly closed, healed, never guessed."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.clock import Clock
from common.columns import in_one_piece
from common.domain import SCANNED, CandleSet, Frames, Instrument, Quality, Source, Timeframe
from common.errors import VenueRefusedError, VenueUnavailableError
from fetcher.core.building import SOURCE, build, compares_at
from fetcher.core.parsing import (
    HARMLESS,
    NO_CANDLES,
    Fault,
    ParsedCandles,
    milliseconds,
    parse_candles,
)
from fetcher.core.quality import Evidence, certify
from fetcher.core.sources import Place, labelled, unlike
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
from fetcher.handlers.sourcing import Sourcing
from fetcher.ports import CandleSource

_BUILT: Final[tuple[Timeframe, ...]] = tuple(
    timeframe for timeframe in SCANNED if timeframe is not SOURCE
)
_LEAST_KEPT: Final = 0.8  # an answer with far fewer candles than before is no history
_MOST_HEALED: Final = 4  # holes asked for in one scan and timeframe
_COMPARED_EVERY: Final = timedelta(hours=20)  # streams alone would never show a changed past
_COMPARED_AT_LEAST_EVERY: Final = timedelta(hours=30)


@dataclass(frozen=True, kw_only=True)
class CandleReading:
    """All windows of one contract, cut at a close."""

    frames: Frames
    quality: Quality
    incomplete: tuple[Timeframe, ...]
    """Timeframes whose newest candle has not arrived."""
    foreign: tuple[Timeframe, ...]
    """Timeframes that were not read at the venue."""


@dataclass
class _Finding:
    """What was wrong with a window since the last certificate, whoever read it."""

    faults: Counter[Fault] = field(default_factory=Counter)
    changed: int = 0


@dataclass
class _Window:
    place: Place
    """Where all of it was read: candles of two places never share a window."""
    frame: pl.DataFrame = field(default_factory=lambda: NO_CANDLES)
    known_holes: set[Span] = field(default_factory=set)
    """Holes the venue was asked to fill and could not."""
    found: _Finding = field(default_factory=_Finding)
    compared_at: datetime | None = None
    """The close at which candles held were asked again, to notice a past that has changed."""
    suspect: bool = False
    """What it was built from has changed: it must be compared, however lately it was."""

    def compare(self, close: datetime) -> None:
        """Note that what is held is what the venue tells at `close`."""
        self.compared_at, self.suspect = close, False

    def outdated(self, close: datetime) -> bool:
        """Whether what is held should be compared with what the venue tells now."""
        if self.compared_at is None or self.suspect:
            return True
        return close - self.compared_at >= _COMPARED_EVERY

    def heard(self, timeframe: Timeframe) -> int:
        """Return how many of the newest candles only a stream has told, or hours have made."""
        if self.compared_at is None or self.frame.is_empty():
            return 0
        end = int(self.frame["open_time"][-1]) + timeframe.milliseconds
        return Span(milliseconds(self.compared_at), end).bars(timeframe)

    def become(self, place: Place, frame: pl.DataFrame) -> None:
        """Hold these candles and no others."""
        self.place, self.frame = place, frame
        self.known_holes.clear()


class CandleWindows:
    """Every contract's windows; one task at a time works on one contract."""

    def __init__(
        self,
        sourcing: Sourcing,
        exchange_time: ExchangeTime,
        clock: Clock,
        *,
        bars: Mapping[Timeframe, int],
        overlap: int,
        grace: timedelta,
    ) -> None:
        self._sourcing = sourcing
        self._exchange_time = exchange_time
        self._clock = clock
        self._bars = bars
        self._overlap = overlap
        self._grace = grace
        self._windows: dict[tuple[str, Timeframe], _Window] = {}
        self._being_read: dict[tuple[str, Timeframe], list[pl.DataFrame]] = {}

    def restore(self, candle_set: CandleSet) -> None:
        """Take a contract's windows back from what was sent before.

        Streams may have told the end of those read at the venue, and nobody knows any more when
        it was compared: as long ago as can be, so that the next reading compares it.
        """
        told_at = candle_set.as_of
        for timeframe, frame in candle_set.frames.items():
            place = self._place_told(candle_set.quality, timeframe)
            if place is not None:
                at_home = place == self._sourcing.home
                compared_at = told_at - _COMPARED_AT_LEAST_EVERY if at_home else told_at
                self._windows[candle_set.symbol, timeframe] = _Window(
                    place, frame, compared_at=compared_at
                )

    def held(self, symbol: str, timeframe: Timeframe, close: datetime) -> pl.DataFrame:
        """Return what is held of one window, cut at a close; the venue is not asked."""
        window = self._windows.get((symbol, timeframe), self._empty())
        return cut(window.frame, timeframe, close, bars=self._bars[timeframe])

    def absorb(self, symbol: str, timeframe: Timeframe, candle: pl.DataFrame) -> bool:
        """Lay one closed candle on its window; False when it does not follow what is held.

        One that is held already is left as it was read: the venue's files are asked daily.
        """
        series = symbol, timeframe
        if series in self._being_read:
            self._being_read[series].append(candle)
            return True
        window = self._windows.get(series)
        if window is None or window.frame.is_empty() or window.place != self._sourcing.home:
            return False
        last, opened = int(window.frame["open_time"][-1]), int(candle["open_time"][0])
        if opened <= last:
            return True
        if opened != last + timeframe.milliseconds:
            return False
        kept = window.frame.tail(self._bars[timeframe])  # and one more: a scan may be late
        window.frame = in_one_piece(kept.vstack(candle))
        return True

    def at_home(self, symbol: str, timeframe: Timeframe) -> bool:
        """Say whether a window was read at the venue itself."""
        window = self._windows.get((symbol, timeframe))
        return window is None or window.place == self._sourcing.home

    def reaches(self, symbol: str, timeframe: Timeframe, close: datetime) -> bool:
        """Say whether a window is held up to a close, and was compared with the venue's today."""
        window = self._windows.get((symbol, timeframe))
        if window is None or window.frame.is_empty() or not self.at_home(symbol, timeframe):
            return False
        return not window.outdated(close) and not missing_at_end(window.frame, timeframe, close)

    async def read(self, instrument: Instrument, close: datetime) -> CandleReading:
        """Bring a contract's windows up to `close` and return them, with their certificate."""
        symbol = instrument.symbol
        compare = self._long_uncompared(symbol, SOURCE, close)
        known = {SOURCE: await self._read_one(instrument, SOURCE, close, compare=compare)}
        # The others are built from hours, and compared with the venue's own once a day; a changed
        # hour brings that on, and a difference has the hours themselves read again.
        for timeframe in _BUILT:
            if known[SOURCE].changed and (symbol, timeframe) in self._windows:
                self._windows[symbol, timeframe].suspect = True
            compare = (
                bool(known[SOURCE].changed)
                or compares_at(symbol, close)
                or self._long_uncompared(symbol, timeframe, close)
            )
            known[timeframe] = await self._read_one(instrument, timeframe, close, compare=compare)
        if not known[SOURCE].changed and any(known[timeframe].changed for timeframe in _BUILT):
            self._windows[symbol, SOURCE].become(self._sourcing.home, NO_CANDLES)
            known[SOURCE] = await self._read_one(instrument, SOURCE, close)
        evidence = {timeframe: known[timeframe] for timeframe in SCANNED}
        for timeframe in SCANNED:
            self._windows[symbol, timeframe].found = _Finding()
        frames = {timeframe: one.frame for timeframe, one in evidence.items()}
        places = {timeframe: self._windows[symbol, timeframe].place for timeframe in SCANNED}
        return CandleReading(
            frames=frames,
            quality=labelled(
                certify(evidence, close, clock_offset=self._exchange_time.offset), places, frames
            ),
            foreign=tuple(one for one, place in places.items() if place != self._sourcing.home),
            incomplete=tuple(
                timeframe
                for timeframe, frame in frames.items()
                if frame.is_empty() or missing_at_end(frame, timeframe, close)
            ),
        )

    def _long_uncompared(self, symbol: str, timeframe: Timeframe, close: datetime) -> bool:
        """Say whether a window has missed its comparison of the day: schedules may leave it out."""
        window = self._windows.get((symbol, timeframe))
        compared = None if window is None else window.compared_at
        return compared is not None and close - compared >= _COMPARED_AT_LEAST_EVERY

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
        series = instrument.symbol, timeframe
        window = self._windows.setdefault(series, self._empty())
        found = window.found
        self._being_read[series] = []
        try:
            await self._catch_up(instrument, timeframe, close, window, found, compare=compare)
            if missing_at_end(window.frame, timeframe, close):
                await self._wait_for_late_candles()
                await self._catch_up(instrument, timeframe, close, window, found)
            await self._heal(instrument, timeframe, window)
        finally:
            for candle in self._being_read.pop(series):
                self.absorb(*series, candle)
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
        if timeframe is not SOURCE:
            self._build(instrument.symbol, timeframe, window, whole)
        again = self._overlap + window.heard(timeframe)
        span = span_to_ask(window.frame, timeframe, whole, overlap=again)
        held, home = window.place, self._sourcing.home
        compares = span is None and compare and window.outdated(close)
        if compares:
            span = newest_span(window.frame, timeframe, bars=again)
        if span is None and held == home:
            return

        async def ask(source: CandleSource) -> pl.DataFrame:
            if source.place == window.place and span is not None:
                return await self._fetch(source, instrument, timeframe, span, found)
            fresh = await self._fetch(source, instrument, timeframe, whole, found)
            self._check_like(source, window, fresh)
            return fresh

        # A window read elsewhere is read anew from the venue as soon as that can be had; one that
        # lacks nothing waits for its comparison, and moves nowhere for it.
        answer = await self._sourcing.first(
            f"{timeframe} of {instrument.symbol}",
            ask,
            before=held if span is None else None,
            only=home if compares and held == home else None,
        )
        if answer is None:
            return
        if answer.source.place != held or span is None:
            window.become(answer.source.place, answer.read)
            window.compare(close)
            return
        joined = join(window.frame, answer.read, span)
        changed = joined.changed
        if changed and not span.covers(whole):
            # The past has moved: nothing held can be trusted, all of it is read again.
            fresh = await self._fetch(answer.source, instrument, timeframe, whole, found)
            if fresh.height < _LEAST_KEPT * window.frame.height:
                raise VenueUnavailableError(
                    f"{timeframe} candles told before are missing from the answer, "
                    f"{window.frame.height} were held and {fresh.height} told"
                )
            joined = join(NO_CANDLES, fresh, whole)
            window.known_holes.clear()
        found.changed += changed
        window.frame = joined.frame
        window.compare(close)

    def _build(self, symbol: str, timeframe: Timeframe, window: _Window, whole: Span) -> None:
        hours = self._windows.get((symbol, SOURCE))
        if hours is None or window.frame.is_empty():
            return
        if hours.place != self._sourcing.home or window.place != self._sourcing.home:
            return
        following = int(window.frame["open_time"][-1]) + timeframe.milliseconds
        if following < whole.end:
            built = build(hours.frame, timeframe, Span(following, whole.end))
            window.frame = pl.concat([window.frame, built])

    async def _heal(self, instrument: Instrument, timeframe: Timeframe, window: _Window) -> None:
        found_holes = set(holes(window.frame, timeframe))
        unasked = sorted(found_holes - window.known_holes, key=lambda hole: hole.start)
        if not unasked:
            window.known_holes = found_holes
            return
        source = self._sourcing.at(window.place)
        for hole in unasked[-_MOST_HEALED:]:
            # Bad rows told again are in the certificate already, and leave the hole as it is.
            fresh = await self._ask(source, instrument, timeframe, hole)
            window.frame = join(window.frame, _inside(fresh, hole), hole).frame
        window.known_holes = set(holes(window.frame, timeframe))

    async def _fetch(
        self,
        source: CandleSource,
        instrument: Instrument,
        timeframe: Timeframe,
        span: Span,
        found: _Finding,
    ) -> pl.DataFrame:
        parsed = await self._ask(source, instrument, timeframe, span)
        refused = sum(count for fault, count in parsed.faults.items() if fault not in HARMLESS)
        if refused and parsed.frame.is_empty():
            raise VenueUnavailableError(
                f"{timeframe} candles must be rows of numbers, all {refused} were refused, "
                f"first {parsed.first_fault}"
            )
        found.faults.update(parsed.faults)
        return _inside(parsed, span)

    async def _ask(
        self, source: CandleSource, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> ParsedCandles:
        rows = await source.candles(instrument, timeframe, span)
        return parse_candles(rows, timeframe, exchange_time=self._exchange_time.now())

    def _check_like(self, source: CandleSource, window: _Window, fresh: pl.DataFrame) -> None:
        """Refuse what would replace a window by nothing, or by another asset of the same name."""
        if source.place == self._sourcing.home:
            if fresh.is_empty() and not window.frame.is_empty():
                raise VenueUnavailableError(f"{source.place.name} must have candles, was none")
            return
        reason = "it has no candles" if fresh.is_empty() else unlike(window.frame, fresh)
        if reason is not None:
            raise VenueRefusedError(f"{source.place.name} cannot stand in: {reason}")

    def _empty(self) -> _Window:
        return _Window(self._sourcing.home)

    def _place_told(self, quality: Quality, timeframe: Timeframe) -> Place | None:
        for origin in quality.origins:
            if origin.timeframe is timeframe:
                return Place(origin.place, origin.source)
        return self._sourcing.home if quality.source is Source.VENUE else None

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

"""The candle windows of every contract: kept in memory, brought up to each close, certified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.clock import Clock
from common.domain import SCANNED, CandleSet, Frames, Instrument, Quality, Source, Timeframe
from fetcher.core.building import SOURCE, compares_at
from fetcher.core.parsing import NO_CANDLES
from fetcher.core.quality import Evidence, certify
from fetcher.core.sources import Place, labelled
from fetcher.core.window import COMPARED_AT_LEAST_EVERY, Finding, Window
from fetcher.core.windows import cut, missing_at_end
from fetcher.handlers.catching_up import CatchUp
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.sourcing import Sourcing

_BUILT: Final[tuple[Timeframe, ...]] = tuple(
    timeframe for timeframe in SCANNED if timeframe is not SOURCE
)


@dataclass(frozen=True, kw_only=True)
class CandleReading:
    """All windows of one contract, cut at a close."""

    frames: Frames
    quality: Quality
    incomplete: tuple[Timeframe, ...]
    """Timeframes whose newest candle has not arrived."""
    foreign: tuple[Timeframe, ...]
    """Timeframes that were not read at the venue."""


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
        self._bars = bars
        self._catch_up = CatchUp(
            sourcing, exchange_time, clock, bars=bars, overlap=overlap, grace=grace
        )
        self._windows: dict[tuple[str, Timeframe], Window] = {}
        self._being_read: dict[tuple[str, Timeframe], list[pl.DataFrame]] = {}
        self._set_backs = 0

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
                compared_at = told_at - COMPARED_AT_LEAST_EVERY if at_home else told_at
                self._windows[candle_set.symbol, timeframe] = Window(
                    timeframe, place, frame, compared_at=compared_at
                )

    def held(self, symbol: str, timeframe: Timeframe, close: datetime) -> pl.DataFrame:
        """Return what is held of one window, cut at a close; the venue is not asked."""
        window = self._windows.get((symbol, timeframe))
        frame = NO_CANDLES if window is None else window.frame
        return cut(frame, timeframe, close, bars=self._bars[timeframe])

    def absorb(self, symbol: str, timeframe: Timeframe, candle: pl.DataFrame) -> bool:
        """Lay one closed candle on its window; False when it does not follow what is held."""
        series = symbol, timeframe
        if series in self._being_read:
            self._being_read[series].append(candle)
            return True
        window = self._windows.get(series)
        if window is None or window.place != self._sourcing.home:
            return False
        return window.follow(candle, bars=self._bars[timeframe])

    def source(self, symbol: str, timeframe: Timeframe) -> Source:
        """Return what kind of place a window was read at: the venue itself where there is none."""
        window = self._windows.get((symbol, timeframe))
        return Source.VENUE if window is None else window.place.source

    def reaches(self, symbol: str, timeframe: Timeframe, close: datetime) -> bool:
        """Say whether a window is held up to a close, and need not be compared before its turn."""
        window = self._windows.get((symbol, timeframe))
        if window is None or window.place != self._sourcing.home:
            return False
        return window.reaches(close)

    def expect(self, symbol: str, close: datetime) -> None:
        """Have windows compared at their next reading that a scan of `close` would compare."""
        for timeframe in SCANNED:
            window = self._window(symbol, timeframe)
            window.suspect |= window.outdated(close) and _has_its_turn(symbol, window, close)

    async def read(self, instrument: Instrument, close: datetime) -> CandleReading:
        """Bring a contract's windows up to `close` and return them, with their certificate."""
        symbol = instrument.symbol
        windows = {timeframe: self._window(symbol, timeframe) for timeframe in SCANNED}
        hours = windows[SOURCE]
        compare = _has_its_turn(symbol, hours, close)
        known = {SOURCE: await self._read_one(instrument, SOURCE, close, compare=compare)}
        # The others are built from hours, and compared with the venue's own once a day; a changed
        # hour brings that on, and a difference has the hours themselves read again.
        for timeframe in _BUILT:
            window = windows[timeframe]
            window.suspect |= bool(known[SOURCE].changed)
            compare = _has_its_turn(symbol, window, close)
            known[timeframe] = await self._read_one(instrument, timeframe, close, compare=compare)
        if not known[SOURCE].changed and any(known[timeframe].changed for timeframe in _BUILT):
            hours.become(self._sourcing.home, NO_CANDLES)
            known[SOURCE] = await self._read_one(instrument, SOURCE, close)
        evidence = {timeframe: known[timeframe] for timeframe in SCANNED}
        for window in windows.values():
            window.found = Finding()
        frames = {timeframe: one.frame for timeframe, one in evidence.items()}
        places = {timeframe: window.place for timeframe, window in windows.items()}
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
        series, bars = (instrument.symbol, timeframe), self._bars[timeframe]
        window = self._window(*series)
        hours = None if timeframe is SOURCE else self._windows.get((instrument.symbol, SOURCE))
        self._being_read[series] = []
        try:
            await self._catch_up.bring(window, instrument, close, hours=hours, compare=compare)
        finally:
            for candle in self._being_read.pop(series):
                self.absorb(*series, candle)
        window.frame = window.frame.tail(bars + 1)  # a stream may have brought the next one
        return Evidence(
            frame=cut(window.frame, timeframe, close, bars=bars),
            bars=bars,
            faults=window.found.faults,
            changed=window.found.changed,
        )

    def _window(self, symbol: str, timeframe: Timeframe) -> Window:
        set_backs = self._exchange_time.set_backs
        if set_backs != self._set_backs:  # what counted as closed may have been forming still
            self._windows.clear()
            self._set_backs = set_backs
        window = self._windows.get((symbol, timeframe))
        if window is None:
            window = self._windows[symbol, timeframe] = Window(timeframe, self._sourcing.home)
        return window

    def _place_told(self, quality: Quality, timeframe: Timeframe) -> Place | None:
        for origin in quality.origins:
            if origin.timeframe is timeframe:
                return Place(origin.place, origin.source)
        return self._sourcing.home if quality.source is Source.VENUE else None


def _has_its_turn(symbol: str, window: Window, close: datetime) -> bool:
    """Say whether a scan of `close` compares a window that was not compared lately."""
    return compares_at(symbol, close) or window.suspect or window.long_uncompared(close)

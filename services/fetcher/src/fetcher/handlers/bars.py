"""Telling closed 1h candles one by one: what the planner follows its plans with.

They are told from where the contract's candles are read, under that label: which plans another
market's candles may decide is the planner's question.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.clock import Clock
from common.domain import Bar, CandleSet, Instrument, Source, Timeframe
from common.errors import ScannerError
from fetcher.core.parsing import instant, milliseconds
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.telling import Teller
from fetcher.handlers.watched import Watched

_log = logging.getLogger(__name__)

TOLD: Final = Timeframe.H1


class BarTeller:
    """Tells each closed 1h candle once, oldest first."""

    def __init__(self, teller: Teller, watched: Watched) -> None:
        self._teller = teller
        self._watched = watched
        self._told: dict[tuple[str, Source], int] = {}

    def restore(self, candle_set: CandleSet) -> None:
        """Count the candles of a window that was sent before as told."""
        frame, source = candle_set.frames.get(TOLD), candle_set.quality.source_of(TOLD)
        if frame is not None and not frame.is_empty():
            self._told[candle_set.symbol, source] = int(frame["open_time"][-1])

    def awaited(self, symbol: str) -> bool:
        """Whether the planner follows plans of a contract and so waits for its bars."""
        return symbol in self._watched.since

    async def tell(self, instrument: Instrument, frame: pl.DataFrame, source: Source) -> None:
        """Tell the candles after the last one told.

        Of a contract never told before, the newest one, or all since it is watched. What another
        market has told is told once more when the venue itself tells it.
        """
        if frame.is_empty():
            return
        symbol, newest = instrument.symbol, int(frame["open_time"][-1])
        until = self._told_until(symbol, newest, source)
        # oldest first: cut at a place, which costs a hundredth of a filter
        fresh = frame.slice(int(frame["open_time"].search_sorted(until, side="right")))
        for row in fresh.iter_rows(named=True):
            await self._teller.tell(bar_of(instrument, TOLD, row, source))
        self._told[symbol, source] = max(newest, self._told.get((symbol, source), newest))

    def _told_until(self, symbol: str, newest: int, source: Source) -> int:
        told = [
            self._told[symbol, one] for one in {source, Source.VENUE} if (symbol, one) in self._told
        ]
        if told:
            return max(told)
        watched_since = self._watched.since.get(symbol)
        before_newest = newest - TOLD.milliseconds
        if watched_since is None:
            return before_newest
        return min(before_newest, milliseconds(watched_since) - TOLD.milliseconds)


class HourlyBars:
    """Reads the newest 1h candle of the contracts watched, at closes that no scan reads."""

    def __init__(
        self,
        *,
        windows: CandleWindows,
        bars: BarTeller,
        watched: Watched,
        market: MarketDesk,
        clock: Clock,
        delay: timedelta,
        busy: asyncio.Lock,
    ) -> None:
        self._windows = windows
        self._bars = bars
        self._watched = watched
        self._market = market
        self._clock = clock
        self._delay = delay
        self._busy = busy

    async def run(self) -> None:
        """Read after every 1h close, for ever."""
        while True:
            close = TOLD.floor(self._clock.now() - self._delay) + TOLD.duration
            await self._clock.sleep_until(close + self._delay)
            async with self._busy:  # a scan of the same close comes first and reads them all
                await self.read(TOLD.floor(self._clock.now() - self._delay))

    async def read(self, close: datetime) -> None:
        """Read and tell what closed up to `close`; what fails is read again an hour later."""
        for symbol in self._watched.since:
            try:
                universe = self._market.known_last or await self._market.known()
                instrument = universe.listed.get(symbol)
                if instrument is not None:
                    frame = await self._windows.extend(instrument, TOLD, close)
                    await self._bars.tell(instrument, frame, self._windows.source(symbol, TOLD))
            except ScannerError as error:
                _log.warning("the %s candle of %s is not read now: %s", TOLD, symbol, error)


def bar_of(
    instrument: Instrument, timeframe: Timeframe, row: Mapping[str, float], source: Source
) -> Bar:
    """Write one row of a candle frame as the fact that tells it."""
    return Bar(
        venue=instrument.venue,
        symbol=instrument.symbol,
        simulated=instrument.simulated,
        timeframe=timeframe,
        source=source,
        open_time=instant(int(row["open_time"])),
        open=row["open"],
        high=row["high"],
        low=row["low"],
        close=row["close"],
        volume=row["volume"],
    )

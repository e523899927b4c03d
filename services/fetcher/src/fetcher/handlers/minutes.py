"""Telling the closed 1m candles of the contracts that the planner watches, none left out.

While the venue does not answer they are read where the contract's hours are, under that label.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.bus import Bus
from common.clock import Clock
from common.domain import Bar, Instrument, Source, Timeframe
from common.errors import ScannerError, VenueRefusedError
from fetcher.core.parsing import milliseconds, parse_candles
from fetcher.core.windows import Span
from fetcher.handlers.bars import TOLD as HOURS
from fetcher.handlers.bars import bar_of
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.sourcing import Sourcing
from fetcher.handlers.telling import Teller
from fetcher.handlers.watched import Watched
from fetcher.ports import CandleSource

_log = logging.getLogger(__name__)

_TOLD: Final = Timeframe.M1
_HOLE_PATIENCE: Final = timedelta(minutes=15)
"""A minute the venue does not tell for so long is left out; an hour bridges it for the planner."""
_LONGEST_LOOK_BACK: Final = timedelta(days=1)
"""Minutes older than this are not read any more: the planner bridges them with hours."""


class MinuteBars:
    """Tells minutes as streams bring them, and reads from the venue those that they do not."""

    def __init__(
        self,
        *,
        sourcing: Sourcing,
        windows: CandleWindows,
        teller: Teller,
        watched: Watched,
        market: MarketDesk,
        exchange_time: ExchangeTime,
        clock: Clock,
        venue: str,
        every: timedelta,
    ) -> None:
        self._sourcing = sourcing
        self._windows = windows
        self._teller = teller
        self._watched = watched
        self._market = market
        self._exchange_time = exchange_time
        self._clock = clock
        self._venue = venue
        self._every = every
        self._told: dict[tuple[str, Source], int] = {}
        self._one_by_one = asyncio.Lock()
        self._heard: asyncio.Queue[tuple[str, pl.DataFrame]] = asyncio.Queue()

    async def rebuild(self, bus: Bus) -> None:
        """Count what the stream keeps as told."""
        async for fact in bus.latest(Bar, venue=self._venue, timeframe=str(_TOLD)):
            if isinstance(fact, Bar) and fact.open_time <= self._clock.now():
                self._told[fact.symbol, fact.source] = milliseconds(fact.open_time)

    def take(self, symbol: str, candles: pl.DataFrame) -> None:
        """Keep a minute that a stream brought until its turn comes: nobody waits for it here."""
        self._heard.put_nowait((symbol, candles))

    async def follow(self) -> None:
        """Tell the minutes that streams bring, for ever; one that does not follow is read later."""
        while True:
            symbol, candles = await self._heard.get()
            async with self._one_by_one:
                due, instrument = self._due(symbol, Source.VENUE), self._instrument(symbol)
                follows = not candles.is_empty() and candles["open_time"][0] == due
                if follows and instrument is not None:
                    await self._tell(instrument, candles, Source.VENUE)

    async def run(self) -> None:
        """Read what the streams have not brought, for ever."""
        while True:
            started = self._clock.now()
            for symbol in self._watched.since:
                try:
                    async with self._one_by_one:
                        await self.catch_up(symbol)
                except ScannerError as error:
                    _log.warning("minutes of %s are not read now: %s", symbol, error)
            await self._clock.sleep_until(started + self._every)

    async def catch_up(self, symbol: str) -> None:
        """Read and tell every minute of a watched contract that has closed and was not told."""
        instrument, now = self._instrument(symbol), self._exchange_time.now()
        end, due = milliseconds(_TOLD.floor(now)), self._due(symbol, Source.VENUE)
        if instrument is None or due is None or due >= end:
            return

        async def read(source: CandleSource) -> pl.DataFrame:
            place = source.place
            if place.source not in {Source.VENUE, self._windows.source(symbol, HOURS)}:
                raise VenueRefusedError(f"the hours of {symbol} are not read at {place.name}")
            due = self._due(symbol, place.source) or end
            # Of another place all may be told: its newest is asked again, and not told.
            first = min(due, end - _TOLD.milliseconds)
            span = Span(max(first, milliseconds(_TOLD.floor(now - _LONGEST_LOOK_BACK))), end)
            rows = await source.candles(instrument, _TOLD, span)
            parsed = parse_candles(rows, _TOLD, exchange_time=now)
            fresh = parsed.frame["open_time"].is_between(due, end, closed="left")
            return _without_hole(parsed.frame.filter(fresh), span, now)

        found = await self._sourcing.first(symbol, read)
        if found is not None:
            await self._tell(instrument, found.read, found.source.place.source)

    def _due(self, symbol: str, source: Source) -> int | None:
        """Return the open time of the next minute to tell, None for a contract not watched.

        What another market has told is told once more when the venue itself tells it.
        """
        since: datetime | None = self._watched.since.get(symbol)
        if since is None:
            return None
        told = (self._told.get((symbol, one)) for one in {source, Source.VENUE})
        following = [one + _TOLD.milliseconds for one in told if one is not None]
        return max([milliseconds(_TOLD.floor(since)), *following])

    def _instrument(self, symbol: str) -> Instrument | None:
        universe = self._market.known_last
        return universe.listed.get(symbol) if universe is not None else None

    async def _tell(self, instrument: Instrument, candles: pl.DataFrame, source: Source) -> None:
        for row in candles.iter_rows(named=True):
            await self._teller.tell(bar_of(instrument, _TOLD, row, source))
            self._told[instrument.symbol, source] = int(row["open_time"])


def _without_hole(candles: pl.DataFrame, span: Span, now: datetime) -> pl.DataFrame:
    """Return the minutes up to the first one missing, unless that is not to be had any more."""
    patient = milliseconds(now - _HOLE_PATIENCE)
    due = span.start
    for place, opened in enumerate(candles["open_time"]):
        if opened > due >= patient:
            return candles.head(place)
        due = opened + _TOLD.milliseconds
    return candles

"""Telling the closed 1m candles of the contracts that the planner watches, none left out."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.bus import Bus
from common.clock import Clock
from common.domain import Bar, Timeframe
from common.errors import ScannerError
from fetcher.core.parsing import milliseconds, parse_candles
from fetcher.core.windows import Span
from fetcher.handlers.bars import bar_of
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.telling import Teller
from fetcher.handlers.watched import Watched
from fetcher.ports import VenueReader

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
        reader: VenueReader,
        teller: Teller,
        watched: Watched,
        market: MarketDesk,
        exchange_time: ExchangeTime,
        clock: Clock,
        venue: str,
        every: timedelta,
    ) -> None:
        self._reader = reader
        self._teller = teller
        self._watched = watched
        self._market = market
        self._exchange_time = exchange_time
        self._clock = clock
        self._venue = venue
        self._every = every
        self._told: dict[str, int] = {}
        self._one_by_one = asyncio.Lock()
        self._heard: asyncio.Queue[tuple[str, pl.DataFrame]] = asyncio.Queue()

    async def rebuild(self, bus: Bus) -> None:
        """Count what the stream keeps as told."""
        async for fact in bus.latest(Bar, venue=self._venue, timeframe=str(_TOLD)):
            if isinstance(fact, Bar) and fact.open_time <= self._clock.now():
                self._told[fact.symbol] = milliseconds(fact.open_time)

    def take(self, symbol: str, candles: pl.DataFrame) -> None:
        """Keep a minute that a stream brought until its turn comes: nobody waits for it here."""
        self._heard.put_nowait((symbol, candles))

    async def follow(self) -> None:
        """Tell the minutes that streams bring, for ever; one that does not follow is read later."""
        while True:
            symbol, candles = await self._heard.get()
            async with self._one_by_one:
                due = self._due(symbol)
                if due is not None and not candles.is_empty() and candles["open_time"][0] == due:
                    await self._tell(symbol, candles)

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
        due, now = self._due(symbol), self._exchange_time.now()
        if due is None:
            return
        span = Span(
            max(due, milliseconds(_TOLD.floor(now - _LONGEST_LOOK_BACK))),
            milliseconds(_TOLD.floor(now)),
        )
        if span.bars(_TOLD):
            rows = await self._reader.candles(symbol, _TOLD, span)
            parsed = parse_candles(rows, _TOLD, exchange_time=now)
            inside = parsed.frame["open_time"].is_between(span.start, span.end, closed="left")
            await self._tell(symbol, _without_hole(parsed.frame.filter(inside), span, now))

    def _due(self, symbol: str) -> int | None:
        """Return the open time of the next minute to tell, None for a contract not watched."""
        since: datetime | None = self._watched.since.get(symbol)
        if since is None:
            return None
        first = milliseconds(_TOLD.floor(since))
        told = self._told.get(symbol)
        return first if told is None else max(first, told + _TOLD.milliseconds)

    async def _tell(self, symbol: str, candles: pl.DataFrame) -> None:
        universe = self._market.universe
        instrument = universe.listed.get(symbol) if universe is not None else None
        if instrument is None:
            return
        for row in candles.iter_rows(named=True):
            await self._teller.tell(bar_of(instrument, _TOLD, row))
            self._told[symbol] = int(row["open_time"])


def _without_hole(candles: pl.DataFrame, span: Span, now: datetime) -> pl.DataFrame:
    """Return the minutes up to the first one missing, unless that is not to be had any more."""
    patient = milliseconds(now - _HOLE_PATIENCE)
    due = span.start
    for place, opened in enumerate(candles["open_time"]):
        if opened > due >= patient:
            return candles.head(place)
        due = opened + _TOLD.milliseconds
    return candles

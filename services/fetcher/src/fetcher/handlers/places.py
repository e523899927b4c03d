"""The places a contract's candles are read at: its own venue, and another one."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from typing_extensions import override

from common.clock import Clock
from common.domain import Instrument, Source, Timeframe
from common.errors import VenueRefusedError, VenueUnavailableError
from fetcher.core.freshness import is_fresh
from fetcher.core.sources import Place, bundled, counterpart, rescaled
from fetcher.core.windows import Span
from fetcher.ports import CandleSource, VenueReader

_LISTING_AGE: Final = timedelta(hours=6)


class AtVenue(CandleSource):
    """The contract's own venue."""

    def __init__(self, venue: str, reader: VenueReader) -> None:
        self._place = Place(venue, Source.VENUE)
        self._reader = reader

    @property
    @override
    def place(self) -> Place:
        return self._place

    @override
    async def candles(
        self, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> Sequence[object]:
        return await self._reader.candles(instrument.symbol, timeframe, span)

    @override
    async def close(self) -> None:
        """Keep the connections: they belong to the venue's reader."""


class OtherVenue(CandleSource):
    """The same contract on another venue, opened when it is needed first."""

    def __init__(self, venue: str, open_reader: Callable[[], VenueReader], clock: Clock) -> None:
        self._place = Place(venue, Source.OTHER_VENUE)
        self._open_reader = open_reader
        self._clock = clock
        self._reader: VenueReader | None = None
        self._listed: Sequence[Instrument] = ()
        self._listed_at: datetime | None = None
        self._trouble = ""
        self._failed_at = 0.0
        self._listing = asyncio.Lock()

    @property
    @override
    def place(self) -> Place:
        return self._place

    @property
    def reader(self) -> VenueReader:
        """The venue's reader, opened now if it has not been needed before."""
        self._reader = self._reader or self._open_reader()
        return self._reader

    @override
    async def candles(
        self, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> Sequence[object]:
        reader = self.reader
        other = counterpart(instrument, await self._trading(reader))
        if other is None:
            raise VenueRefusedError(f"{self._place.name} lists nothing like {instrument.symbol}")
        rows = await reader.candles(other.symbol, timeframe, span)
        return rescaled(rows, bundled(instrument, other.base))

    @override
    async def close(self) -> None:
        if self._reader is not None:
            await self._reader.close()

    async def _trading(self, reader: VenueReader) -> Sequence[Instrument]:
        waiting_since = time.monotonic()
        async with self._listing:
            if self._failed_at > waiting_since:  # all who waited for a silent venue have its answer
                raise VenueUnavailableError(self._trouble)
            now = self._clock.now()
            if not is_fresh(self._listed_at, now, age=_LISTING_AGE):
                try:
                    listing = await reader.listing()
                except VenueUnavailableError as error:
                    self._trouble, self._failed_at = str(error), time.monotonic()
                    raise
                self._listed = [
                    one.instrument for one in listing.contracts if one.trading and one.perpetual
                ]
                self._listed_at = now
            return self._listed

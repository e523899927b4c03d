"""Everything known when a question comes: the board, fresh derivatives, indicators on demand."""

import asyncio
import logging
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ai_analyst.core.board import Board, Place
from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.facts.market import indicator_facts
from ai_analyst.core.question import Wanted, wanted
from ai_analyst.core.retrieval import gathered
from common.bus import Bus, Start
from common.clock import Clock
from common.codec import decode
from common.domain import (
    SCANNED,
    Derivatives,
    DerivativesRequest,
    Fact,
    FrameRequest,
    IndicatorFrame,
    Outcome,
    Rejection,
    ScanCompleted,
    Signal,
    Timeframe,
    TradePlan,
)
from common.errors import BusUnavailableError, InvalidMessageError

_log: Final = logging.getLogger(__name__)
_PATIENCE: Final = timedelta(seconds=3)
_FOLLOWED: Final[tuple[type[Fact], ...]] = (
    Signal, TradePlan, Rejection, Derivatives, ScanCompleted, Outcome,
)  # fmt: skip


class FactsDesk:
    """Keeps the newest facts and reads again what is too old."""

    def __init__(self, bus: Bus, clock: Clock, *, fresh: timedelta) -> None:
        self._bus = bus
        self._clock = clock
        self._fresh = fresh
        self._reading: dict[Place, asyncio.Task[None]] = {}
        self.board = Board()

    async def follow(self) -> None:
        """Keep the board up to date, for ever."""
        async for fact in self._bus.follow(*_FOLLOWED, start=Start.LATEST):
            self.board.apply(fact)

    async def recent_scans(self) -> None:
        """Read the scans the stream keeps: what changed is told from the last two."""
        async for fact in self._bus.replay(ScanCompleted):
            self.board.apply(fact)

    async def about(
        self, question: str, *, venue: str | None, earlier: Sequence[str] = ()
    ) -> tuple[Wanted, FactTable]:
        """Gather every fact a question may need, read anew where that is due."""
        about = wanted(question, self.board, venue=venue, earlier=earlier)
        return about, await self.of(about)

    async def of(self, about: Wanted) -> FactTable:
        """Gather the facts of some contracts."""
        now = self._clock.now()
        listed = self.board.symbols(about.venue)
        known = tuple(symbol for symbol in about.symbols if symbol in listed)
        await asyncio.gather(*(self._refresh(Place(about.venue, symbol), now) for symbol in known))
        rows = await asyncio.gather(
            *(
                self._indicators(about.venue, symbol, timeframe)
                for symbol in known[:3]
                for timeframe in SCANNED
            )
        )
        extra = [fact for facts in rows for fact in facts]
        return gathered(about, self.board, self._clock.now(), extra)

    async def _refresh(self, place: Place, now: datetime) -> None:
        """Read a contract's derivatives where they are old; whoever asks meanwhile shares it."""
        known = self.board.derivatives.get(place)
        if known is not None and now - known.observed_at <= self._fresh:
            return
        if place not in self._reading:
            self._reading[place] = asyncio.create_task(self._read(place))
            self._reading[place].add_done_callback(lambda _: self._reading.pop(place))
        await asyncio.shield(self._reading[place])

    async def _read(self, place: Place) -> None:
        request = DerivativesRequest(venue=place.venue, symbol=place.symbol)
        try:
            reply = await self._bus.ask(request, within=_PATIENCE, target=place.venue)
            if reply.error is None and reply.body:
                self.board.apply(decode(Derivatives.name(), reply.body))
        except (BusUnavailableError, InvalidMessageError) as error:
            _log.info("derivatives of %s keep their age: %s", place.symbol, error)

    async def _indicators(self, venue: str, symbol: str, timeframe: Timeframe) -> tuple[Datum, ...]:
        request = FrameRequest(venue=venue, symbol=symbol, timeframe=timeframe, rows=1)
        try:
            reply = await self._bus.ask(request, within=_PATIENCE)
            if reply.error is not None:
                _log.info("no indicators of %s %s: %s", symbol, timeframe, reply.error)
                return ()
            frame = decode(IndicatorFrame.name(), reply.body)
        except (BusUnavailableError, InvalidMessageError) as error:
            _log.info("no indicators of %s %s: %s", symbol, timeframe, error)
            return ()
        return _newest(frame, symbol, timeframe)


def _newest(frame: Fact, symbol: str, timeframe: Timeframe) -> tuple[Datum, ...]:
    if not isinstance(frame, IndicatorFrame):
        return ()
    rows = frame.frames.get(timeframe)
    if rows is None or rows.is_empty():
        return ()
    values = {name: _finite(value) for name, value in rows.row(-1, named=True).items()}
    return indicator_facts(symbol, str(timeframe), values, closed_at=frame.as_of)


def _finite(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None

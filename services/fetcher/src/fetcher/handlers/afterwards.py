"""What of a close can wait until every contract's candles are out."""

import asyncio
from contextvars import Context, copy_context
from dataclasses import dataclass

import polars as pl

from common.domain import Derivatives, Instrument, Source
from fetcher.handlers.bars import BarTeller
from fetcher.handlers.telling import Teller


@dataclass(frozen=True, kw_only=True)
class _Rest:
    instrument: Instrument
    hours: pl.DataFrame | None
    source: Source
    derivatives: Derivatives | None
    trace: Context


class Afterwards:
    """Tells hourly bars nobody waits for, and derivatives, behind the candles of their close."""

    def __init__(self, bars: BarTeller, teller: Teller) -> None:
        self._bars = bars
        self._teller = teller
        self._rest: asyncio.Queue[_Rest] = asyncio.Queue()
        self._free = asyncio.Event()
        self._free.set()

    def hold(self) -> None:
        """Let everything wait from now on."""
        self._free.clear()

    def release(self) -> None:
        """Tell what has waited."""
        self._free.set()

    def put(
        self,
        instrument: Instrument,
        *,
        hours: pl.DataFrame | None,
        source: Source,
        derivatives: Derivatives | None,
    ) -> None:
        """Keep bars and derivatives until it is their turn; None is nothing to tell."""
        self._rest.put_nowait(
            _Rest(
                instrument=instrument,
                hours=hours,
                source=source,
                derivatives=derivatives,
                trace=copy_context(),
            )
        )

    async def run(self) -> None:
        """Tell what has waited, for ever."""
        while True:
            rest = await self._rest.get()
            await self._free.wait()
            # In the contract's own trace, though the work it belongs to is over.
            await asyncio.create_task(self._tell(rest), context=rest.trace)

    async def _tell(self, rest: _Rest) -> None:
        if rest.hours is not None:
            await self._bars.tell(rest.instrument, rest.hours, rest.source)
        if rest.derivatives is not None:
            await self._teller.tell(rest.derivatives)

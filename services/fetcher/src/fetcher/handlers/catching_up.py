"""Bringing one window up to a close: built, asked for, compared, healed, never guessed."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.clock import Clock
from common.domain import Instrument, Timeframe
from common.errors import VenueCoolingError, VenueRefusedError, VenueUnavailableError
from fetcher.core.building import build
from fetcher.core.parsing import HARMLESS, ParsedCandles, parse_candles
from fetcher.core.sources import unlike
from fetcher.core.window import Window
from fetcher.core.windows import (
    Span,
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

_LEAST_KEPT: Final = 0.8  # an answer with far fewer candles than before is no history
_MOST_HEALED: Final = 4  # holes asked for in one scan and timeframe


class CatchUp:
    """Asks for what a window lacks, wherever it can be had."""

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

    async def bring(
        self,
        window: Window,
        instrument: Instrument,
        close: datetime,
        *,
        hours: Window | None,
        compare: bool,
    ) -> None:
        """Bring a window up to `close`; what can be built from `hours` is not asked for."""
        whole = whole_span(
            window.timeframe,
            close,
            bars=self._bars[window.timeframe],
            listed_since=instrument.listed_since,
        )
        self._build(window, hours, whole)
        await self._ask_for_the_rest(window, instrument, close, whole, compare=compare)
        if missing_at_end(window.frame, window.timeframe, close):
            await self._wait_for_late_candles()
            self._build(window, hours, whole)
            await self._ask_for_the_rest(window, instrument, close, whole, compare=False)
        await self._heal(window, instrument)

    def _build(self, window: Window, hours: Window | None, whole: Span) -> None:
        if hours is None or window.end is None or window.end >= whole.end:
            return
        if hours.place == window.place == self._sourcing.home:
            built = build(hours.frame, window.timeframe, Span(window.end, whole.end))
            window.frame = pl.concat([window.frame, built])

    async def _ask_for_the_rest(
        self,
        window: Window,
        instrument: Instrument,
        close: datetime,
        whole: Span,
        *,
        compare: bool,
    ) -> None:
        timeframe, held, home = window.timeframe, window.place, self._sourcing.home
        again = self._overlap + window.heard()
        span = span_to_ask(window.frame, timeframe, whole, overlap=again)
        compares = span is None and compare and window.outdated(close)
        if compares:
            span = newest_span(window.frame, timeframe, bars=again)
        if span is None and held == home:
            return

        async def ask(source: CandleSource) -> pl.DataFrame:
            if source.place == window.place and span is not None:
                return await self._fetch(source, window, instrument, span)
            fresh = await self._fetch(source, window, instrument, whole)
            self._check_like(source, window, fresh)
            return fresh

        # A window read elsewhere is read anew from the venue as soon as that can be had; one that
        # lacks nothing waits for its comparison, and moves nowhere for it.
        answer = await self._sourcing.first(
            instrument.symbol,
            ask,
            before=held if span is None else None,
            only=home if compares and held == home else None,
        )
        if answer is None:
            return
        if answer.source.place != held or span is None:
            window.become(answer.source.place, answer.read)
        else:
            joined = join(window.frame, answer.read, span)
            frame = joined.frame
            if joined.changed and not span.covers(whole):
                frame = await self._fetch_anew(answer.source, window, instrument, whole)
            window.found.changed += joined.changed
            window.frame = frame
        window.compare(close)

    async def _fetch_anew(
        self, source: CandleSource, window: Window, instrument: Instrument, whole: Span
    ) -> pl.DataFrame:
        """Read all of a window whose past has moved: nothing that is held can be trusted."""
        fresh = await self._fetch(source, window, instrument, whole)
        if fresh.height < _LEAST_KEPT * window.frame.height:
            raise VenueUnavailableError(
                f"{window.timeframe} candles told before are missing from the answer, "
                f"{window.frame.height} were held and {fresh.height} told"
            )
        window.known_holes.clear()
        return fresh

    async def _heal(self, window: Window, instrument: Instrument) -> None:
        found_holes = set(holes(window.frame, window.timeframe))
        unasked = sorted(found_holes - window.known_holes, key=lambda hole: hole.start)
        source = self._sourcing.at(window.place)
        if not unasked or source is None:
            window.known_holes = found_holes
            return
        for hole in unasked[-_MOST_HEALED:]:
            # Bad rows told again are in the certificate already, and leave the hole as it is.
            try:
                fresh = await self._ask(source, window, instrument, hole)
            except VenueCoolingError as error:
                if self._sourcing.soon(error):
                    raise
                return  # no hole is worth a long ban: it is told, and asked for another time
            window.frame = join(window.frame, _inside(fresh, hole), hole).frame
        window.known_holes = set(holes(window.frame, window.timeframe))

    async def _fetch(
        self, source: CandleSource, window: Window, instrument: Instrument, span: Span
    ) -> pl.DataFrame:
        parsed = await self._ask(source, window, instrument, span)
        refused = sum(count for fault, count in parsed.faults.items() if fault not in HARMLESS)
        if refused and parsed.frame.is_empty():
            raise VenueUnavailableError(
                f"{window.timeframe} candles must be rows of numbers, all {refused} were refused, "
                f"first {parsed.first_fault}"
            )
        window.found.faults.update(parsed.faults)
        return _inside(parsed, span)

    async def _ask(
        self, source: CandleSource, window: Window, instrument: Instrument, span: Span
    ) -> ParsedCandles:
        rows = await source.candles(instrument, window.timeframe, span)
        now = self._exchange_time.now()
        return parse_candles(rows, window.timeframe, exchange_time=now)

    def _check_like(self, source: CandleSource, window: Window, fresh: pl.DataFrame) -> None:
        """Refuse what would replace a window by nothing, or by another asset of the same name."""
        if source.place == self._sourcing.home:
            if fresh.is_empty() and not window.frame.is_empty():
                raise VenueUnavailableError(f"{source.place.name} must have candles, was none")
            return
        reason = "it has no candles" if fresh.is_empty() else unlike(window.frame, fresh)
        if reason is not None:
            raise VenueRefusedError(f"{source.place.name} cannot stand in: {reason}")

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

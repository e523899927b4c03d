"""Live mode: candles as they close, windows that are ready, everything else read beforehand."""

import asyncio
import gc
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from common.clock import Clock
from common.domain import SCANNED, Instrument, Timeframe
from common.errors import ScannerError
from fetcher.core.parsing import ParsedCandles, instant, parse_each
from fetcher.core.schedule import Schedule
from fetcher.core.streamed import StreamedBar, Topic
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.closes import Closes
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.minutes import MinuteBars
from fetcher.handlers.pace import Pace
from fetcher.handlers.watched import Watched
from fetcher.ports import BarStreams

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 2.0
_AHEAD: Final = timedelta(seconds=2)
"""How far the venue's clock may be ahead of what we know of it."""


class LiveDesk:
    """Keeps windows up to date from streams and makes each close ready before it comes."""

    def __init__(
        self,
        *,
        streams: BarStreams,
        closes: Closes,
        windows: CandleWindows,
        minutes: MinuteBars | None,
        market: MarketDesk,
        derivatives: DerivativesDesk,
        watched: Watched,
        exchange_time: ExchangeTime,
        clock: Clock,
        schedule: Schedule,
        pace: Pace,
        lead: timedelta,
        mine: Callable[[str], bool],
        busy: asyncio.Lock,
    ) -> None:
        self._streams = streams
        self._closes = closes
        self._windows = windows
        self._minutes = minutes
        self._market = market
        self._derivatives = derivatives
        self._watched = watched
        self._exchange_time = exchange_time
        self._clock = clock
        self._schedule = schedule
        self._pace = pace
        self._lead = lead
        self._mine = mine
        self._busy = busy
        self._gaps: asyncio.Queue[Topic] = asyncio.Queue()

    async def follow(self) -> None:
        """Take in candles as they close, for ever."""
        while True:
            self.take(await self._streams.heard())

    def take(self, bars: Sequence[StreamedBar]) -> None:
        """Lay closed candles on their windows; what is untrue or does not follow is read anew."""
        # The venue says that they are closed; whether that can be is seen by the venue's clock.
        known = self._exchange_time.now() + _AHEAD
        heard: defaultdict[Timeframe, list[StreamedBar]] = defaultdict(list)
        for bar in bars:
            heard[bar.topic.timeframe].append(bar)
        for timeframe, alike in heard.items():
            parsed = parse_each([bar.row for bar in alike], timeframe, exchange_time=known)
            for bar, candle in zip(alike, parsed, strict=True):
                self._take(bar.topic, candle)

    def _take(self, topic: Topic, parsed: ParsedCandles) -> None:
        if parsed.frame.is_empty():
            _log.warning(
                "a streamed %s candle of %s is not believed: %s",
                topic.timeframe,
                topic.symbol,
                parsed.first_fault or "it has not closed yet",
            )
            return
        if topic.timeframe is Timeframe.M1:
            if self._minutes is not None:
                self._minutes.take(topic.symbol, parsed.frame)
            return
        if not self._windows.absorb(topic.symbol, topic.timeframe, parsed.frame):
            self._gaps.put_nowait(topic)
        # Nobody waits for a candle that was told and does not follow: a scan asks for the gap.
        opened = instant(int(parsed.frame["open_time"][0]))
        self._closes.note(topic.symbol, topic.timeframe, opened + topic.timeframe.duration)

    async def heal(self) -> None:
        """Read from the venue what streams left out, for ever."""
        while True:
            topic = await self._gaps.get()
            try:
                await self._catch_up(topic)
            except ScannerError as error:
                _log.warning("%s of %s has a gap for now: %s", topic.timeframe, topic.symbol, error)

    async def keep_listening(self) -> None:
        """Ask the streams for the universe and the contracts watched, as they change; for ever."""
        while True:
            try:
                universe = await self._market.known()
            except ScannerError as error:
                _log.info("there is nothing to listen to yet: %s", error)
            else:
                topics = {
                    Topic(one.symbol, timeframe)
                    for one in universe.members
                    if self._mine(one.symbol)
                    for timeframe in SCANNED
                }
                if self._minutes is not None:
                    topics |= {Topic(symbol, Timeframe.M1) for symbol in self._watched.since}
                self._streams.want(topics)
            await asyncio.sleep(_LOOK_SECONDS)

    async def keep_ready(self) -> None:
        """Make ready before each scan of the schedule, most often at a close; for ever."""
        while (due := self._schedule.next_scan(self._clock.now())) is not None:
            await self._clock.sleep_until(due - self._lead)
            try:
                await self.make_ready()
            except ScannerError as error:
                _log.warning("the scan of %s finds us unprepared: %s", due, error)
            await self._clock.sleep_until(due + _AHEAD)

    async def make_ready(self) -> None:
        """Read universe, clock, windows that lag behind and derivatives, so that no scan waits.

        What is not read when the scan is due is left to it.
        """
        due = self._schedule.next_scan(self._clock.now())
        async with self._busy:
            universe = await self._market.read()
            await self._exchange_time.refresh()
        premiums = await self._derivatives.premiums()

        async def ready(instrument: Instrument) -> None:
            try:
                if due is not None:
                    self._windows.expect(instrument.symbol, self._schedule.trigger.floor(due))
                # No place is held meanwhile: the scan that keeps it waiting needs them.
                for timeframe in SCANNED:
                    await self._catch_up(Topic(instrument.symbol, timeframe), before=due)
                async with self._pace.place():
                    premium = premiums.get(instrument.symbol)
                    await self._derivatives.read(premium, simulated=universe.simulated)
            except ScannerError as error:
                _log.info("%s is not ready for the next scan: %s", instrument.symbol, error)

        async with asyncio.TaskGroup() as group:
            for instrument in universe.members:
                if self._mine(instrument.symbol):
                    group.create_task(ready(instrument))
        _leave_alone_what_lives_on()

    async def _catch_up(self, topic: Topic, *, before: datetime | None = None) -> None:
        universe = self._market.universe
        instrument = universe.listed.get(topic.symbol) if universe is not None else None
        if instrument is None:
            return
        close = topic.timeframe.floor(self._exchange_time.now())
        if self._windows.reaches(topic.symbol, topic.timeframe, close):
            return
        async with self._busy:  # a scan reads the same windows
            if before is None or self._clock.now() < before:
                await self._windows.extend(instrument, topic.timeframe, close)


def _leave_alone_what_lives_on() -> None:
    """Look for garbage now, so that no collection walks through all we hold in mid-close."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()

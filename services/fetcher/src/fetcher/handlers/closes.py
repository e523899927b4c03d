"""What the streams have brought of each close: a contract is scanned when all of it is in."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from common.clock import Clock
from common.domain import SCANNED, Timeframe


class Closes:
    """Remembers the newest close of every contract's candles, and lets a scan wait for them."""

    def __init__(self, clock: Clock, *, grace: timedelta, listening: Callable[[], bool]) -> None:
        self._clock = clock
        self._grace = grace
        self._listening = listening
        self._newest: defaultdict[str, dict[Timeframe, datetime]] = defaultdict(dict)
        self._waiting: dict[str, asyncio.Event] = {}
        self._later = asyncio.Event()
        self.newest: datetime | None = None
        """The newest close of any contract that was heard."""

    def note(self, symbol: str, timeframe: Timeframe, close: datetime) -> None:
        """Remember that a contract's candle has closed, and wake whoever waits for it."""
        known = self._newest[symbol]
        known[timeframe] = max(close, known.get(timeframe, close))
        if (waiting := self._waiting.get(symbol)) is not None:
            waiting.set()
        if self.newest is None or close > self.newest:
            self.newest = close
            self._later.set()

    def heard(self, close: datetime) -> bool:
        """Whether streams have told that `close` has come."""
        return self.newest is not None and self.newest >= close

    def reached(self, now: datetime, delay: timedelta) -> datetime:
        """Return the time by which scans are due: a close that was heard needs no delay."""
        return now if self.newest is None else max(now, self.newest + delay)

    async def before(self, instant: datetime) -> None:
        """Return at `instant`, or when a newer close is heard before it."""
        self._later.clear()
        tasks = {
            asyncio.create_task(self._clock.sleep_until(instant)),
            asyncio.create_task(self._later.wait()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def all_in(self, symbol: str, close: datetime) -> None:
        """Return once every candle of a contract that closes now is in, or has had its grace.

        Returns at once where streams bring nothing: the candles are read from the venue then.
        """
        until = close + self._grace
        if self._complete(symbol, close) or not self._listening() or self._clock.now() >= until:
            return
        waiting = self._waiting.setdefault(symbol, asyncio.Event())
        over = asyncio.create_task(self._clock.sleep_until(until))
        try:
            async with asyncio.timeout(self._grace.total_seconds()):  # a clock may stand still
                while not self._complete(symbol, close) and not over.done():
                    waiting.clear()
                    heard = asyncio.create_task(waiting.wait())
                    try:
                        await asyncio.wait({heard, over}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        heard.cancel()
        except TimeoutError:
            return
        finally:
            over.cancel()
            self._waiting.pop(symbol, None)

    def _complete(self, symbol: str, close: datetime) -> bool:
        known = self._newest.get(symbol, {})
        return all(
            timeframe in known and known[timeframe] >= close
            for timeframe in SCANNED
            if timeframe.floor(close) == close
        )

"""A venue's candle streams over ccxt.pro: connections that are kept, watched and replaced.

`watch_*` returns a fraction of a burst and drops the closed flag, so it only keeps a connection;
every message is read here before ccxt sees it, and what has closed goes into our own queue.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import aiohttp
from typing_extensions import override

from common.clock import Clock
from common.domain import Timeframe
from common.errors import VenueCoolingError, VenueUnavailableError
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.ccxt_parts import errors
from fetcher.adapters.stream_client import StreamVenue, open_client, refused
from fetcher.core.streamed import Share, StreamedBar, Topic, shared_out
from fetcher.ports import BarStreams, Budget

_log = logging.getLogger(__name__)

# ccxt hands on what aiohttp and the sockets below it raise while a connection is being made.
_LOST: Final = (errors.BaseError, aiohttp.ClientError, OSError)
_LOOK_SECONDS: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_OVERLAP_SECONDS: Final = 20.0
"""How long a connection goes on after the one that takes its place has been begun."""
_CLOSE_NEAR: Final = timedelta(minutes=2)
"""Time around a full hour in which no sound connection is replaced."""


class CcxtStreams(BarStreams):
    """Listens over as many connections as a venue's limits need; begins none during a ban."""

    def __init__(
        self,
        venue: StreamVenue,
        clock: Clock,
        budget: Budget,
        heed: Callable[[Answered], None],
        *,
        base_url: str,
        silence: timedelta,
        life: timedelta,
        first_pause: float = 0.5,
        overlap: float = _OVERLAP_SECONDS,
    ) -> None:
        self.venue = venue
        """What is particular to it."""
        self._clock = clock
        self._budget = budget
        self._heed = heed
        self._base_url = base_url.rstrip("/").replace("http", "ws", 1)
        self._silence = silence.total_seconds()
        self._life = life.total_seconds()
        self._first_pause = first_pause
        self._overlap = overlap
        self._heard: list[StreamedBar] = []
        self._more = asyncio.Event()
        self.wanted: frozenset[Topic] = frozenset()
        self._asked = asyncio.Event()
        self._lines: list[_Line] = []
        self._failure: BaseException | None = None

    @override
    def want(self, topics: Collection[Topic]) -> None:
        if frozenset(topics) != self.wanted:
            self.wanted = frozenset(topics)
            self._asked.set()

    @override
    async def run(self) -> None:
        leaving: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                if self._failure is not None:
                    raise self._failure
                held = {line.share: line for line in self._lines}
                keep, fresh = shared_out(self.wanted, held, most=self.venue.topics)
                gone = [line for share, line in held.items() if share not in keep]
                self._lines = [held[share] for share in keep]
                for share in fresh:
                    self._lines.append(_Line(self, share))
                    self._lines[-1].begin()
                for line in gone:
                    task = asyncio.create_task(line.leave(after=self._overlap))
                    leaving.add(task)
                    task.add_done_callback(leaving.discard)
        finally:
            for task in leaving:
                task.cancel()
            await asyncio.gather(
                *leaving, *(line.leave() for line in self._lines), return_exceptions=True
            )

    @override
    async def heard(self) -> Sequence[StreamedBar]:
        await self._more.wait()
        self._more.clear()
        heard, self._heard = self._heard, []
        return heard

    @override
    def trouble(self) -> str | None:
        lost = [line for line in self._lines if line.trouble is not None]
        if not lost:
            return None
        return (
            f"{len(lost)} of {len(self._lines)} streams are down, candles are read one by one: "
            f"{lost[0].trouble}"
        )

    @override
    def listening(self) -> bool:
        return any(line.alive for line in self._lines)

    def take(self, bars: Sequence[StreamedBar]) -> None:
        """Queue what has closed; topics nobody wants any more are dropped."""
        wanted = [bar for bar in bars if bar.topic in self.wanted]
        if wanted:
            self._heard += wanted
            self._more.set()

    def fail(self, failure: BaseException) -> None:
        """End `run` with what ended a connection's task: it must not be silent."""
        self._failure = failure
        self._asked.set()

    def client(self, share: Share) -> Any:  # noqa: ANN401 - ccxt ships no types
        """Return the client of one connection."""
        return open_client(self.venue, share.topics, self._base_url)

    def silent(self, *, heard: float) -> str | None:
        """Say that a connection has brought nothing for too long, or None (monotonic seconds)."""
        seconds = time.monotonic() - heard
        return f"nothing was heard for {seconds:.0f} s" if seconds > self._silence else None

    def old(self, *, born: float) -> bool:
        """Whether a connection should be replaced before the venue ends it (monotonic seconds)."""
        if time.monotonic() - born <= self._life or _near_an_hour(self._clock.now()):
            return False
        return self._stopped_until() is None

    async def allowed(self) -> None:
        """Return once the venue may be asked for a connection: a ban is of the whole address."""
        while (until := self._stopped_until()) is not None:
            await self._clock.sleep_until(until)

    def _stopped_until(self) -> datetime | None:
        try:
            self._budget.check()
        except VenueCoolingError as stop:
            return stop.until
        return None

    async def judge(self, error: Exception) -> str:
        """Say why a connection was lost; what refuses one refuses whatever else is asked."""
        answered = refused(error)
        if answered is not None:
            try:
                self._heed(answered)
            except VenueUnavailableError as stop:
                await self._budget.tell()
                return str(stop)
        return f"{type(error).__name__}: {error}"

    def pause(self, failures: int) -> float:
        """Return how long to wait before the next attempt, with some chance in it."""
        return min(_LONGEST_PAUSE, self._first_pause * 2.0 ** min(failures, 10)) * _chance()


class _Line:
    """One connection: begun again whenever it breaks, falls silent or grows old."""

    def __init__(self, streams: CcxtStreams, share: Share) -> None:
        self._streams = streams
        self.share = share
        """What it has asked for: what is wanted besides is heard by another."""
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        self.alive = False

    def begin(self) -> None:
        self._task = asyncio.create_task(self._hold())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._streams.fail(failure)

    async def leave(self, *, after: float = 0.0) -> None:
        try:
            await asyncio.sleep(after)
        finally:
            if self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task

    async def _hold(self) -> None:
        failures = 0
        while True:
            await self._streams.allowed()
            born = self._heard = time.monotonic()
            try:
                await self._listen(born)
            except _LOST as error:
                self.trouble = await self._streams.judge(error)
            if self.alive:
                failures = 0
            self.alive = False
            if self.trouble is not None:
                _log.warning(
                    "a stream of %d topics is begun again: %s",
                    len(self.share.topics),
                    self.trouble,
                )
                await asyncio.sleep(self._streams.pause(failures))
                failures += 1

    async def _listen(self, born: float) -> None:
        wanted = self.share.topics & self._streams.wanted  # one that is gone may spoil all
        if not wanted:
            await asyncio.sleep(_LOOK_SECONDS)  # nothing is left: it is being given up
            return
        self.share = Share(wanted)
        client = self._streams.client(self.share)
        pass_on = client.handle_message

        def handle(connection: object, message: Any) -> None:  # noqa: ANN401 - any JSON
            bars = self._streams.venue.read(message) if isinstance(message, dict) else None
            if bars is None:
                pass_on(connection, message)
                return
            self._heard, self.alive, self.trouble = time.monotonic(), True, None
            self._streams.take(bars)

        client.handle_message = handle
        pairs = [[one.symbol, str(one.timeframe)] for one in sorted(wanted)]
        watching = asyncio.ensure_future(client.watch_ohlcv_for_symbols(pairs))
        try:
            while not watching.done():
                await asyncio.wait({watching}, timeout=_LOOK_SECONDS)
                silent = self._streams.silent(heard=self._heard)
                if silent is not None and not watching.done():
                    self.trouble = silent
                    return
                if self._streams.old(born=born):
                    return
            await watching
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await _to_the_end(client.close())


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Let work end, however often it is cancelled: half a closing leaves its sockets open."""
    task, cancelled = asyncio.create_task(work), None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()


def _near_an_hour(now: datetime) -> bool:
    hour = Timeframe.H1.floor(now + _CLOSE_NEAR)
    return abs(now - hour) <= _CLOSE_NEAR


def _chance() -> float:
    return 0.5 + Random().random()  # noqa: S311 - spreads attempts, guards nothing

"""Tells the closes of candles in the instant when the clock crosses their boundary.

They are written before their time comes, by the thread that reads the market: at the boundary
they only have to be sent, hundreds of them at once.
"""

import asyncio
from dataclasses import dataclass, field

from common.clock import SystemClock
from exchange_sim.core.closings import closings
from exchange_sim.core.fault import CLOSE_KINDS
from exchange_sim.core.timeframes import Timeframe
from exchange_sim.handlers.desk import Floor
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.streams.audience import Audience, chunks
from exchange_sim.handlers.streams.connection import Connection
from exchange_sim.handlers.streams.dialect import Dialect, Topic

_NAP = 0.02  # how long a moved clock may go unnoticed
_PASS = 0.1  # between two looks at what can be written ahead

Written = dict[str, str | None]


@dataclass(slots=True)
class _Boundary:
    """The messages of the candles that close at one time, by topic."""

    closes: int
    texts: Written = field(default_factory=dict)


class CloseTeller:
    """Writes closes ahead and sends them on time."""

    def __init__(self, floor: Floor, audience: Audience) -> None:
        self._floor = floor
        self._audience = audience
        self._ahead: dict[tuple[str, str, int], _Boundary] = {}
        self._late: set[asyncio.Task[None]] = set()

    async def tell(self) -> None:
        """Send closes as the clock crosses boundaries, for ever."""
        seen = self._now()
        while True:
            await asyncio.sleep(_NAP)
            now = self._now()
            if now > seen and self._audience:
                await self._tell_between(seen, now)
            seen = now

    async def write_ahead(self) -> None:
        """Write the closes of the candles that are forming now, for ever."""
        while True:
            await asyncio.sleep(_PASS)
            for dialect, topics in self._audience.topics():
                for frame in _frames(topics):
                    opened = frame.open_time(self._now())
                    known = self._boundary(dialect, frame, opened).texts
                    missing = [
                        topic
                        for topic in topics
                        if topic.timeframe == frame and topic.name not in known
                    ]
                    for chunk in chunks(missing):
                        known |= await self._floor.worker.run(_write, dialect, chunk, opened)

    def cancel_late(self) -> None:
        """Forget the closes that were to be sent late."""
        for task in self._late:
            task.cancel()

    def _now(self) -> int:
        return milliseconds(self._floor.clock)

    def _boundary(self, dialect: Dialect, frame: Timeframe, opened: int) -> _Boundary:
        key = (dialect.venue, frame.name, opened)
        if key not in self._ahead:
            self._ahead[key] = _Boundary(frame.close_time(opened))
        return self._ahead[key]

    async def _tell_between(self, seen: int, now: int) -> None:
        for dialect, topics in self._audience.topics():
            closed = [
                (frame.close_time(opened), frame.milliseconds, opened, frame)
                for frame in _frames(topics)
                for opened in closings(frame, seen, now)
            ]
            for closes, _, opened, frame in sorted(closed, key=lambda one: one[:3]):
                chosen = [topic for topic in topics if topic.timeframe == frame]
                await self._burst(dialect, chosen, self._boundary(dialect, frame, opened), opened)
                self._enter_end(dialect, closes)
        for key in [key for key, boundary in self._ahead.items() if boundary.closes <= now]:
            del self._ahead[key]

    async def _burst(
        self, dialect: Dialect, topics: list[Topic], boundary: _Boundary, opened: int
    ) -> None:
        book = self._floor.accounting.streams[dialect.venue]
        if boundary.closes != book.last_boundary:
            book.last_boundary, book.last_burst = boundary.closes, 0
            book.last_burst_began = SystemClock().now().timestamp()
        missing = [topic for topic in topics if topic.name not in boundary.texts]
        sent = self._send(dialect, topics, boundary.texts, opened)
        for chunk in chunks(missing):
            written = await self._floor.worker.run(_write, dialect, chunk, opened)
            sent += self._send(dialect, chunk, written, opened)
        book.closes += sent
        book.messages += sent
        book.last_burst += sent

    def _send(self, dialect: Dialect, topics: list[Topic], texts: Written, opened: int) -> int:
        sent = 0
        faulty = bool(self._floor.faults.left) or self._floor.faults.drawn is not None
        for connection in self._audience.listeners(dialect):
            for topic in topics:
                text = texts.get(topic.name)
                if text is None or topic.name not in connection.topics:
                    continue
                if not faulty:
                    connection.post(topic.name, text)
                    sent += 1
                elif dialect.ends(topic) > opened:
                    sent += self._send_faulty(connection, topic, text)
        return sent

    def _send_faulty(self, connection: Connection, topic: Topic, text: str) -> int:
        dialect = connection.dialect
        fault = self._floor.faults.take(dialect.route, topic.symbol, CLOSE_KINDS)
        if fault is not None:
            self._floor.accounting.inject(dialect.venue, fault.kind)
        if fault is not None and fault.kind == "missing":
            return 0
        if fault is not None and fault.kind == "late":
            task = asyncio.create_task(_post_later(connection, topic, text, fault.seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return 1
        connection.post(topic.name, text)
        if fault is not None and fault.kind == "duplicated":
            connection.post(topic.name, text)
            return 2
        return 1

    def _enter_end(self, dialect: Dialect, closes: int) -> None:
        book = self._floor.accounting.streams[dialect.venue]

        def flushed() -> None:
            if book.last_boundary == closes:
                book.last_burst_ended = SystemClock().now().timestamp()

        for connection in self._audience.listeners(dialect):
            connection.on_flushed = flushed


def _frames(topics: list[Topic]) -> set[Timeframe]:
    return {topic.timeframe for topic in topics if topic.timeframe is not None}


def _write(dialect: Dialect, topics: list[Topic], opened: int) -> Written:
    return {topic.name: dialect.closed(topic, opened) for topic in topics}


async def _post_later(connection: Connection, topic: Topic, text: str, seconds: float) -> None:
    await asyncio.sleep(seconds)
    connection.post(topic.name, text)

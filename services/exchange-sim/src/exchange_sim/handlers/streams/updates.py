"""Tells how things stand between the closes, and lets connections meet their mishaps."""

import asyncio
import time

from exchange_sim.core.fault import CONNECTION_KINDS
from exchange_sim.core.timeframes import DAY, MINUTE
from exchange_sim.handlers.desk import Floor
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.streams.audience import CHUNK, Audience, chunks
from exchange_sim.handlers.streams.dialect import Dialect, Row, Topic

_PASS = 0.1  # between two looks at what is due
_MOST_AT_ONCE = 4 * CHUNK
_LONGEST_LIFE = DAY  # by the venue's clock
_PING_EVERY, _PONG_WITHIN = 180.0, 600.0  # wall seconds, as Binance's


class UpdateTeller:
    """Sends each topic as often as its kind is sent, by wall time."""

    def __init__(self, floor: Floor, audience: Audience, *, every: float) -> None:
        self._floor = floor
        self._audience = audience
        self._every = every
        self._due: dict[tuple[str, str], float] = {}
        self._minute = 0

    async def tell(self) -> None:
        """Send updates as they come due, for ever."""
        while True:
            await asyncio.sleep(_PASS)
            await self._mishaps()
            wall = time.monotonic()
            for dialect, topics in self._audience.topics():
                due = [
                    topic
                    for topic in topics
                    if self._due.get((dialect.venue, topic.name), 0.0) <= wall
                ]
                for chunk in chunks(due[:_MOST_AT_ONCE]):
                    await self._tell(dialect, chunk)

    def hasten(self, dialect: Dialect, topic: Topic) -> None:
        """Send a topic soon: someone has just subscribed to it."""
        self._due.pop((dialect.venue, topic.name), None)

    async def _tell(self, dialect: Dialect, topics: list[Topic]) -> None:
        now, wall = milliseconds(self._floor.clock), time.monotonic()
        updates = await self._floor.worker.run(_read, dialect, topics, now)
        for topic, update in zip(topics, updates, strict=True):
            self._due[dialect.venue, topic.name] = wall + (topic.every or self._every)
            for connection in self._audience.listeners(dialect) if update is not None else ():
                if update is None or topic.name not in connection.topics:
                    continue
                memory = connection.memory.setdefault(topic.name, {})
                text = dialect.compose(topic, update, memory, now)
                if text is not None:
                    connection.post(topic.name, text)
                    self._floor.accounting.streams[dialect.venue].messages += 1

    async def _mishaps(self) -> None:
        faults, now, wall = self._floor.faults, milliseconds(self._floor.clock), time.monotonic()
        new_minute = now // MINUTE != self._minute
        self._minute = now // MINUTE
        for connection in self._audience.connections():
            route = connection.dialect.route
            fault = faults.take_ordered(route, None, CONNECTION_KINDS)
            if fault is None and new_minute and faults.drawn is not None:
                fault = faults.drawn.next(route, None, CONNECTION_KINDS)
            if fault is not None:
                self._floor.accounting.inject(connection.dialect.venue, fault.kind)
                connection.strike(fault)
            elif now - connection.born >= _LONGEST_LIFE:
                await connection.end(1001, "a connection lives 24 hours")
            elif connection.dialect.pings and wall - connection.pinged >= _PING_EVERY:
                connection.pinged = wall
                await connection.ping(_PONG_WITHIN)


def _read(dialect: Dialect, topics: list[Topic], now: int) -> list[Row | list[Row] | None]:
    return [dialect.update(topic, now) for topic in topics]

"""Where clients of a stream arrive: they connect, subscribe and are listened to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import WSMsgType, web

from exchange_sim.core.allowance import Allowance, Limits, Refusal
from exchange_sim.core.fault import Fault
from exchange_sim.handlers.desk import Floor
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.streams.audience import Audience
from exchange_sim.handlers.streams.closes import CloseTeller
from exchange_sim.handlers.streams.connection import Connection
from exchange_sim.handlers.streams.dialect import Dialect, Topic
from exchange_sim.handlers.streams.updates import UpdateTeller

_CONNECTS = "connects"
_HANDSHAKE_KINDS = frozenset({"status", "reset", "timeout", "latency"})
_FOREVER = 3_600.0


class StreamDesk:
    """Serves the streams of every venue and runs the loops that feed them."""

    def __init__(self, floor: Floor, *, every: float) -> None:
        self._floor = floor
        self._audience = Audience(floor.accounting)
        self._closes = CloseTeller(floor, self._audience)
        self._updates = UpdateTeller(floor, self._audience, every=every)
        self._allowances: dict[str, Allowance] = {}

    async def alive(self, _: web.Application) -> AsyncIterator[None]:
        """Run the loops for as long as the venue runs: one of aiohttp's cleanup contexts."""
        loops = (self._closes.tell(), self._closes.write_ahead(), self._updates.tell())
        tasks = [asyncio.create_task(loop) for loop in loops]
        yield
        self._closes.cancel_late()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end(self, _: web.Application) -> None:
        """Close every connection: the venue goes down."""
        for connection in self._audience.connections():
            await connection.end(1001, "going away")

    async def attend(
        self,
        request: web.Request,
        dialect: Dialect,
        *,
        topics: tuple[Topic, ...] = (),
        combined: bool = False,
    ) -> web.StreamResponse:
        """Serve one connection from its handshake to its end."""
        refused = await self._refused(request, dialect)
        if refused is not None:
            return refused
        socket = web.WebSocketResponse(autoping=False, compress=False)
        await socket.prepare(request)
        now = milliseconds(self._floor.clock)
        connection = Connection(socket, request, dialect, born=now)
        connection.combined = combined
        connection.topics = {topic.name: topic for topic in topics}
        self._audience.join(connection)
        sending = asyncio.create_task(connection.send())
        try:
            await self._listen(socket, connection)
        finally:
            self._audience.leave(connection)
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket

    async def _listen(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        async for message in socket:
            if message.type is WSMsgType.PONG:
                connection.ponged = asyncio.get_running_loop().time()
                continue
            if connection.hears_too_much():
                await connection.end(1008, "Too many requests")
            elif message.type is WSMsgType.PING:
                await connection.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._hear(connection, message.data)

    def _hear(self, connection: Connection, text: str) -> None:
        now = milliseconds(self._floor.clock)
        reply = connection.dialect.reply(text, tuple(connection.topics), now)
        if reply.text is not None:
            connection.confirm(reply.text)
        for topic in reply.subscribe:
            connection.topics[topic.name] = topic
            connection.memory.pop(topic.name, None)
            self._updates.hasten(connection.dialect, topic)
        for name in reply.unsubscribe:
            connection.topics.pop(name, None)
        self._audience.count(connection.dialect.venue)

    async def _refused(self, request: web.Request, dialect: Dialect) -> web.Response | None:
        limits = Limits(pools=((_CONNECTS, dialect.most_connects),))
        allowance = self._allowances.setdefault(dialect.venue, Allowance(limits))
        charged_at = milliseconds(self._floor.weight_clock)
        verdict = allowance.charge(request.remote or "", 0, _CONNECTS, charged_at)
        fault = self._floor.faults.take(dialect.route, None, _HANDSHAKE_KINDS)
        status = 101
        if verdict.refusal in (Refusal.OVER_LIMIT, Refusal.BANNED):
            status = dialect.refused_connect
        elif fault is not None:
            self._floor.accounting.inject(dialect.venue, fault.kind)
            status = await _struck(request, fault)
        self._floor.accounting.record(
            dialect.route, status, weight=0, pool=None, now=charged_at, venue=dialect.venue
        )
        if status == 101:  # noqa: PLR2004 (switching protocols)
            return None
        wait = fault.retry_after if fault is not None else None
        return web.Response(
            status=status, headers={} if wait is None else {"Retry-After": str(wait)}
        )


async def _struck(request: web.Request, fault: Fault) -> int:
    if fault.kind == "status":
        return fault.status
    if fault.kind == "reset" and request.transport is not None:
        request.transport.abort()
        return 502
    await asyncio.sleep(fault.seconds if fault.kind == "latency" else _FOREVER)
    return 101

"""One client's stream: what it has subscribed to and what waits to be sent to it."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable

from aiohttp import web

from exchange_sim.core.fault import Fault
from exchange_sim.handlers.streams.dialect import Dialect, Row, Topic

_LONGEST_QUEUE = 20_000  # a client so slow is disconnected, as venues do
_SECOND = 1.0


class Connection:
    """Sends in its own task, so that one slow client holds up no other.

    A silent connection still confirms and answers pings; nothing else comes from it.
    """

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, dialect: Dialect, *, born: int
    ) -> None:
        self.dialect = dialect
        self.born = born
        self.topics: dict[str, Topic] = {}
        self.memory: dict[str, Row] = {}
        self.combined = False
        self.pinged = self.ponged = time.monotonic()
        self.on_flushed: Callable[[], None] | None = None
        self._socket = socket
        self._request = request
        self._silent = False
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._heard: deque[float] = deque()

    def post(self, topic: str, text: str) -> None:
        """Queue a topic's message."""
        if self._silent:
            return
        if self.combined:
            text = f'{{"stream":{json.dumps(topic)},"data":{text}}}'
        self.confirm(text)

    def confirm(self, text: str) -> None:
        """Queue an answer to the client itself."""
        self._waiting.append(text)
        self._wake.set()

    def hears_too_much(self) -> bool:
        """Count one incoming message; say whether its client sends more than is allowed."""
        most, now = self.dialect.most_messages, time.monotonic()
        self._heard.append(now)
        while now - self._heard[0] > _SECOND:
            self._heard.popleft()
        return most is not None and len(self._heard) > most

    def strike(self, fault: Fault) -> None:
        """Meet a fault: fall silent, or break off without a word."""
        if fault.kind == "zombie":
            self._silent = True
        elif self._request.transport is not None:
            self._request.transport.abort()

    async def ping(self, patience: float) -> None:
        """Ping the client, or end the connection when it has not answered for so long."""
        if time.monotonic() - self.ponged > patience:
            await self.end(1008, "no pong")
        elif not self._socket.closed:
            await self._socket.ping()

    async def pong(self, message: bytes) -> None:
        """Answer a client's ping."""
        await self._socket.pong(message)

    async def end(self, code: int, reason: str) -> None:
        """Close the connection, saying why."""
        await self._socket.close(code=code, message=reason.encode())

    async def send(self) -> None:
        """Send what is queued until the connection ends or its client has fallen too far behind."""
        while not self._socket.closed:
            self._wake.clear()
            while self._waiting:
                if len(self._waiting) > _LONGEST_QUEUE:
                    await self.end(1008, "too slow")
                    return
                await self._socket.send_str(self._waiting.popleft())
            if self.on_flushed is not None:
                self.on_flushed()
                self.on_flushed = None
            await self._wake.wait()

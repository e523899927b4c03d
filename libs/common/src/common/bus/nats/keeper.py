"""In-progress acknowledgements from a thread of their own, so that no handler can starve them.

A handler may keep the service's event loop busy for seconds (polars, TA-Lib, plain Python). Moving
handlers to threads would make every core think about threads; moving the bus to one would cost two
thread switches a message. An acknowledgement may come over any connection, so one small thread
with a connection and an event loop of its own sends only these.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.bus.nats.connection import FOREIGN, Connection
from common.errors import BusUnavailableError

LONGEST_WORK_SECONDS: Final = 600.0
"""After this a message counts as stuck: its acknowledgement wait runs out."""

_LOGGER: Final = logging.getLogger(__name__)
_IN_PROGRESS: Final = b"+WPI"
_TICK_SECONDS: Final = 0.05
_RETRY_SECONDS: Final = 1.0


@dataclass
class _Held:
    every: float
    due: float
    until: float
    holders: int = 1


class Keeper:
    """Tell the broker that work goes on, for every message held."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, replies: Sequence[tuple[str, float]]) -> None:
        """Keep messages in progress; each is its acknowledgement subject and its wait."""
        now = time.monotonic()
        with self._lock:
            for reply, wait in replies:
                every, until = wait / 3, now + LONGEST_WORK_SECONDS
                held = self._held.get(reply)
                if held is None:
                    self._held[reply] = _Held(every, now + every, until)
                else:
                    held.holders, held.until = held.holders + 1, until
        self._start()

    def release(self, replies: Sequence[tuple[str, float]]) -> None:
        """Stop keeping messages in progress once nobody holds them."""
        with self._lock:
            for reply, _ in replies:
                held = self._held.get(reply)
                if held is None:
                    continue
                held.holders -= 1
                if held.holders == 0:
                    del self._held[reply]

    def settle(self, reply: str) -> None:
        """Stop at once: a message put back would otherwise wait anew."""
        with self._lock:
            self._held.pop(reply, None)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="acknowledgements", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        asyncio.run(self._keep())

    async def _keep(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._connection.open()
                break
            except BusUnavailableError:
                await asyncio.sleep(_RETRY_SECONDS)
        while not self._stopped.is_set():
            for reply in self._due(time.monotonic()):
                try:
                    await self._connection.client.publish(reply, _IN_PROGRESS)
                except FOREIGN as error:
                    _LOGGER.debug("in-progress acknowledgement not sent: %r", error)
            await asyncio.sleep(_TICK_SECONDS)
        await self._connection.close()

    def _due(self, now: float) -> list[str]:
        with self._lock:
            due = [reply for reply, held in self._held.items() if held.due <= now < held.until]
            for reply in due:
                self._held[reply].due = now + self._held[reply].every
        return due

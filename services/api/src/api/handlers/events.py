"""The stream of events: one follower of the bus, many bounded listeners."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from api.core.errors import BusyError
from api.core.queries import EventQuery
from common.bus import Bus
from common.domain import Delisting, Fact, MarketFact, Outcome, Rejection, TradePlan

HEARTBEAT: Final = ": heartbeat\n\n"
_OVERFLOW: Final = (
    'event: overflow\ndata: {"message": "this listener was too slow; connect again"}\n\n'
)


class Listener:
    """One caller's wishes and what waits for it; a slow one is let go, never waited for."""

    def __init__(self, query: EventQuery, *, backlog: int, caller: str) -> None:
        self.caller = caller
        self._query = query
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue(backlog + 1)
        self._backlog = backlog
        self.closed = False

    def wants(self, fact: MarketFact) -> bool:
        """Return whether the caller asked for this fact."""
        return (
            self._query.venue in {None, fact.venue}
            and self._query.symbol in {None, fact.symbol}
            and (self._query.rejections or not isinstance(fact, Rejection))
        )

    def offer(self, event: str) -> None:
        """Queue an event; when the backlog is full, end the stream instead."""
        if self.closed:
            return
        if self._waiting.qsize() >= self._backlog:
            while not self._waiting.empty():
                self._waiting.get_nowait()
            self._waiting.put_nowait(_OVERFLOW)
            self.close()
        else:
            self._waiting.put_nowait(event)

    def close(self) -> None:
        """End the stream after what is queued."""
        if not self.closed:
            self.closed = True
            self._waiting.put_nowait(None)

    async def events(self, heartbeat: timedelta) -> AsyncIterator[str]:
        """Yield events as they come, a comment whenever none came for `heartbeat`."""
        while True:
            try:
                async with asyncio.timeout(heartbeat.total_seconds()):
                    event = await self._waiting.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            if event is None:
                return
            yield event


class Events:
    """Follows decisions, outcomes and announced ends once, for every listener."""

    def __init__(self, bus: Bus, *, streams: int, streams_per_caller: int, backlog: int) -> None:
        self._bus = bus
        self._streams = streams
        self._streams_per_caller = streams_per_caller
        self._backlog = backlog
        self._listeners: set[Listener] = set()

    async def follow(self) -> None:
        """Hand out events until cancelled."""
        async for fact in self._bus.follow(TradePlan, Rejection, Outcome, Delisting):
            if isinstance(fact, MarketFact):
                self._hand_out(fact)

    def require_room(self, caller: str) -> None:
        """Raise BusyError when there are as many listeners as allowed, in all or of one caller."""
        if len(self._listeners) >= self._streams:
            raise BusyError(f"event streams must be at most {self._streams}, was one more")
        theirs = sum(listener.caller == caller for listener in self._listeners)
        if theirs >= self._streams_per_caller:
            raise BusyError(
                f"event streams of {caller} must be at most {self._streams_per_caller}, "
                "was one more"
            )

    def listen(self, query: EventQuery, caller: str) -> Listener:
        """Return a new listener, who hears what is told from now on."""
        listener = Listener(query, backlog=self._backlog, caller=caller)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)

    @property
    def listening(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def close(self) -> None:
        """End every stream."""
        for listener in self._listeners:
            listener.close()

    def _hand_out(self, fact: MarketFact) -> None:
        listeners = [listener for listener in self._listeners if listener.wants(fact)]
        if listeners:
            event = as_event(fact)
            for listener in listeners:
                listener.offer(event)


def as_event(fact: Fact) -> str:
    """Write a fact as one server-sent event; JSON has no line breaks of its own."""
    return f"event: {type(fact).__name__}\nid: {fact.key}\ndata: {fact.model_dump_json()}\n\n"

"""Messages of one JetStream consumer, asked for when wanted; what nobody took is given back."""

import asyncio
import json
import logging
from collections.abc import Sequence
from itertools import count
from typing import Final

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from common.bus.nats.connection import FOREIGN, Connection
from common.errors import TransientError

EXPIRES_SECONDS: Final = 5.0
"""How long a request for messages stands; short: one outstanding when the broker dies is lost."""

_LOGGER: Final = logging.getLogger(__name__)
_GRACE_SECONDS: Final = 1.0
_NO_MESSAGES: Final = {"404", "408"}


class ConsumerGoneError(TransientError):
    """The consumer is not there any more, or the broker is not: make it again and go on."""


class Pull:
    """One pulling end of a consumer."""

    def __init__(self, connection: Connection, *, stream: str, consumer: str) -> None:
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._numbers = count()
        self._inbox = ""
        self._interrupted = False
        self._subscription: Subscription | None = None

    async def open(self) -> None:
        """Listen for messages; none come before they are asked for."""
        client = self._connection.client
        self._inbox = client.new_inbox()
        self._subscription = await client.subscribe(
            f"{self._inbox}.*", cb=self._arrived.put, pending_bytes_limit=0
        )

    async def take(self, limit: int) -> Sequence[Msg]:
        """Return what is there, at most `limit`, waiting a few seconds for the first; maybe none.

        Raises ConsumerGoneError when there is nothing to pull from.
        """
        if self._interrupted:
            self._interrupted = False
            raise ConsumerGoneError(f"{self._subject}: the broker was away")
        ready = await self._request(limit, expires=None)
        if ready:
            return ready
        first = await self._request(1, expires=EXPIRES_SECONDS)
        if not first or limit == 1:
            return first
        return [*first, *await self._request(limit - 1, expires=None)]

    def interrupt(self) -> None:
        """The broker was away: what was asked for before will not come."""
        self._interrupted = True
        self._arrived.put_nowait(Msg(_client=self._connection.client))

    async def close(self) -> Sequence[Msg]:
        """Stop listening; return the messages that arrived and were not taken."""
        await self._stop_listening()
        left: list[Msg] = []
        while not self._arrived.empty():
            message = self._arrived.get_nowait()
            if message.reply:
                left.append(message)
        return left

    async def _stop_listening(self) -> None:
        if self._subscription is None:
            return
        try:
            if self._connection.client.is_connected:
                async with asyncio.timeout(_GRACE_SECONDS):
                    await self._subscription.drain()  # type: ignore[no-untyped-call]  # nats-py
            else:
                await self._subscription.unsubscribe()
        except FOREIGN as error:
            _LOGGER.debug("subscription not ended: %r", error)

    async def _request(self, limit: int, *, expires: float | None) -> list[Msg]:
        reply = f"{self._inbox}.{next(self._numbers)}"
        wish: dict[str, object] = {"batch": limit}
        if expires is None:
            wish["no_wait"] = True
        else:
            wish["expires"] = int(expires * 1_000_000_000)
        taken: list[Msg] = []
        try:
            await self._connection.client.publish(
                self._subject, json.dumps(wish).encode(), reply=reply
            )
            async with asyncio.timeout((expires or 0) + _GRACE_SECONDS):
                await self._collect(taken, limit, reply)
        except FOREIGN as error:
            if not taken:
                raise ConsumerGoneError(f"{self._subject} was not answered: {error!r}") from error
        except asyncio.CancelledError:
            for message in taken:
                self._arrived.put_nowait(message)  # for whoever closes this
            raise
        return taken

    async def _collect(self, taken: list[Msg], limit: int, reply: str) -> None:
        while len(taken) < limit:
            message = await self._arrived.get()
            if message.reply:
                taken.append(message)
            elif self._interrupted:
                return
            elif message.subject == reply:
                status = (message.headers or {}).get("Status", "")
                if not taken and status not in _NO_MESSAGES:
                    raise ConsumerGoneError(f"{self._subject}: status {status}")
                return

"""Requests to JetStream: one inbox for all answers, tried again when the broker was away."""

import asyncio
import json
import time
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from nats.aio.msg import Msg

from common.bus.nats.connection import FOREIGN, Connection
from common.errors import BusUnavailableError, StreamFullError, TransientError

_TRY_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.1
_NO_RESPONDERS: Final = "503"
_NOTHING: Final = "404"

_FULL: Final = {10077, 10047, 10023, 10002}
"""maximum bytes exceeded; insufficient storage, resources; account limits exceeded."""
_ELECTING: Final = {10005, 10008, 10118, 10119}
"""A cluster without enough peers or without a leader; a stream, a consumer that is offline: it
says so while it forms or heals."""
_ELECTION_SECONDS: Final = 0.5


class RefusedError(TransientError):
    """JetStream understood and said no."""

    def __init__(self, subject: str, error: Mapping[str, Any]) -> None:
        super().__init__(f"{subject}: {error.get('description', error)}")
        self.number = int(error.get("err_code", 0))


class _AwayError(TransientError):
    """The broker went away while a request was out: ask again."""


class Requests:
    """Ask JetStream and wait for its answers, many at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox = ""
        self._numbers = count()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self.patience = PATIENCE_SECONDS
        """How long an API call waits for the broker; for ever once the bus is at work."""

    async def open(self) -> None:
        """Listen for answers."""
        client = self._connection.client
        self._inbox = client.new_inbox()
        await client.subscribe(f"{self._inbox}.*", cb=self._arrived)

    async def api(self, subject: str, **payload: object) -> dict[str, Any]:
        """Call `$JS.API.{subject}`; raise RefusedError, or BusUnavailableError when nobody is."""
        body = json.dumps(payload).encode() if payload else b""
        return await self.call(f"$JS.API.{subject}", body, patience=self.patience)

    async def call(
        self,
        subject: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> dict[str, Any]:
        """Send a request until it is answered: asking twice must do no harm."""
        deadline = time.monotonic() + patience
        while True:
            left = deadline - time.monotonic()
            answer = json.loads((await self._answered(subject, body, headers, left)).data)
            error = answer.get("error", {})
            if error.get("err_code") not in _ELECTING:
                return _checked(subject, answer)
            if left < _ELECTION_SECONDS:
                raise BusUnavailableError(f"{subject}: {error.get('description')}")
            await asyncio.sleep(_ELECTION_SECONDS)

    async def last_of(self, stream: str, subject: str, *, patience: float) -> Msg | None:
        """Return the last message a stream keeps under a subject, None when it keeps none."""
        get = f"$JS.API.DIRECT.GET.{stream}.{subject}"
        answer = await self._answered(get, b"", None, patience)
        status = (answer.headers or {}).get("Status")
        if status is None:
            return answer
        if status == _NOTHING:
            return None
        raise BusUnavailableError(f"{get} was refused: {answer.headers}")

    def interrupt(self) -> None:
        """Ask again whatever was asked before the broker went away."""
        for waiting in list(self._waiting.values()):
            if not waiting.done():
                waiting.set_exception(_AwayError("the broker was away"))

    async def _answered(
        self, subject: str, body: bytes, headers: dict[str, str] | None, patience: float
    ) -> Msg:
        deadline = time.monotonic() + patience
        reason = ""
        while (left := deadline - time.monotonic()) > 0:
            await self._connection.wait(left)
            try:
                answer = await self._once(subject, body, headers, min(left, _TRY_SECONDS))
            except (_AwayError, *FOREIGN) as error:
                reason = str(error) or type(error).__name__
            else:
                if (answer.headers or {}).get("Status") != _NO_RESPONDERS:
                    return answer
                reason = "JetStream is not there, or no stream takes this subject"
            await asyncio.sleep(_PAUSE_SECONDS)
        raise BusUnavailableError(f"{subject} was not answered: {reason}")

    async def _once(
        self, subject: str, body: bytes, headers: dict[str, str] | None, seconds: float
    ) -> Msg:
        token = str(next(self._numbers))
        waiting: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[token] = waiting
        try:
            await self._connection.client.publish(
                subject, body, reply=f"{self._inbox}.{token}", headers=headers
            )
            async with asyncio.timeout(seconds):
                return await waiting
        finally:
            del self._waiting[token]

    async def _arrived(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is not None and not waiting.done():
            waiting.set_result(message)


def _checked(subject: str, answer: dict[str, Any]) -> dict[str, Any]:
    error = answer.get("error")
    if error is None:
        return answer
    if error.get("err_code") in _FULL:
        raise StreamFullError(f"{subject}: {error.get('description')}")
    raise RefusedError(subject, error)

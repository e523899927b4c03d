"""Questions and answers over core NATS; a question's trace goes on in its answer."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import nats.errors
from nats.aio.msg import Msg
from opentelemetry import trace

from common import telemetry
from common.bus.messages import ERROR, fitting
from common.bus.nats.connection import FOREIGN, Connection
from common.bus.port import Answer, Reply
from common.domain import Request
from common.errors import BusUnavailableError, ScannerError

_LOGGER: Final = logging.getLogger(__name__)
_QUEUE: Final = "answers"
_CONTROL: Final = str.maketrans({"\r": " ", "\n": " "})


class Questions:
    """Ask, and answer: every question in a task of its own, so a slow one delays no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answering: set[asyncio.Task[None]] = set()

    async def ask(self, request: Request, *, within: timedelta, target: str) -> Reply:
        """Ask one question and return its answer."""
        subject = _subject(request.subject, target)
        headers: dict[str, str] = {}
        seconds = within.total_seconds()
        await self._connection.wait(seconds)
        with telemetry.published(subject, headers):
            try:
                answer = await self._connection.client.request(
                    subject, request.model_dump_json().encode(), timeout=seconds, headers=headers
                )
            except nats.errors.NoRespondersError as error:
                raise BusUnavailableError(f"nobody answers {subject}") from error
            except FOREIGN as error:
                raise BusUnavailableError(f"{subject} was not answered within {within}") from error
        return _reply(answer)

    async def answer(self, subject: str, answer: Answer, *, target: str) -> None:
        """Answer a question's every asker from now on."""

        async def arrived(message: Msg) -> None:
            task = asyncio.create_task(self._answer(message, answer))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

        await self._connection.client.subscribe(_subject(subject, target), queue=_QUEUE, cb=arrived)

    async def close(self) -> None:
        """Let no answer run on."""
        for task in list(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _answer(self, message: Msg, answer: Answer) -> None:
        span = telemetry.received(message.subject, message.headers or {}, attempt=1)
        with trace.use_span(span, end_on_exit=True):
            try:
                reply = await answer(message.data)
            except ScannerError as error:
                reply = Reply(error=str(error))
            await self._send(message, reply)

    async def _send(self, message: Msg, reply: Reply) -> None:
        reply = fitting(reply, self._connection.client.max_payload)
        headers = dict(reply.headers)
        if reply.error is not None:
            headers[ERROR] = reply.error.translate(_CONTROL)
        try:
            await self._connection.client.publish(
                message.reply, reply.body, headers=headers or None
            )
        except FOREIGN as error:
            _LOGGER.warning("answer on %s not sent: %r", message.subject, error)


def _reply(message: Msg) -> Reply:
    headers: Mapping[str, str] = message.headers or {}
    kept = {name: value for name, value in headers.items() if name != ERROR}
    return Reply(body=message.data, error=headers.get(ERROR), headers=kept)


def _subject(subject: str, target: str) -> str:
    return f"{subject}.{target}" if target else subject

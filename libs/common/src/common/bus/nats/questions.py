"""Questions and answers over core NATS; a question's trace goes on in its answer."""

from collections.abc import Mapping
from datetime import timedelta

import nats.errors
from nats.aio.msg import Msg
from opentelemetry import trace

from common import telemetry
from common.bus.messages import ERROR
from common.bus.nats.answering import Answering, asked_on
from common.bus.nats.connection import FOREIGN, Connection
from common.bus.port import Answer, Reply
from common.domain import Request
from common.errors import BusUnavailableError, ScannerError


class Questions:
    """Ask, and answer: every question in a task of its own, so a slow one delays no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answering = Answering(connection)

    async def ask(self, request: Request, *, within: timedelta, target: str) -> Reply:
        """Ask one question and return its answer."""
        subject = asked_on(request.subject, target)
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
                waited = f"{within.total_seconds():g} s"
                raise BusUnavailableError(f"{subject} was not answered within {waited}") from error
        return _reply(answer)

    async def answer(self, subject: str, answer: Answer, *, target: str) -> None:
        """Answer a question's every asker from now on."""
        await self._answering.hear(
            asked_on(subject, target), lambda message: self._answer(message, answer)
        )

    async def close(self) -> None:
        """Let no answer run on."""
        await self._answering.close()

    async def _answer(self, message: Msg, answer: Answer) -> None:
        span = telemetry.received(message.subject, message.headers or {}, attempt=1)
        with trace.use_span(span, end_on_exit=True):
            try:
                reply = await answer(message.data)
            except ScannerError as error:
                reply = Reply(error=str(error))
            await self._answering.send(message, reply, {})


def _reply(message: Msg) -> Reply:
    headers: Mapping[str, str] = message.headers or {}
    kept = {name: value for name, value in headers.items() if name != ERROR}
    return Reply(body=message.data, error=headers.get(ERROR), headers=kept)

"""Answers in parts over core NATS: numbered, so that a lost one is noticed, ended by an empty one.

The asker leaves by a word on its inbox's `.stop`, which the answerer listens to meanwhile.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from nats.aio.msg import Msg
from opentelemetry import trace

from common import telemetry
from common.bus.messages import ERROR
from common.bus.nats.answering import Answering, asked_on
from common.bus.nats.connection import FOREIGN, Connection
from common.bus.port import AnswerStream, Reply
from common.domain import Request
from common.errors import BusUnavailableError, ScannerError

_LOGGER: Final = logging.getLogger(__name__)
_PART: Final = "Part"
_LAST: Final = "Last-Part"
_NO_RESPONDERS: Final = "503"


class Parts:
    """Ask for answers in parts, and give them: each in a task of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answering = Answering(connection)

    async def ask(
        self, request: Request, *, silence: timedelta, target: str
    ) -> AsyncIterator[Reply]:
        """Ask, and yield the parts until the last; leaving early stops the answerer."""
        subject = asked_on(request.subject, target)
        await self._connection.wait(silence.total_seconds())
        client = self._connection.client
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        headers: dict[str, str] = {}
        done = False
        try:
            with telemetry.published(subject, headers):
                await client.publish(
                    subject, request.model_dump_json().encode(), reply=inbox, headers=headers
                )
            expected = 1
            while True:
                message = await _next(
                    subscription.next_msg(silence.total_seconds()), subject, silence
                )
                told = message.headers or {}
                if told.get("Status") == _NO_RESPONDERS:
                    done = True
                    raise BusUnavailableError(f"nobody answers {subject}")
                if told.get(_PART) != str(expected):
                    raise BusUnavailableError(
                        f"{subject} lost a part: {expected} expected, was {told.get(_PART)}"
                    )
                expected += 1
                if _LAST in told:
                    done = True
                    return
                yield _reply(message)
        finally:
            if not done:
                await _quietly(client.publish(f"{inbox}.stop", b""))
            await _quietly(subscription.unsubscribe())

    async def answer(self, subject: str, answer: AnswerStream, *, target: str) -> None:
        """Answer a question's every asker in parts from now on."""
        await self._answering.hear(
            asked_on(subject, target), lambda message: self._answer(message, answer)
        )

    async def close(self) -> None:
        """Let no answer run on."""
        await self._answering.close()

    async def _answer(self, message: Msg, answer: AnswerStream) -> None:
        client = self._connection.client
        task = asyncio.current_task()

        async def stop(_: Msg) -> None:
            if task is not None:
                task.cancel()

        stopping = await client.subscribe(f"{message.reply}.stop", cb=stop)
        span = telemetry.received(message.subject, message.headers or {}, attempt=1)
        number = 0
        try:
            with trace.use_span(span, end_on_exit=True):
                try:
                    async with aclosing(answer(message.data)) as parts:  # type: ignore[type-var]  # they are generators
                        async for part in parts:
                            number += 1
                            await self._answering.send(message, part, {_PART: str(number)})
                except ScannerError as error:
                    number += 1
                    failed = Reply(error=str(error))
                    await self._answering.send(message, failed, {_PART: str(number)})
                await self._answering.send(message, Reply(), {_PART: str(number + 1), _LAST: "1"})
        finally:
            await _quietly(stopping.unsubscribe())


async def _next(waiting: Awaitable[Msg], subject: str, silence: timedelta) -> Msg:
    try:
        return await waiting
    except FOREIGN as error:
        raise BusUnavailableError(f"{subject} has been silent for {silence}") from error


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except FOREIGN as error:
        _LOGGER.debug("farewell not sent: %r", error)


def _reply(message: Msg) -> Reply:
    headers = dict(message.headers or {})
    headers.pop(_PART, None)
    return Reply(body=message.data, error=headers.pop(ERROR, None), headers=headers)

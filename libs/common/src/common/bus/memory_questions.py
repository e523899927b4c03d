"""Questions and their answers in memory: whoever is asked takes turns with its like."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from itertools import count
from typing import TypeVar

from common.bus.messages import fitting
from common.bus.port import Answer, AnswerStream, Reply
from common.domain import Request
from common.errors import BusUnavailableError, ScannerError

Kind = TypeVar("Kind", Answer, AnswerStream)


class MemoryQuestions:
    """Who answers what, and the way to them."""

    def __init__(self, *, max_payload: int) -> None:
        self._max_payload = max_payload
        self.answers: defaultdict[str, list[Answer]] = defaultdict(list)
        self.streaming: defaultdict[str, list[AnswerStream]] = defaultdict(list)
        self._asked = count()

    async def ask(self, request: Request, *, within: timedelta, target: str) -> Reply:
        """Ask a question and return its answer."""
        subject, answer = self._next(self.answers, request, target)
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await answer(request.model_dump_json().encode())
        except TimeoutError as error:
            waited = f"{within.total_seconds():g} s"
            raise BusUnavailableError(f"{subject} was not answered within {waited}") from error
        except ScannerError as error:
            return Reply(error=str(error))

    def answer(self, subject: str, answer: Answer, *, target: str) -> None:
        """Answer every question asked at a subject from now on."""
        self.answers[_at(subject, target)].append(answer)

    async def ask_stream(
        self, request: Request, *, silence: timedelta, target: str
    ) -> AsyncIterator[Reply]:
        """Ask a question and yield the parts of its answer."""
        subject, answer = self._next(self.streaming, request, target)
        parts: asyncio.Queue[Reply | None] = asyncio.Queue()
        answering = asyncio.create_task(
            _stream(answer, request.model_dump_json().encode(), parts, self._max_payload)
        )
        try:
            while (part := await _within(parts, silence, subject)) is not None:
                yield part
        finally:
            answering.cancel()
            await asyncio.wait({answering})

    def answer_stream(self, subject: str, answer: AnswerStream, *, target: str) -> None:
        """Answer every question asked at a subject in parts."""
        self.streaming[_at(subject, target)].append(answer)

    def _next(
        self, answers: Mapping[str, Sequence[Kind]], request: Request, target: str
    ) -> tuple[str, Kind]:
        subject = _at(request.subject, target)
        known = answers.get(subject)
        if not known:
            raise BusUnavailableError(f"nobody answers {subject}")
        return subject, known[next(self._asked) % len(known)]


def _at(subject: str, target: str) -> str:
    return f"{subject}.{target}" if target else subject


async def _stream(
    answer: AnswerStream, body: bytes, parts: asyncio.Queue[Reply | None], limit: int
) -> None:
    try:
        async with aclosing(answer(body)) as replies:  # type: ignore[type-var]  # they are generators
            async for reply in replies:
                parts.put_nowait(fitting(reply, limit))
    except ScannerError as error:
        parts.put_nowait(Reply(error=str(error)))
    parts.put_nowait(None)


async def _within(
    parts: asyncio.Queue[Reply | None], silence: timedelta, subject: str
) -> Reply | None:
    try:
        async with asyncio.timeout(silence.total_seconds()):
            return await parts.get()
    except TimeoutError as error:
        raise BusUnavailableError(f"{subject} has been silent for {silence}") from error

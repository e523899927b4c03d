"""Questions a service is asked: whatever goes wrong with one is told to its asker, and counted."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final, TypeVar

from pydantic import ValidationError

from common.bus import Answer, AnswerStream, Reply
from common.codec import summary
from common.domain import Request
from common.errors import InvalidMessageError, ScannerError
from common.metrics import Tally
from common.runtime import Responder, StreamResponder

_LOGGER: Final = logging.getLogger(__name__)

Question = TypeVar("Question", bound=Request)


def read_question(kind: type[Question], body: bytes) -> Question:
    """Read a question; raise InvalidMessageError with one sentence when it is none."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise InvalidMessageError(f"not a {kind.__name__}: {summary(error)}") from error


class Asked:
    """Stands before every answer a service gives."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()

    def guarded(self, responder: Responder) -> Answer:
        """Return an answer that never fails."""

        async def answer(body: bytes) -> Reply:
            try:
                return self._noted(responder.subject, await responder.answer(body))
            except Exception as error:  # noqa: BLE001 - whatever an answer raises is told
                return self._refusal(responder.subject, error)

        return answer

    def guarded_stream(self, responder: StreamResponder) -> AnswerStream:
        """Return an answer in parts that never fails."""

        async def answer(body: bytes) -> AsyncIterator[Reply]:
            try:
                async with aclosing(responder.answer(body)) as parts:  # type: ignore[type-var]  # they are generators
                    async for part in parts:
                        yield self._noted(responder.subject, part)
            except Exception as error:  # noqa: BLE001 - whatever an answer raises is told
                yield self._refusal(responder.subject, error)

        return answer

    def tally(self) -> Tally:
        """Return how many questions were refused, by subject, for /metrics."""
        return Tally(
            name="scanner_questions_refused_total",
            meaning="Questions over the bus that were answered with an error.",
            label="subject",
            counts=dict(self._refused),
        )

    def _noted(self, subject: str, reply: Reply) -> Reply:
        if reply.error is not None:
            self._refused[subject] += 1
        return reply

    def _refusal(self, subject: str, error: Exception) -> Reply:
        if isinstance(error, ScannerError):
            _LOGGER.warning("%s refused: %s", subject, error)
            return self._noted(subject, Reply(error=str(error)))
        _LOGGER.error("%s failed to answer", subject, exc_info=error)
        return self._noted(
            subject, Reply(error=f"{subject} failed: {type(error).__name__}: {error}")
        )

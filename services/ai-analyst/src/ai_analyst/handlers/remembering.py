"""Memory as the chat uses it: when it is away the answer still comes, and people are told."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ai_analyst.core.periods import EVER, Period
from ai_analyst.core.prompts import Message, summary_messages
from ai_analyst.core.recalling import title_of, without_numbers
from ai_analyst.core.record import record
from ai_analyst.core.spoken import spoken
from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import (
    Memory,
    Model,
    ModelMissingError,
    ModelUnavailableError,
    Piece,
    PromptTruncatedError,
)
from ai_analyst.settings import AnalystSettings
from common.asked import read_question
from common.bus import Reply
from common.domain import (
    ChatEnd,
    ChatRequest,
    ConversationReply,
    ConversationRequest,
    Conversations,
    ConversationsRequest,
    ForgetRequest,
    RecordRequest,
    RenameRequest,
)
from common.errors import DatabaseUnavailableError, InvalidDataError

_log: Final = logging.getLogger(__name__)
_MODEL_TROUBLE: Final = (ModelMissingError, ModelUnavailableError, PromptTruncatedError)
_MEANING_SECONDS: Final = 5.0
"""A server that is busy writing does not hold up an answer: words are searched then."""


class Remembering:
    """What is read from and written to memory around one question."""

    def __init__(
        self, memory: Memory, model: Model, turns: Turns, settings: AnalystSettings
    ) -> None:
        self._memory = memory
        self._model = model
        self._turns = turns
        self._settings = settings
        self._answered: asyncio.Queue[str] = asyncio.Queue()

    async def question(self, request: ChatRequest, *, at: datetime, vector: Sequence[float]) -> str:
        """Keep a question; return its conversation's title."""
        try:
            return await self._memory.say(
                request.conversation, "user", request.text, at=at, vector=vector
            )
        except DatabaseUnavailableError as error:
            _log.warning("the question is not remembered: %s", error)
            return title_of(request.text)

    async def answer(self, request: ChatRequest, end: ChatEnd, *, at: datetime) -> None:
        """Keep an answer with its check."""
        try:
            await self._memory.say(request.conversation, "analyst", end.text, at=at, end=end)
        except DatabaseUnavailableError as error:
            _log.warning("the answer is not remembered: %s", error)
            return
        self._answered.put_nowait(request.conversation)

    async def shorten(self) -> None:
        """Summarise conversations that have become long, for ever; no answer waits for it.

        What is left undone is done after the conversation's next answer.
        """
        while True:
            name = await self._answered.get()
            try:
                await self._shorten(name)
            except DatabaseUnavailableError as error:
                _log.warning("the conversation stays long: %s", error)

    async def conversation(self, name: str) -> ConversationReply | None:
        """Return a conversation so far; None when it is new or memory is away."""
        try:
            return await self._memory.conversation(name)
        except DatabaseUnavailableError as error:
            _log.warning("the conversation cannot be read: %s", error)
            return None

    async def recall(
        self,
        text: str,
        *,
        venue: str,
        symbols: Sequence[str],
        before: datetime,
        vector: Sequence[float],
        conversation: str = "",
        period: Period = EVER,
    ) -> tuple[str, ...]:
        """Return what was judged and asked before, in `period`, that matters now."""
        if not self._settings.recollections:
            return ()
        try:
            found = await self._memory.recall(
                text,
                venue=venue,
                symbols=symbols,
                before=before,
                limit=self._settings.recollections,
                conversation=conversation,
                vector=vector,
                period=period,
            )
        except DatabaseUnavailableError as error:
            _log.warning("nothing is recalled: %s", error)
            return ()
        return tuple(one.text for one in found)

    async def meaning(self, text: str) -> list[float]:
        """Return what a text means as a vector; empty when that cannot be said or searched."""
        if not self._memory.by_meaning:
            return []
        try:
            async with asyncio.timeout(_MEANING_SECONDS):
                vectors = await self._model.embed([text])
        except _MODEL_TROUBLE as error:
            _log.info("words are searched, for the embedding model does not answer: %s", error)
            return []
        except TimeoutError:
            _log.info("words are searched, for the embedding model takes its time")
            return []
        return vectors[0] if vectors else []

    async def problem(self) -> str | None:
        """Say in one sentence why meaning is not searched where it could be, or None."""
        if not self._memory.by_meaning:
            return None
        problem = await self._model.embedding_problem()
        return None if problem is None else f"{problem}; what was said is found by words meanwhile"

    async def answer_conversations(self, body: bytes) -> Reply:
        """Answer with all conversations."""
        read_question(ConversationsRequest, body)
        found = await self._memory.conversations()
        return Reply(body=Conversations(conversations=found).model_dump_json().encode())

    async def answer_conversation(self, body: bytes) -> Reply:
        """Answer with one conversation, complete."""
        request = read_question(ConversationRequest, body)
        found = await self._memory.conversation(request.conversation)
        if found is None:
            raise InvalidDataError(_unknown(request.conversation))
        return Reply(body=found.model_dump_json().encode())

    async def answer_rename(self, body: bytes) -> Reply:
        """Give a conversation a title."""
        request = read_question(RenameRequest, body)
        if not await self._memory.rename(request.conversation, request.title):
            raise InvalidDataError(_unknown(request.conversation))
        return Reply()

    async def answer_forget(self, body: bytes) -> Reply:
        """Delete a conversation."""
        request = read_question(ForgetRequest, body)
        if not await self._memory.forget(request.conversation):
            raise InvalidDataError(_unknown(request.conversation))
        return Reply()

    async def answer_record(self, body: bytes) -> Reply:
        """Answer with how every model's verdicts fared so far."""
        read_question(RecordRequest, body)
        return Reply(body=record(await self._memory.judged()).model_dump_json().encode())

    async def _shorten(self, name: str) -> None:
        if await self._memory.unsummarised(name) < self._settings.summarise_after:
            return
        talk = await self._memory.conversation(name)
        if talk is None:
            return
        old = talk.messages[: len(talk.messages) - self._settings.history_messages]
        told = tuple(
            Message(one.role, one.text[:400]) for one in old[-self._settings.summarise_after :]
        )
        if talk.summary:
            told = (Message("summary so far", talk.summary), *told)
        try:
            async with self._turns.for_a_note():
                words = ""
                told = _newest(told, await self._model.room(summary_messages(())))
                async for piece in self._model.chat(summary_messages(told), temperature=0):
                    words += piece.text if isinstance(piece, Piece) else ""
        except _MODEL_TROUBLE as error:
            _log.info("the conversation stays long: %s", error)
            return
        summary = without_numbers(spoken(words)) or talk.summary
        await self._memory.summarise(name, summary, messages=len(old))


def _newest(told: tuple[Message, ...], room: int) -> tuple[Message, ...]:
    """Return the last messages that fit, at least one."""
    while len(told) > 1 and sum(len(one.role) + len(one.content) + 3 for one in told) > room:
        told = told[1:]
    return told


def _unknown(name: str) -> str:
    return f"conversation must exist, was {name!r}"

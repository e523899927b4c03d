"""A question answered: facts in, words out, numbers checked, all of it remembered."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.language import language_of
from ai_analyst.core.periods import period_of
from ai_analyst.core.prompts import Message, chat_messages, correction
from ai_analyst.core.question import Wanted
from ai_analyst.core.retrieval import within
from ai_analyst.core.spoken import spoken
from ai_analyst.core.template import rendered
from ai_analyst.core.verifier import Checked, check, without_citations
from ai_analyst.handlers.alive import kept_alive
from ai_analyst.handlers.facts_desk import FactsDesk
from ai_analyst.handlers.remembering import Remembering
from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import (
    Model,
    ModelMissingError,
    ModelUnavailableError,
    Piece,
    PromptTruncatedError,
)
from ai_analyst.settings import AnalystSettings
from common.asked import read_question
from common.bus import Reply
from common.clock import Clock
from common.domain import (
    AnsweredBy,
    ChatChunk,
    ChatEnd,
    ChatPart,
    ChatRequest,
    CitedFact,
    ConversationReply,
    StruckSentence,
)

_MODEL_TROUBLE: Final = (ModelMissingError, ModelUnavailableError, PromptTruncatedError)
_NOTHING_WRITTEN: Final = "the model wrote nothing"
_NOTHING_LEFT: Final = "no sentence of the model's answer passed the check"
_TALKED_OF: Final = 24
"""Messages of a conversation that tell what it is about."""
_LEAST_ROOM: Final = 600
"""Characters of facts below which a prompt is not worth asking."""


@dataclass(frozen=True)
class _Question:
    request: ChatRequest
    about: Wanted
    facts: FactTable
    language: str
    earlier: ConversationReply | None
    meaning: list[float]
    recollections: tuple[str, ...]


class Chat:
    """Answers questions in parts; nothing of one question is seen by another."""

    def __init__(
        self,
        *,
        desk: FactsDesk,
        model: Model,
        remembering: Remembering,
        turns: Turns,
        clock: Clock,
        settings: AnalystSettings,
    ) -> None:
        self._desk = desk
        self._model = model
        self._remembering = remembering
        self._turns = turns
        self._clock = clock
        self._settings = settings

    async def answer(self, body: bytes) -> AsyncIterator[Reply]:
        """Stream the answer to a ChatRequest: states, thoughts, words, then the checked end."""
        request = read_question(ChatRequest, body)
        async with aclosing(kept_alive(self._chunks(request))) as chunks:
            async for chunk in chunks:
                yield Reply(body=chunk.model_dump_json().encode())

    async def _chunks(self, request: ChatRequest) -> AsyncGenerator[ChatChunk]:
        yield ChatChunk(part=ChatPart.STATE, text="reading facts")
        question = await self._prepared(request)
        title = await self._remembering.question(
            request, at=self._clock.now(), vector=question.meaning
        )
        end: ChatEnd | None = None
        trouble = ""
        try:
            async with aclosing(self._by_model(question)) as parts:
                async for part in parts:
                    if isinstance(part, ChatEnd):
                        end = part  # a better one may follow
                    else:
                        yield part
        except _MODEL_TROUBLE as error:
            trouble = str(error)
        except TimeoutError:
            trouble = f"the model took longer than {self._settings.answer_seconds:g} s"
        if end is None:
            end = self._by_template(question, notice=trouble)
        elif trouble:
            end = _noticed(end, f"asking again came to nothing: {trouble}")
        if end.by is AnsweredBy.MODEL and not question.meaning:
            end = _noticed(end, await self._remembering.problem() or "")
        end = end.model_copy(update={"title": title})
        await self._remembering.answer(request, end, at=self._clock.now())
        yield ChatChunk(part=ChatPart.END, end=end)

    async def _prepared(self, request: ChatRequest) -> _Question:
        earlier = await self._remembering.conversation(request.conversation)
        about, facts = await self._desk.about(
            request.text, venue=request.venue, earlier=_asked_before(earlier)
        )
        now = self._clock.now()
        meaning = await self._remembering.meaning(request.text)
        recollections = await self._remembering.recall(
            request.text,
            venue=about.venue,
            symbols=about.symbols,
            before=now,
            conversation=request.conversation,
            vector=meaning,
            period=period_of(request.text, now),
        )
        return _Question(
            request=request,
            about=about,
            facts=facts,
            language=language_of(request.text),
            earlier=earlier,
            meaning=meaning,
            recollections=recollections,
        )

    async def _by_model(self, question: _Question) -> AsyncGenerator[ChatChunk | ChatEnd]:
        if self._turns.waiting:
            yield ChatChunk(part=ChatPart.STATE, text=f"waiting: {self._turns.waiting} before you")
        async with self._turns.for_a_person(), asyncio.timeout(self._settings.answer_seconds):
            question = await self._fresh(question)
            messages = await self._prompt(question)
            answer = ""
            async with aclosing(self._model.chat(messages)) as pieces:  # type: ignore[type-var]  # models are generators
                async for piece in pieces:
                    if isinstance(piece, Piece):
                        answer += piece.text
                        for chunk in _told(piece):
                            yield chunk
            checked = await self._checked(answer, question)
            again = bool(checked.struck) and self._settings.ask_again
            yield self._ended(question, checked, again=again)
            if again:
                yield ChatChunk(part=ChatPart.STATE, text="asking again: numbers without a fact")
                second = await self._again(messages, answer, checked, question)
                yield self._ended(question, max(checked, second, key=_worth), again=True)

    async def _fresh(self, question: _Question) -> _Question:
        """Read the facts again if they have grown old while others had the model."""
        waited = self._clock.now() - question.facts.now
        if waited <= timedelta(seconds=self._settings.fresh_seconds):
            return question
        return replace(question, facts=await self._desk.of(question.about))

    async def _again(
        self, messages: Sequence[Message], answer: str, checked: Checked, question: _Question
    ) -> Checked:
        reasons = tuple(reason for struck in checked.struck for reason in struck.reasons)
        retold = (*messages, Message("assistant", answer), correction(reasons[:8]))
        second = ""
        async with aclosing(self._model.chat(retold)) as pieces:  # type: ignore[type-var]  # models are generators
            async for piece in pieces:
                second += piece.text if isinstance(piece, Piece) else ""
        return await self._checked(second, question)

    async def _prompt(self, question: _Question) -> tuple[Message, ...]:
        settings = self._settings
        earlier = _last_words(question.earlier, settings.history_messages)
        summary = question.earlier.summary if question.earlier else ""
        recollections = question.recollections

        def asked(facts: str) -> tuple[Message, ...]:
            return chat_messages(
                settings.chat_rules,
                facts=facts,
                question=question.request.text,
                language=question.language,
                earlier=earlier,
                summary=summary,
                recollections=recollections,
            )

        whole, room = await self._model.room(()), await self._model.room(asked(""))
        while earlier and room < whole // 2:  # facts come before talk
            earlier = earlier[1:]
            room = await self._model.room(asked(""))
        if room < _LEAST_ROOM:
            summary, recollections = "", ()
            room = await self._model.room(asked(""))
        if room < _LEAST_ROOM:
            raise PromptTruncatedError(
                f"{self._model.name}: {settings.num_ctx} tokens leave no room for facts"
            )
        facts = within(question.facts, room * 9 // 10, question=question.request.text)
        return asked(facts.rendered())

    async def _checked(self, answer: str, question: _Question) -> Checked:
        said = spoken(answer)
        return await asyncio.to_thread(check, said, question.facts, question=question.request.text)

    def _ended(self, question: _Question, checked: Checked, *, again: bool) -> ChatEnd:
        checks = {"struck": _struck(checked), "asked_again": again}
        if not checked.text.strip():
            notice = _NOTHING_LEFT if checked.struck else _NOTHING_WRITTEN
            return self._by_template(question, notice=notice).model_copy(update=checks)
        return ChatEnd(
            text=checked.text,
            by=AnsweredBy.MODEL,
            model=self._model.name,
            cited=_cited(checked, question.facts),
        ).model_copy(update=checks)

    def _by_template(self, question: _Question, *, notice: str) -> ChatEnd:
        return ChatEnd(
            text=rendered(question.facts, language=question.language),
            by=AnsweredBy.TEMPLATE,
            model=self._model.name,
            notice=notice,
        )


def _told(piece: Piece) -> Iterable[ChatChunk]:
    if piece.thinking:
        yield ChatChunk(part=ChatPart.THINKING, text=piece.thinking)
    if piece.text:
        yield ChatChunk(part=ChatPart.TEXT, text=piece.text)


def _noticed(end: ChatEnd, notice: str) -> ChatEnd:
    return end.model_copy(update={"notice": "; ".join(filter(None, (end.notice, notice)))})


def _struck(checked: Checked) -> tuple[StruckSentence, ...]:
    return tuple(
        StruckSentence(sentence=one.sentence, reasons=one.reasons) for one in checked.struck
    )


def _cited(checked: Checked, facts: FactTable) -> tuple[CitedFact, ...]:
    named = dict.fromkeys(name for ids in checked.matched.values() for name in ids)
    _, citations = without_citations(checked.text)
    told = (facts.cited(name) for citation in citations for name in citation.ids)
    named |= dict.fromkeys(fact.id for fact in told if fact is not None)
    return tuple(
        CitedFact(
            id=fact.id,
            shown=fact.shown,
            observed_at=fact.observed_at,
            age_seconds=max(0.0, (facts.now - fact.observed_at).total_seconds()),
        )
        for fact in (facts.by_id[name] for name in named if name in facts.by_id)
    )


def _worth(checked: Checked) -> tuple[bool, int, int]:
    return (bool(checked.text.strip()), -len(checked.struck), len(checked.matched))


def _last_words(earlier: ConversationReply | None, count: int) -> tuple[Message, ...]:
    if earlier is None or not count:
        return ()
    return tuple(
        Message("user" if one.role == "user" else "assistant", one.text[:800])
        for one in earlier.messages[-count:]
    )


def _asked_before(earlier: ConversationReply | None) -> tuple[str, ...]:
    messages = earlier.messages[-_TALKED_OF:] if earlier else ()
    return tuple(one.text for one in reversed(messages) if one.role == "user")

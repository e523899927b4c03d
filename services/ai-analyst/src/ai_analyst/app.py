"""The only place that builds the analyst's parts."""

from collections.abc import Sequence
from datetime import timedelta

from ai_analyst.adapters.memory_postgres import PostgresMemory
from ai_analyst.adapters.ollama import OllamaModel
from ai_analyst.adapters.openai_style import OpenAiStyleModel
from ai_analyst.adapters.traced_model import TracedModel
from ai_analyst.handlers.chat import Chat
from ai_analyst.handlers.facts_desk import FactsDesk
from ai_analyst.handlers.judging import Judge
from ai_analyst.handlers.notes import NoteTaker
from ai_analyst.handlers.remembering import Remembering
from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import Memory, Model
from ai_analyst.settings import AnalystSettings
from common.bus import Consumer
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.domain import (
    ChatRequest,
    ConversationRequest,
    ConversationsRequest,
    Fact,
    ForgetRequest,
    Outcome,
    RecordRequest,
    RenameRequest,
)
from common.service import Responder, Runtime, Service, Stage, StreamResponder


def wire(runtime: Runtime) -> Service:
    """Build the analyst with the model and the memory its settings name."""
    settings = runtime.settings.read(AnalystSettings)
    engine = open_engine(
        runtime.settings.read(DatabaseSettings),
        name="ai-analyst",
        connections=settings.connections,
    )
    memory = PostgresMemory(engine, embedding_model=settings.embedding_model)
    model = OllamaModel(settings) if settings.server == "ollama" else OpenAiStyleModel(settings)
    traced = TracedModel(model, provider=settings.server, embedding_model=settings.embedding_model)
    return wire_with(runtime, settings, model=traced, memory=memory)


def wire_with(
    runtime: Runtime, settings: AnalystSettings, *, model: Model, memory: Memory
) -> Service:
    """Build the analyst around any model and any memory."""
    bus, clock = runtime.bus, runtime.clock
    turns = Turns(
        parallel=settings.parallel, waiting=settings.waiting, patience=settings.answer_seconds
    )
    desk = FactsDesk(bus, clock, fresh=timedelta(seconds=settings.fresh_seconds))
    remembering = Remembering(memory, model, turns, settings)
    chat = Chat(
        desk=desk, model=model, remembering=remembering, turns=turns, clock=clock, settings=settings
    )
    notes = NoteTaker(
        bus=bus,
        desk=desk,
        judge=Judge(model=model, turns=turns, clock=clock, settings=settings),
        memory=memory,
        remembering=remembering,
        clock=clock,
        settings=settings,
    )

    async def keep_outcomes(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        await memory.keep_outcomes([fact for fact in facts if isinstance(fact, Outcome)])
        return [() for _ in facts]

    async def limits() -> str | None:
        return await model.problem() or await remembering.problem() or notes.trouble

    async def stop() -> None:
        await model.close()
        await memory.close()

    return Service(
        stages=(
            Stage(
                consumer=Consumer(name=runtime.name, facts=(Outcome,), retry_forever=True),
                handle=keep_outcomes,
            ),
        ),
        answers=(
            Responder(
                subject=ConversationsRequest.subject, answer=remembering.answer_conversations
            ),
            Responder(subject=ConversationRequest.subject, answer=remembering.answer_conversation),
            Responder(subject=RenameRequest.subject, answer=remembering.answer_rename),
            Responder(subject=ForgetRequest.subject, answer=remembering.answer_forget),
            Responder(subject=RecordRequest.subject, answer=remembering.answer_record),
        ),
        streams=(StreamResponder(subject=ChatRequest.subject, answer=chat.answer),),
        tasks=(memory.prepare, desk.recent_scans, desk.follow, notes.follow, remembering.shorten),
        stop=stop,
        ready=memory.problem,
        limits=limits,
    )

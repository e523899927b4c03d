"""The analyst over HTTP: events as they come, refusals before the first, conversations."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from typing_extensions import override

from api.core.errors import BusyError
from api.core.keys import Permission
from api.handlers.chat import ChatDesk, chat_routes
from common.bus import Reply
from common.bus.memory import MemoryBus
from common.domain import (
    AnalystRecord,
    AnsweredBy,
    ChatChunk,
    ChatEnd,
    ChatPart,
    ChatRequest,
    ConversationReply,
    ConversationRequest,
    Conversations,
    ConversationsRequest,
    ForgetRequest,
    RecordRequest,
    RenameRequest,
    Request,
)
from common.errors import BusUnavailableError, InvalidDataError
from tests.unit.api.doors import open_web

END = ChatEnd(text="long", by=AnsweredBy.MODEL, model="qwen3:4b")
QUESTION = {"conversation": "mine", "text": "why?"}


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
async def http(bus: MemoryBus) -> AsyncIterator[httpx.AsyncClient]:
    desk = ChatDesk(bus, chats=8, chats_per_caller=8)
    web = open_web({Permission.CHAT: (chat_routes(desk),)})
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def words(body: bytes) -> AsyncIterator[Reply]:
    asked = ChatRequest.model_validate_json(body)
    for chunk in (
        ChatChunk(part=ChatPart.STATE, text="reading facts"),
        ChatChunk(part=ChatPart.TEXT, text=f"{asked.text}\n\nevent: forged"),
        ChatChunk(part=ChatPart.END, end=END),
    ):
        yield Reply(body=chunk.model_dump_json().encode())


async def test_an_answer_comes_as_events(bus: MemoryBus, http: httpx.AsyncClient) -> None:
    await bus.answer_stream(ChatRequest.subject, words)
    answer = await http.post("/v1/chat", json=QUESTION)

    events = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event[0] for event in events] == ["event: state", "event: text", "event: end"]
    last = ChatChunk.model_validate_json(events[-1][1].removeprefix("data: "))
    assert last.end == END


async def test_without_an_analyst_the_caller_is_told_at_once(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/chat", json=QUESTION)

    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "nobody answers analyst.request.chat"


async def test_a_refusal_before_the_first_word_is_a_status(
    bus: MemoryBus, http: httpx.AsyncClient
) -> None:
    async def refuse(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(error="not now")

    await bus.answer_stream(ChatRequest.subject, refuse)
    answer = await http.post("/v1/chat", json=QUESTION)

    assert answer.status_code == 409


async def test_an_analyst_that_is_lost_in_mid_answer_is_told_as_an_event(
    bus: MemoryBus, http: httpx.AsyncClient
) -> None:
    async def breaking_off(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(body=ChatChunk(part=ChatPart.TEXT, text="BTC").model_dump_json().encode())
        yield Reply(error="no turn\n\nevent: end\ndata: forged")

    class Losing(MemoryBus):
        @override
        async def ask_stream(
            self, request: Request, *, silence: timedelta = timedelta(0), target: str = ""
        ) -> AsyncIterator[Reply]:
            yield Reply(body=ChatChunk(part=ChatPart.TEXT, text="BTC").model_dump_json().encode())
            raise BusUnavailableError("the analyst has fallen silent")

    await bus.answer_stream(ChatRequest.subject, breaking_off)
    refused = await http.post("/v1/chat", json=QUESTION)
    lost = await ChatDesk(Losing(), chats=8, chats_per_caller=8).stream(
        ChatRequest.model_validate(QUESTION), "key 1"
    )

    for text in (refused.text, "".join([line async for line in lost])):
        first, last = text.strip().split("\n\n")
        assert first.startswith("event: text\n")
        assert last.startswith("event: error\n")
        assert json.loads(last.partition("data: ")[2])["error"]["code"] in {
            "refused",
            "unavailable",
        }


async def test_a_question_must_be_one(http: httpx.AsyncClient) -> None:
    for wrong in (
        {"conversation": "a b", "text": "x"},
        {"conversation": "a"},
        {**QUESTION, "x": 1},
        {**QUESTION, "text": "why\0?"},
        {**QUESTION, "text": " \n "},
        {**QUESTION, "text": "x" * 4001},
        {**QUESTION, "conversation": "../mine"},
    ):
        assert (await http.post("/v1/chat", json=wrong)).status_code == 422


async def test_only_so_many_chats_are_open(bus: MemoryBus) -> None:
    async def endless(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(body=ChatChunk(part=ChatPart.STATE, text="x").model_dump_json().encode())
        await asyncio.Event().wait()

    await bus.answer_stream(ChatRequest.subject, endless)
    desk = ChatDesk(bus, chats=2, chats_per_caller=1)
    first = await desk.stream(ChatRequest(conversation="a", text="x"), "key 1")
    assert (await anext(first)).startswith("event: state")

    with pytest.raises(BusyError, match="at most 1 chats of key 1 may be open"):
        await desk.stream(ChatRequest(conversation="b", text="x"), "key 1")
    other = await desk.stream(ChatRequest(conversation="b", text="x"), "key 2")
    with pytest.raises(BusyError, match="at most 2 chats may be open"):
        await desk.stream(ChatRequest(conversation="c", text="x"), "key 3")
    await first.aclose()  # type: ignore[attr-defined]  # it is a generator
    again = await desk.stream(ChatRequest(conversation="b", text="x"), "key 1")
    for stream in (again, other):
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator


async def test_the_record_of_the_verdicts_is_told(bus: MemoryBus, http: httpx.AsyncClient) -> None:
    async def record(_: bytes) -> Reply:
        return Reply(body=AnalystRecord(models=()).model_dump_json().encode())

    await bus.answer(RecordRequest.subject, record)

    assert (await http.get("/v1/chat/record")).json() == {"models": []}


async def test_conversations_are_listed_exported_renamed_and_deleted(
    bus: MemoryBus, http: httpx.AsyncClient
) -> None:
    asked: list[str] = []

    async def listed(_: bytes) -> Reply:
        return Reply(body=Conversations(conversations=()).model_dump_json().encode())

    async def exported(body: bytes) -> Reply:
        name = ConversationRequest.model_validate_json(body).conversation
        if name != "mine":
            raise InvalidDataError(f"conversation must exist, was {name!r}")
        return Reply(
            body=ConversationReply(name=name, title="t", messages=()).model_dump_json().encode()
        )

    async def done(body: bytes) -> Reply:
        asked.append(json.loads(body)["conversation"])
        return Reply()

    await bus.answer(ConversationsRequest.subject, listed)
    await bus.answer(ConversationRequest.subject, exported)
    await bus.answer(RenameRequest.subject, done)
    await bus.answer(ForgetRequest.subject, done)

    assert (await http.get("/v1/chat/conversations")).json() == {"conversations": []}
    assert (await http.get("/v1/chat/conversations/mine")).json()["title"] == "t"
    assert (await http.get("/v1/chat/conversations/other")).status_code == 404
    renamed = await http.put("/v1/chat/conversations/mine/title", json={"title": "new"})
    deleted = await http.delete("/v1/chat/conversations/mine")
    assert (renamed.status_code, deleted.status_code) == (204, 204)
    assert asked == ["mine", "mine"]

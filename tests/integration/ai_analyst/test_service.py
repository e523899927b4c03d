"""The analyst over a real nats-server and a real Postgres, with a stand-in for Ollama."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from ai_analyst.adapters.memory_postgres import PostgresMemory
from api.adapters.server import WebServer
from api.core.keys import Permission
from api.handlers.chat import ChatDesk, chat_routes
from common.bus.nats import NatsBus
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.domain import AnsweredBy, ChatPart
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from tests.support.analyst_rig import analyst
from tests.support.eventually import eventually
from tests.support.servers import Database
from tests.unit.api.doors import open_web

pytestmark = pytest.mark.connected

GOOD = "BTCUSDT is long from 97,250. The stop is 95,479.4."


def memory_in(database: Database, *, port: int | None = None) -> PostgresMemory:
    url = database.url
    if port is not None:
        url = url.replace(f":{database.url.rpartition(':')[2].partition('/')[0]}/", f":{port}/")
    settings = DatabaseSettings(
        url=url, password=SecretStr(database.password), connect_timeout_seconds=2
    )
    return PostgresMemory(
        open_engine(settings, name="test", connections=4), embedding_model="nomic-embed-text"
    )


@asynccontextmanager
async def bus_at(server: NatsServer) -> AsyncIterator[NatsBus]:
    """A process's own bus: who goes takes its subscriptions along."""
    bus = NatsBus(BusSettings(url=server.url, storage="memory"))
    await bus.connect()
    try:
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def api_on(bus: NatsBus) -> AsyncIterator[httpx.AsyncClient]:
    """The API's chat on a real socket: only there can a browser go away."""
    desk = ChatDesk(bus, chats=8, chats_per_caller=8)
    web = open_web({Permission.CHAT: (chat_routes(desk),)})
    server = WebServer(web, host="127.0.0.1", port=0, on_end=lambda: None)
    await server.listen()
    serving = asyncio.create_task(server.serve())
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
            yield http
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def test_a_conversation_survives_a_restart(
    nats_server: NatsServer, postgres: Database
) -> None:
    async with (
        bus_at(nats_server) as bus,
        analyst(memory=memory_in(postgres), bus=bus, embedding_model="nomic-embed-text") as rig,
    ):
        await eventually(_works(rig.memory), saying="the tables are there")
        rig.model.answer = lambda _: GOOD
        chunks = await rig.ask("Why is BTCUSDT long?")

    async with (
        bus_at(nats_server) as bus,
        analyst(
            memory=memory_in(postgres), bus=bus, told=False, embedding_model="nomic-embed-text"
        ) as rig,
    ):
        await eventually(_works(rig.memory), saying="the tables are there")
        talk = await rig.memory.conversation("mine")
        await rig.answer("and its stop?")

        assert "Why is BTCUSDT long?" in rig.prompt()

    assert chunks[-1].part is ChatPart.END
    assert talk is not None
    assert [one.role for one in talk.messages] == ["user", "analyst"]


async def test_a_browser_that_goes_away_frees_the_model(
    nats_server: NatsServer, postgres: Database
) -> None:
    question = {"conversation": "mine", "text": "Why is BTCUSDT long?"}
    async with (
        bus_at(nats_server) as bus,
        analyst(memory=memory_in(postgres), bus=bus) as rig,
        api_on(bus) as http,
    ):
        rig.model.answer, rig.model.pause_seconds = lambda _: "word " * 5000, 0.01
        async with http.stream("POST", "/v1/chat", json=question) as answer:
            async for line in answer.aiter_lines():
                if line == "event: text":
                    break
            assert rig.model.writing == 1

        await eventually(lambda: rig.model.writing == 0, saying="the model is free")


async def test_without_a_database_the_answer_still_comes(
    nats_server: NatsServer, postgres: Database
) -> None:
    async with (
        bus_at(nats_server) as bus,
        analyst(memory=memory_in(postgres, port=1), bus=bus) as rig,
    ):
        rig.model.answer = lambda _: GOOD
        end = await rig.answer("Why is BTCUSDT long?")
        trouble = await rig.trouble()

    assert end.by is AnsweredBy.MODEL
    assert end.text == GOOD
    assert "Postgres does not answer" in trouble or "Postgres cannot" in trouble


def _works(memory: object) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        assert isinstance(memory, PostgresMemory)
        return await memory.problem() is None

    return there

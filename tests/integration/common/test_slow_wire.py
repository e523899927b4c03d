"""Who answers is heard from the moment it says so, however slow its way to the broker is."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from common.bus import Reply
from common.bus.nats import NatsBus
from common.domain import ClockRequest
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import LOOPBACK, free_port

pytestmark = pytest.mark.connected

_PING = b"PING\r\n"


class _Wire:
    """A way to the broker that, while slow, keeps what a client sends until its next ping."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.slow = False
        self._target = target

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, broker = await asyncio.open_connection(LOOPBACK, self._target)
        returning = asyncio.create_task(_return(answers, back))
        kept = b""
        while line := await client.readline():
            kept += line
            if line == _PING or not self.slow:
                broker.write(kept)
                kept = b""
        broker.close()
        await returning


async def _return(answers: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    while data := await answers.read(65_536):
        back.write(data)
    back.close()


@pytest.fixture
async def wire(nats_server: NatsServer) -> AsyncIterator[_Wire]:
    wire = _Wire(nats_server.port)
    async with await asyncio.start_server(wire.serve, LOOPBACK, wire.port):
        yield wire


async def test_a_question_is_heard_once_its_answerer_says_so(
    nats_server: NatsServer, wire: _Wire
) -> None:
    async def answer(_: bytes) -> Reply:
        return Reply(body=b"now")

    url = f"nats://{LOOPBACK}:{wire.port}"
    answerer = NatsBus(BusSettings(url=url, storage="memory"))
    asker = NatsBus(BusSettings(url=nats_server.url, storage="memory"))
    await answerer.connect()
    await asker.connect()

    wire.slow = True
    await answerer.answer(ClockRequest.subject, answer)
    wire.slow = False
    reply = await asker.ask(ClockRequest(venue="binance"))
    await answerer.close()
    await asker.close()

    assert reply.body == b"now"

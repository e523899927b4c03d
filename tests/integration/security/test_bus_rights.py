"""The real broker with the real accounts: a reader reads results and can do nothing else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from pydantic import SecretStr

from common.bus import Value
from common.bus.accounts import accounts
from common.bus.nats import NatsBus
from common.bus.nats.connection import settled
from common.bus.permissions import OPERATOR, READER, SERVICES, USERS, inbox_of
from common.documentation import messages
from common.domain import TradePlan
from common.errors import BusUnavailableError
from common.sections import BusSettings
from common.streams import BUDGETS, STREAMS
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.support.facts import plan
from tests.support.processes import ROOT

pytestmark = pytest.mark.connected

PASSWORDS = {user: f"password-of-{user}" for user in USERS}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats", port=free_port(), passwords=PASSWORDS)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def operator(guarded: NatsServer) -> AsyncIterator[NatsBus]:
    settings = BusSettings(
        url=guarded.url, user=OPERATOR, password=SecretStr(PASSWORDS[OPERATOR]), storage="memory"
    )
    bus = NatsBus(settings, name="operator")
    await bus.connect()
    await bus.publish(plan())
    yield bus
    await bus.close()


async def _as(user: str, server: NatsServer) -> Client:
    async def quietly(_: Exception) -> None: ...

    return await nats.connect(
        server.url,
        user=user,
        password=PASSWORDS[user],
        inbox_prefix=inbox_of(user),
        error_cb=quietly,
    )


def _url_as(user: str, server: NatsServer) -> str:
    return server.url.replace("://", f"://{user}:{PASSWORDS[user]}@")


async def _refused(client: Client, subject: str, body: bytes = b"{}") -> bool:
    try:
        await client.request(subject, body, timeout=0.3)
    except (nats.errors.TimeoutError, TimeoutError):
        return True
    return False


async def _state(bus: NatsBus) -> list[object]:
    return [
        (await bus._requests.api(f"STREAM.INFO.{stream.name}"))[part]
        for stream in STREAMS
        for part in ("config", "state")
    ]


@pytest.mark.parametrize(
    "subject", ["plans.proposed.>", "plans.proposed.*.*", "plans.proposed.binance.BTCUSDT"]
)
async def test_a_reader_may_ask_for_plans_in_any_way_nats_knows(
    guarded: NatsServer, operator: NatsBus, subject: str
) -> None:
    reader = await _as(READER, guarded)
    heard = await reader.subscribe(subject)
    await settled(reader)

    await operator.publish(plan(number=1))

    assert (await heard.next_msg(timeout=5)).subject == "plans.proposed.binance.BTCUSDT"
    await reader.close()


async def test_a_reader_does_not_hear_what_the_operator_is_answered(
    guarded: NatsServer, operator: NatsBus
) -> None:
    reader = await _as(READER, guarded)
    heard = await reader.subscribe("_INBOX.>")
    await settled(reader)

    named_in_url = NatsBus(BusSettings(url=_url_as(OPERATOR, guarded), storage="memory"))
    await named_in_url.connect()
    for bus in (operator, named_in_url):
        assert [fact async for fact in bus.replay(TradePlan)] == [plan()]
    await named_in_url.close()

    await reader.flush()
    assert heard.pending_msgs == 0
    await reader.close()


async def test_a_reader_hears_and_reads_results(guarded: NatsServer, operator: NatsBus) -> None:
    reader = await _as(READER, guarded)
    heard = await reader.subscribe("plans.proposed.*.*")
    await settled(reader)

    told = plan().model_copy(update={"symbol": "ETHUSDT"})
    await operator.publish(told)
    message = await heard.next_msg(timeout=5)
    kept = await reader.request("$JS.API.DIRECT.GET.DECISIONS", b'{"seq": 1}', timeout=2)
    await reader.close()

    assert message.subject == "plans.proposed.binance.ETHUSDT"
    assert json.loads(kept.data)["symbol"] == plan().symbol


async def test_a_reader_hears_and_reads_in_the_ways_that_are_described(
    guarded: NatsServer, operator: NatsBus
) -> None:
    page = messages()
    subject, question = (
        re.search(r"subscribe to `(\S+)`", page),
        re.search(r"`({\"seq\"[^}]*})`", page),
    )
    assert subject is not None
    assert question is not None
    reader = await _as(READER, guarded)
    heard = await reader.subscribe(subject[1])
    await settled(reader)
    await operator.publish(plan(number=1))
    live = await heard.next_msg(timeout=5)
    first = await reader.request("$JS.API.DIRECT.GET.DECISIONS", question[1].encode(), timeout=2)
    newest = await reader.request(f"$JS.API.DIRECT.GET.DECISIONS.{live.subject}", b"", timeout=2)
    await reader.close()

    assert json.loads(first.data)["scan_id"] == plan().scan_id
    assert newest.data == live.data
    assert (first.headers or {})["Nats-Sequence"] == "1"


async def test_a_reader_changes_nothing(guarded: NatsServer, operator: NatsBus) -> None:
    before = await _state(operator)
    reader = await _as(READER, guarded)
    attempts = [
        ("plans.proposed.binance.BTCUSDT", b"{}"),
        ("fetcher.request.scan.binance", b"{}"),
        ("ops.heartbeat.planner", b"{}"),
        ("$JS.API.STREAM.LIST", b""),
        ("$JS.API.CONSUMER.CREATE.DECISIONS", b"{}"),
        ("$JS.API.CONSUMER.CREATE.DECISIONS.mine", b"{}"),
        ("$JS.API.DIRECT.GET.CANDLES", b'{"seq": 1}'),
        *((f"$JS.API.STREAM.{verb}.DECISIONS", b"{}") for verb in
          ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "MSG.GET", "SNAPSHOT")),
    ]  # fmt: skip

    refused = [await _refused(reader, subject, body) for subject, body in attempts]
    await reader.close()

    assert refused == [True] * len(attempts)
    assert await _state(operator) == before
    log = (guarded.folder / "nats.log").read_text()
    assert log.count("Publish Violation") == len(attempts)


async def test_no_service_deletes_or_empties_a_stream(
    guarded: NatsServer, operator: NatsBus
) -> None:
    before = await _state(operator)

    async def attack(user: str) -> list[bool]:
        client = await _as(user, guarded)
        answers = [
            await _refused(client, subject)
            for subject in (
                "$JS.API.STREAM.DELETE.DECISIONS",
                "$JS.API.STREAM.PURGE.DECISIONS",
                "$JS.API.STREAM.MSG.DELETE.DECISIONS",
                "$JS.API.CONSUMER.DELETE.DECISIONS.recorder",
                "$JS.API.CONSUMER.CREATE.DECISIONS.recorder",
            )
        ]
        await client.close()
        return answers

    answered = await asyncio.gather(*(attack(service.name) for service in SERVICES))

    assert all(all(answers) for answers in answered)
    assert await _state(operator) == before


async def test_one_service_does_not_speak_as_another(
    guarded: NatsServer, operator: NatsBus
) -> None:
    before = await _state(operator)
    signals = await _as("signals", guarded)

    refused = [
        await _refused(signals, subject)
        for subject in ("plans.proposed.binance.BTCUSDT", "ops.dead-letter.planner")
    ]
    await signals.close()

    assert refused == [True, True]
    assert await _state(operator) == before


async def test_only_a_fetcher_reads_and_writes_the_budgets(
    guarded: NatsServer, operator: NatsBus
) -> None:
    settings = BusSettings(
        url=guarded.url, user="fetcher", password=SecretStr(PASSWORDS["fetcher"]), storage="memory"
    )
    fetcher = NatsBus(settings)
    await fetcher.connect()
    budgets = fetcher.values(BUDGETS)
    revision = await budgets.write("default.binance", b"spent", revision=0)
    signals = await _as("signals", guarded)

    refused = [
        await _refused(signals, BUDGETS.subject("default.binance"), b"free"),
        await _refused(signals, f"$JS.API.DIRECT.GET.KV_BUDGETS.{BUDGETS.subject('a.b')}"),
    ]
    await signals.close()
    seen = await anext(budgets.watch("default.binance"))
    await fetcher.close()

    assert refused == [True, True]
    assert seen == await operator.values(BUDGETS).read("default.binance")
    assert seen == Value(b"spent", revision or 0)


async def test_a_wrong_password_opens_nothing(guarded: NatsServer) -> None:
    settings = BusSettings(url=guarded.url, user=OPERATOR, password=SecretStr("guess"))

    with pytest.raises(BusUnavailableError, match="Authorization"):
        await NatsBus(settings).connect()


def test_the_committed_accounts_are_what_the_code_says() -> None:
    committed = (ROOT / "deploy" / "nats" / "accounts.conf").read_text(encoding="utf-8")

    assert committed == accounts(), "run: python -m common.bus.accounts deploy/nats/accounts.conf"

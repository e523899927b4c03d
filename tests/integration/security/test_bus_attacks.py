"""Attacks over the bus: questions with anything in them, messages that are not what they claim."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import pytest
from pydantic import SecretStr, ValidationError

from common.bus import Consumer
from common.bus.memory import MemoryBus
from common.bus.nats import NatsBus
from common.bus.permissions import OPERATOR, USERS, inbox_of
from common.clock import SystemClock
from common.codec import encode
from common.domain import (
    ChatRequest,
    ClockRequest,
    ConversationRequest,
    ConversationsRequest,
    DeadLetter,
    DerivativesRequest,
    Fact,
    ForgetRequest,
    FrameRequest,
    RecordRequest,
    RenameRequest,
    Request,
    ScanRequest,
    Signal,
    Timeframe,
)
from common.sections import BusSettings
from common.service import Runtime, Service, Stage, running
from common.settings import SettingsSource
from indicators.app import wire
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.integration.security.payloads import EVERY
from tests.support import facts
from tests.support.analyst_rig import analyst
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import Stage as FetcherStage

pytestmark = pytest.mark.connected

_QUESTIONS: tuple[Request, ...] = (
    ScanRequest(venue="binance"),
    ClockRequest(venue="binance"),
    DerivativesRequest(venue="binance", symbol="BTCUSDT"),
    FrameRequest(venue="binance", symbol="BTCUSDT", timeframe=Timeframe.H4),
    ChatRequest(conversation="mine", text="why?"),
    ConversationRequest(conversation="mine"),
    RenameRequest(conversation="mine", title="mine"),
    ForgetRequest(conversation="mine"),
    ConversationsRequest(),
    RecordRequest(),
)
_NO_QUESTIONS = (
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'{"a": NaN}',
    b"[" * 50_000,
    b"x" * 900_000,
)


def _hostile(question: Request) -> Iterator[bytes]:
    """Everything a question must not be: no JSON at all, or one field that cannot be meant."""
    yield from _NO_QUESTIONS
    fields = question.model_dump(mode="json")
    for name in (*fields, "unknown"):
        for payload in EVERY:
            changed = {**fields, name: payload}
            try:
                type(question).model_validate(changed)
            except ValidationError:
                yield json.dumps(changed).encode()


async def _answer(bus: MemoryBus, subject: str, body: bytes) -> str:
    """Return the error a question is answered with."""
    if answers := bus.questions.answers[subject]:
        return (await answers[0](body)).error or ""
    parts = [part async for part in bus.questions.streaming[subject][0](body)]
    assert len(parts) == 1
    return parts[0].error or ""


@pytest.mark.timeout(120)
async def test_no_question_over_the_bus_takes_an_injection() -> None:
    stage = FetcherStage()
    runtime = Runtime(
        name="indicators",
        instance="1",
        bus=stage.bus,
        clock=stage.clock,
        settings=SettingsSource(),
    )
    async with AsyncExitStack() as stack:
        services = [
            await stack.enter_async_context(stage.fetcher()),
            await stack.enter_async_context(running(runtime, wire(runtime))),
        ]
        rig = await stack.enter_async_context(analyst(told=False))
        answering = {**dict.fromkeys(("fetcher", "indicators"), stage.bus), "analyst": rig.bus}
        asked = 0
        for question in _QUESTIONS:
            service = question.subject.partition(".")[0]
            bus = answering[service]
            assert isinstance(bus, MemoryBus)
            subject = question.subject + (".binance" if service == "fetcher" else "")
            for body in _hostile(question):
                error = await _answer(bus, subject, body)
                assert error.startswith(f"not a {type(question).__name__}: "), (subject, body[:80])
                assert "\n" not in error
                assert "https://" not in error
                assert len(error) < 900
                asked += service != "analyst"

        told = [await one.metrics() for one in services]

    assert asked > 200
    counted = [
        int(line.rpartition(" ")[2])
        for text in told
        for line in text.splitlines()
        if line.startswith("scanner_questions_refused_total{")
    ]
    assert sum(counted) == asked


PASSWORDS = {user: f"password-of-{user}" for user in USERS}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "nats", port=free_port(), passwords=PASSWORDS)
    server.start()
    yield server
    server.stop()


async def _bus(server: NatsServer, user: str) -> NatsBus:
    settings = BusSettings(
        url=server.url, user=user, password=SecretStr(PASSWORDS[user]), storage="memory"
    )
    bus = NatsBus(settings, name=user)
    await bus.connect()
    return bus


async def test_what_a_taken_over_service_tells_is_set_aside_and_handled_by_nobody(
    guarded: NatsServer,
) -> None:
    operator = await _bus(guarded, OPERATOR)
    handled: list[Fact] = []

    async def decide(told: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        handled.extend(told)
        return [()] * len(told)

    signal, plan = facts.signal(), facts.plan()
    named = {"Fact": Signal.name()}
    lies: tuple[tuple[str, dict[str, str], bytes], ...] = (
        ("signals.scored.binance.*", named, encode(signal)),
        ("signals.scored.*.BTCUSDT", named, encode(signal)),
        ("signals.scored.bybit.BTCUSDT", named, encode(signal)),
        ("signals.scored.binance.ETHUSDT", named, encode(signal)),
        ("signals.scored.binance.BTC'--", named, encode(signal)),
        ("signals.scored.binance.{{7*191}}", named, b"{}"),
        ("signals.scored.binance.BTCUSDT", named, b"\x00" * 500_000),
        ("signals.scored.binance.BTCUSDT", {"Fact": "TradePlan/1"}, encode(plan)),
        ("signals.scored.binance.BTCUSDT", {"Fact": "../../etc/passwd"}, b"{}"),
        ("signals.scored.binance.BTCUSDT", {}, encode(signal)),
    )
    planner = await _bus(guarded, "planner")
    runtime = Runtime(
        name="planner", instance="1", bus=planner, clock=SystemClock(), settings=SettingsSource()
    )
    consumer = Consumer(name="planner", facts=(Signal,), batch=4)
    service = Service(stages=(Stage(consumer=consumer, handle=decide),))
    async with running(runtime, service) as instance:
        client = await nats.connect(
            guarded.url,
            user="signals",
            password=PASSWORDS["signals"],
            inbox_prefix=inbox_of("signals"),
        )
        for subject, headers, body in lies:
            await client.publish(subject, body, headers=headers)
        await client.flush()

        async def set_aside() -> bool:
            lines = (await instance.metrics()).splitlines()
            counts = [
                one for one in lines if one.startswith("scanner_messages_dead_lettered_total{")
            ]
            return [one.rpartition(" ")[2] for one in counts] == [str(len(lies))]

        await eventually(set_aside, within=20, saying="every lie is set aside")
        letters = [fact async for fact in operator.replay(DeadLetter)]
        assert await instance.trouble() is None
        await client.close()
    await planner.close()
    await operator.close()

    assert handled == []
    assert len(letters) == len(lies)


@pytest.mark.parametrize("symbol", ["BTC USDT", "BTC\r\nPUB x 1", "BTC\tUSDT", "", "*", ">", "a.b"])
def test_no_fact_has_a_name_that_would_change_its_subject(symbol: str) -> None:
    with pytest.raises(ValidationError, match="symbol"):
        facts.plan(symbol)

"""A service as a process: how it starts, dies, comes back and ends."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from common.bus.nats import NatsBus
from common.bus.nats.requests import RefusedError
from common.domain import DeadLetter, Fact, Rejection
from common.exporting import ENDPOINT_VARIABLE
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.support.eventually import eventually
from tests.support.facts import scan_of, signal
from tests.support.otlp import collector
from tests.support.processes import service

pytestmark = pytest.mark.connected

MODULE = "tests.integration.common.deciding_service"


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[NatsBus]:
    bus = NatsBus(BusSettings(url=nats_server.url))
    await bus.connect()
    yield bus
    await bus.close()


def _environment(server: NatsServer, **settings: str) -> dict[str, str]:
    return {
        "SCANNER_BUS__URL": server.url,
        "SCANNER_BUS__ACK_WAIT_SECONDS": "0.5",
        "SCANNER_TELEMETRY__LOG_FORMAT": "json",
        **settings,
    }


async def test_a_message_that_kills_its_consumer_ends_as_a_named_failure(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    innocents = [f"A{number}USDT" for number in range(12)]
    for symbol in (*innocents[:6], "KILLAUSDT", "KILLBUSDT", *innocents[6:]):
        await bus.publish(signal(symbol))

    async with service(MODULE, _environment(nats_server), "--restarting") as planner:
        await eventually(lambda: _all_decided(bus), within=50)
        planner.terminate()
        await planner.finished()

    letters = [fact for fact in await _kept(bus, DeadLetter) if isinstance(fact, DeadLetter)]
    assert sorted(str(letter.symbol) for letter in letters) == ["KILLAUSDT", "KILLBUSDT"]
    assert {(letter.service, letter.scan_id) for letter in letters} == {("planner", scan_of())}
    assert sorted(await _rejected(bus)) == sorted(innocents)


async def test_a_killed_replica_loses_nothing_and_doubles_nothing(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    symbols = [f"A{number}USDT" for number in range(400)]
    async with service(MODULE, _environment(nats_server)) as first:
        publishing = asyncio.gather(*(bus.publish(signal(symbol)) for symbol in symbols))
        await eventually(lambda: _count_at_least(bus, 1), within=15)
        first.kill()
        await publishing

    async with service(MODULE, _environment(nats_server)):
        await eventually(lambda: _count_at_least(bus, 400), within=20)

    assert sorted(await _rejected(bus)) == sorted(symbols)


async def test_a_told_service_finishes_its_batch_and_ends_cleanly(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    await bus.publish(signal("BLOCKUSDT"))
    async with service(MODULE, _environment(nats_server)) as planner:
        await eventually(lambda: _heard_from(bus), within=15)
        began = time.monotonic()
        planner.terminate()
        code, _ = await planner.finished(within=10)

    assert code == 0
    assert time.monotonic() - began < 10
    assert await _rejected(bus) == ["BLOCKUSDT"]


async def test_a_misspelt_setting_is_one_sentence_and_exit_code_2() -> None:
    async with service(MODULE, {"SCANNER_BUS__URI": "nats://nowhere"}) as planner:
        code, words = await planner.finished()

    assert code == 2
    assert words == ("planner: SCANNER_BUS__URI: [bus] has no key 'uri'; did you mean 'url'?\n")


async def test_a_service_that_cannot_reach_nats_says_so_and_gives_up_when_told_to() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    settings = {"SCANNER_BUS__URL": url, "SCANNER_BUS__GIVE_UP_SECONDS": "1"}
    async with service(MODULE, settings) as planner:
        code, words = await planner.finished()

    assert code == 1
    assert f"planner cannot go on: NATS does not answer at {url}" in words
    assert "Traceback" not in words


async def test_a_service_waits_for_nats_and_is_ready_once_it_is_there(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats", port=free_port())
    health = free_port()
    settings = _environment(server, SCANNER_HEALTH__PORT=str(health))
    async with service(MODULE, settings), aiohttp.ClientSession() as session:

        async def ask(path: str) -> tuple[int, str]:
            try:
                async with session.get(f"http://127.0.0.1:{health}{path}") as answer:
                    return answer.status, await answer.text()
            except aiohttp.ClientError:
                return 0, ""

        async def says(path: str, status: int, words: str) -> bool:
            found, text = await ask(path)
            return found == status and words in text

        await eventually(
            lambda: says("/ready", 503, f"NATS does not answer at {server.url}"), within=15
        )
        alive, _ = await ask("/health")
        await asyncio.to_thread(server.start)
        try:
            await eventually(lambda: says("/ready", 200, '"ready": true'), within=20)
        finally:
            server.stop()

    assert alive == 200


async def test_spans_are_exported_where_the_environment_says_and_logs_name_their_trace(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    for symbol in ("AAAUSDT", "BADUSDT"):
        await bus.publish(signal(symbol))
    async with collector() as traces:
        endpoint = {ENDPOINT_VARIABLE: traces.endpoint}
        async with service(MODULE, _environment(nats_server, **endpoint)) as planner:
            await eventually(lambda: _settled(bus, rejected=1, dead=1), within=25)
            planner.terminate()
            code, words = await planner.finished()

    names = {span.name: span for span in traces.spans}
    lines = [json.loads(line) for line in words.splitlines()]
    assert code == 0
    assert {"signals.scored.binance.AAAUSDT", "plans.rejected.binance.AAAUSDT"} <= names.keys()
    refused = names["signals.scored.binance.BADUSDT"]
    assert refused.failed
    assert refused.trace_id in {line.get("trace_id") for line in lines if line["level"] == "error"}


async def test_a_collector_that_never_answers_does_not_keep_a_service_from_ending(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    await bus.publish(signal("AAAUSDT"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = {ENDPOINT_VARIABLE: f"http://127.0.0.1:{silent.getsockname()[1]}"}
        async with service(MODULE, _environment(nats_server, **endpoint)) as planner:
            await eventually(lambda: _count_at_least(bus, 1), within=25)
            began = time.monotonic()
            planner.terminate()
            code, _ = await planner.finished()

    assert code == 0
    assert time.monotonic() - began < 8


async def test_a_service_tells_prometheus_what_it_handled_and_what_waits(
    nats_server: NatsServer, bus: NatsBus
) -> None:
    for symbol in ("AAAUSDT", "BADUSDT", "CCCUSDT"):
        await bus.publish(signal(symbol))
    health = free_port()
    settings = _environment(nats_server, SCANNER_HEALTH__PORT=str(health))
    async with service(MODULE, settings), aiohttp.ClientSession() as session:
        await eventually(lambda: _settled(bus, rejected=2, dead=1), within=25)
        figures: dict[str, float] = {}

        async def counted() -> bool:
            async with session.get(f"http://127.0.0.1:{health}/metrics") as answer:
                assert answer.content_type == "text/plain"
                lines = (await answer.text()).splitlines()
            told = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            figures.update({name: float(value) for name, value in told})
            return figures[_of_planner("scanner_messages_dead_lettered_total")] == 1

        await eventually(counted, within=5)

    assert figures[_of_planner("scanner_messages_handled_total")] == 2
    assert figures[_of_planner("scanner_messages_failed_total")] == 1
    assert figures[_of_planner("scanner_messages_pending")] == 0
    assert figures["process_cpu_seconds_total"] > 0
    assert figures["process_resident_memory_bytes"] > 1_000_000
    assert figures["process_open_fds"] > 3
    assert figures["scanner_event_loop_lag_seconds"] >= 0


def _of_planner(name: str) -> str:
    return f'{name}{{stream="SIGNALS",consumer="planner"}}'


async def _settled(bus: NatsBus, *, rejected: int, dead: int) -> bool:
    counts = len(await _kept(bus, Rejection)), len(await _kept(bus, DeadLetter))
    return counts == (rejected, dead)


async def _kept(bus: NatsBus, kind: type[Fact]) -> list[Fact]:
    return [fact async for fact in bus.replay(kind)]


async def _rejected(bus: NatsBus) -> list[str]:
    return [fact.symbol for fact in await _kept(bus, Rejection) if isinstance(fact, Rejection)]


async def _count_at_least(bus: NatsBus, count: int) -> bool:
    return len(await _kept(bus, Rejection)) >= count


async def _all_decided(bus: NatsBus) -> bool:
    return len(await _kept(bus, DeadLetter)) >= 2 and await _count_at_least(bus, 12)


async def _heard_from(bus: NatsBus) -> bool:
    """Whether the planner has its message in hand."""
    try:
        found = await bus._requests.api("CONSUMER.INFO.SIGNALS.planner")
    except RefusedError:
        return False  # the consumer is not there yet
    return bool(found["num_ack_pending"]) or await _count_at_least(bus, 1)

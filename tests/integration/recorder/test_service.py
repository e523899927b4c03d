"""The whole recorder on a bus: redelivery, poison, a database that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from common.bus.memory import MemoryBus
from common.clock import SystemClock
from common.domain import DeadLetter, Fact, IndicatorFrame, WatchList
from common.service import Running, Runtime, running
from common.settings import SettingsSource
from common.streams import STREAMS as ALL_STREAMS
from recorder.app import STREAMS, wire
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.recorder.postgres import Opened, settings_for
from tests.integration.recorder.test_writing import candle_set, every_kind
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.servers import Database

pytestmark = pytest.mark.connected


def runtime_for(bus: MemoryBus, url: str, password: str, **changes: Any) -> Runtime:
    database = {"url": url, "password": password, "connect_timeout_seconds": 2}
    return Runtime(
        name="recorder",
        instance="1",
        bus=bus,
        clock=SystemClock(),
        settings=SettingsSource({"database": database, "recorder": changes}),
    )


@asynccontextmanager
async def recording(bus: MemoryBus, url: str, password: str) -> AsyncIterator[Running]:
    runtime = runtime_for(bus, url, password)
    async with running(runtime, wire(runtime)) as service:
        yield service


@asynccontextmanager
async def looking_into(url: str, password: str) -> AsyncIterator[Opened]:
    place = Opened(settings_for(url, password))
    try:
        yield place
    finally:
        await place.history.close()


async def publish(bus: MemoryBus, *told: Fact) -> None:
    for fact in told:
        await bus.publish(fact)


async def counts(place: Opened, table: str, expected: int) -> None:
    async def reached() -> bool:
        return await place.rows(f"SELECT count(*) FROM {table}") == [(expected,)]

    await eventually(reached, within=30, saying=f"{expected} rows in {table}")


def test_every_durable_fact_but_what_follows_from_others_is_recorded() -> None:
    durable = {fact for stream in ALL_STREAMS for fact in stream.facts}

    assert {fact for facts_ in STREAMS for fact in facts_} == durable - {IndicatorFrame, WatchList}


async def test_every_kind_of_fact_on_the_bus_reaches_its_table(postgres: Database) -> None:
    bus = MemoryBus()
    async with recording(bus, postgres.url, postgres.password) as service:
        await publish(bus, *every_kind())

        async with looking_into(postgres.url, postgres.password) as place:
            for table, expected in {
                "candles": 6,
                "derivatives": 1,
                "universe_snapshots": 1,
                "delistings": 1,
                "signals": 1,
                "decisions": 2,
                "outcomes": 1,
                "analyst_notes": 1,
                "scans": 1,
                "dead_letters": 1,
            }.items():
                await counts(place, table, expected)
            assert await service.trouble() is None


async def test_a_second_recorder_over_the_same_stream_doubles_nothing(postgres: Database) -> None:
    told = [facts.plan(f"C{number}USDT") for number in range(20)]
    for _ in range(2):
        bus = MemoryBus()  # a consumer without memory: everything is delivered from the start
        await publish(bus, *told)
        async with (
            recording(bus, postgres.url, postgres.password),
            looking_into(postgres.url, postgres.password) as place,
        ):
            await counts(place, "decisions", 20)


async def test_only_the_poison_in_a_batch_is_set_aside(postgres: Database) -> None:
    bus = MemoryBus()
    poison = facts.rejection("BADUSDT", reason="a NUL \0 inside")
    await publish(
        bus,
        *(facts.plan(f"C{number}USDT") for number in range(30)),
        poison,
        *(facts.plan(f"D{number}USDT") for number in range(30)),
    )

    async with (
        recording(bus, postgres.url, postgres.password),
        looking_into(postgres.url, postgres.password) as place,
    ):
        await counts(place, "decisions", 60)
        await counts(place, "dead_letters", 1)

        assert await place.rows("SELECT service, venue, symbol, scan_id FROM dead_letters") == [
            ("recorder", "binance", "BADUSDT", facts.scan_of())
        ]
        [(reason,)] = await place.rows("SELECT reason FROM dead_letters")
        assert "Postgres refused a value" in reason


async def test_a_database_away_costs_nothing_and_is_caught_up_with(
    own_postgres: PostgresServer,
) -> None:
    own_postgres.create_database("history")
    url, password = own_postgres.url("history"), own_postgres.password
    bus = MemoryBus()
    async with recording(bus, url, password) as service, looking_into(url, password) as place:
        await publish(bus, *(facts.plan(f"A{number}USDT") for number in range(10)))
        await counts(place, "decisions", 10)

        own_postgres.kill()
        await publish(
            bus,
            *(facts.plan(f"B{number}USDT") for number in range(10)),
            candle_set(),
            facts.scan_started(),
        )

        async def is_in_trouble() -> bool:
            return (await service.trouble() or "").startswith("Postgres")

        await eventually(is_in_trouble, within=20)
        own_postgres.start()

        await counts(place, "decisions", 20)
        await counts(place, "candles", 5)
        await counts(place, "scans", 1)

        async def is_well() -> bool:
            return await service.trouble() is None

        await eventually(is_well, within=20)
        assert [letter async for letter in bus.replay(DeadLetter)] == []


async def test_a_recorder_started_before_its_database_waits_for_it(
    own_postgres: PostgresServer,
) -> None:
    own_postgres.create_database("history")
    url, password = own_postgres.url("history"), own_postgres.password
    own_postgres.kill()
    bus = MemoryBus()
    await publish(bus, facts.plan())
    runtime = runtime_for(bus, url, password)
    service = Running(runtime, wire(runtime))
    starting = asyncio.create_task(service.start())

    async def says_why() -> bool:
        return (await service.trouble() or "").startswith("Postgres")

    await eventually(says_why, within=20)
    own_postgres.start()
    await starting

    async with looking_into(url, password) as place:
        await counts(place, "decisions", 1)
    await service.drain()


async def test_a_recorder_that_dies_in_a_batch_loses_and_doubles_nothing(
    postgres: Database,
) -> None:
    bus = MemoryBus()
    told = [facts.plan(f"C{number:03}USDT") for number in range(300)]
    await publish(bus, *told)

    for _ in range(3):
        async with recording(bus, postgres.url, postgres.password):
            await asyncio.sleep(0)  # drained at once, in whatever it was doing

    async with (
        recording(bus, postgres.url, postgres.password),
        looking_into(postgres.url, postgres.password) as place,
    ):
        await counts(place, "decisions", 300)
        assert await place.rows("SELECT count(DISTINCT symbol) FROM decisions") == [(300,)]


async def test_without_permission_to_migrate_the_reason_is_said(postgres: Database) -> None:
    async with looking_into(postgres.url, postgres.password) as place:
        await place.run("CREATE ROLE powerless LOGIN PASSWORD 'powerless'")
        url = postgres.url.replace("scanner@", "powerless@")
        bus = MemoryBus()
        runtime = runtime_for(bus, url, "powerless")
        service = Running(runtime, wire(runtime))
        starting = asyncio.create_task(service.start())

        async def says_why() -> bool:
            return "permission denied" in (await service.trouble() or "")

        await eventually(says_why, within=20)
        starting.cancel()
        await asyncio.wait({starting})
        await service.drain()
        await place.run("DROP ROLE powerless")

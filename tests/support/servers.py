"""Real servers for tests: one nats-server and one Postgres a session, from their wheels.

Loaded as a pytest plugin by `tests/conftest.py`. `nats_server` gives each test a server without
streams; `postgres` gives each test an empty database of its own.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import nats
import pytest

from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from standalone.adapters.postgres_server import PostgresServer


@dataclass(frozen=True)
class Database:
    """An empty database: its SQLAlchemy address, and the password kept apart from it."""

    url: str
    password: str
    server: PostgresServer


@pytest.fixture(scope="session")
def _nats_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats"), port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def nats_server(_nats_of_the_session: NatsServer) -> NatsServer:
    """A running nats-server whose streams and key-value buckets are all gone."""
    connection = await nats.connect(_nats_of_the_session.url)
    jetstream = connection.jetstream()
    for stream in await jetstream.streams_info():
        if stream.config.name is not None:
            await jetstream.delete_stream(stream.config.name)
    await connection.close()
    return _nats_of_the_session


@pytest.fixture
def own_nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A nats-server of the test's own, to be killed and started again."""
    server = NatsServer(tmp_path / "nats", port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _postgres_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder = tmp_path_factory.mktemp("postgres")
    server = PostgresServer(folder / "cluster", port=free_port(), power_safe=False)
    server.start()
    yield server
    server.kill()  # its data is thrown away: no shutdown checkpoint of every test's database
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def postgres(_postgres_of_the_session: PostgresServer) -> Database:
    """An empty database on a running Postgres."""
    server = _postgres_of_the_session
    name = f"test_{uuid4().hex[:12]}"
    server.create_database(name)
    return Database(url=server.url(name), password=server.password, server=server)


@pytest.fixture
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A Postgres of the test's own, to be killed and started again."""
    folder = tmp_path_factory.mktemp("own-postgres")
    server = PostgresServer(folder / "cluster", port=free_port(), power_safe=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)

import sys

import nats
import psycopg
import pytest

from common.errors import BusUnavailableError, SettingsError
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port, require_free
from standalone.adapters.postgres_server import PostgresServer
from standalone.adapters.processes import run_attached
from standalone.core.programs import Program
from tests.support.servers import Database

pytestmark = pytest.mark.connected


async def test_a_stream_survives_a_power_cut(own_nats_server: NatsServer) -> None:
    connection = await nats.connect(own_nats_server.url)
    await connection.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await connection.jetstream().publish("kept", b"once")
    await connection.close()

    own_nats_server.kill()
    own_nats_server.start()

    connection = await nats.connect(own_nats_server.url)
    kept = await connection.jetstream().get_last_msg("KEPT", "kept")
    await connection.close()
    assert kept.data == b"once"


def test_a_row_survives_a_power_cut(own_postgres: PostgresServer) -> None:
    def connect() -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            own_postgres.url().replace("+psycopg", ""),
            password=own_postgres.password,
            autocommit=True,
        )

    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")

    own_postgres.kill()
    own_postgres.start()

    with connect() as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [(1,)]


def test_a_cluster_knows_whether_it_is_the_one_that_runs(own_postgres: PostgresServer) -> None:
    folder = own_postgres.folder
    assert PostgresServer(folder, port=own_postgres.port).answers()
    assert not PostgresServer(folder, port=free_port()).answers()
    assert not PostgresServer(folder / "never", port=own_postgres.port).answers()


async def test_a_program_on_the_terminal_hands_on_its_exit_code() -> None:
    words = (sys.executable, "-c", "import os; raise SystemExit(int(os.environ['CODE']))")

    ended = Program(name="x", arguments=words, environment={"CODE": "7"}, ready_url="")

    assert await run_attached(ended) == 7


def test_the_database_refuses_a_wrong_password(postgres: Database) -> None:
    with pytest.raises(psycopg.OperationalError):
        # pragma: allowlist nextline secret
        psycopg.connect(postgres.url.replace("+psycopg", ""), password="wrong")


def test_a_taken_port_is_named(own_nats_server: NatsServer) -> None:
    with pytest.raises(SettingsError, match=rf"{own_nats_server.port} \(for NATS\)"):
        require_free({"NATS": own_nats_server.port, "API": free_port()})


def test_a_server_that_cannot_start_says_why(own_nats_server: NatsServer) -> None:
    second = NatsServer(own_nats_server.folder.parent / "second", port=own_nats_server.port)

    with pytest.raises(BusUnavailableError, match="address already in use"):
        second.start()

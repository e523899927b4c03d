"""Postgres roles with the real server: what each may not do is refused."""

import psycopg
import pytest
from pydantic import SecretStr

from recorder.adapters.migrating import Migrator
from recorder.settings import RoleSettings
from tests.integration.recorder.postgres import settings_for
from tests.support.servers import Database

pytestmark = pytest.mark.connected

_ROLES = RoleSettings(
    recorder=SecretStr("r"), api=SecretStr("a"), analyst=SecretStr("n"), reader=SecretStr("e")
)


@pytest.fixture
def guarded(postgres: Database) -> Database:
    migrator = Migrator(
        settings_for(postgres.url, postgres.password), compress_after_days=7, role_settings=_ROLES
    )
    migrator.migrate()
    migrator.migrate()  # the second time changes nothing
    return postgres


def _as(role: str, database: Database) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host="127.0.0.1",
        port=database.server.port,
        dbname=database.url.rpartition("/")[2],
        user=role,
        password=_ROLES.passwords()[role],
        autocommit=True,
    )


@pytest.mark.parametrize("role", ["api", "reader"])
def test_a_reading_role_reads_and_cannot_write(guarded: Database, role: str) -> None:
    with _as(role, guarded) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        connection.execute("SET default_transaction_read_only = off")
        for statement in (
            "DELETE FROM decisions",
            "TRUNCATE decisions",
            "DROP TABLE decisions",
            "CREATE TABLE mine (a int)",
            "CREATE TEMPORARY TABLE mine (a int)",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY decisions TO PROGRAM 'true'",
            "ALTER ROLE api SUPERUSER",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_analyst_has_its_own_tables_and_cannot_touch_plans(guarded: Database) -> None:
    with _as("analyst", guarded) as connection:
        connection.execute("CREATE TABLE analyst.mine (a int)")
        for statement in ("SELECT * FROM decisions", "DELETE FROM decisions", "DELETE FROM scans"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_recorder_writes_rows_and_makes_no_tables(guarded: Database) -> None:
    with _as("recorder", guarded) as connection:
        connection.execute("DELETE FROM decisions")
        connection.execute("CREATE TEMPORARY TABLE staging (a int)")
        for statement in ("DROP TABLE decisions", "CREATE TABLE mine (a int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)

"""Who may do what in Postgres: one role a service, each with what it needs and nothing else.

Applied after every migration by the owner, so that tables made later are covered and passwords
can be changed. A role without a password in `[roles]` is left alone.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from common.database.tables import METADATA
from recorder.settings import RoleSettings

_ANALYST_SCHEMA: Final = "analyst"
_READ: Final = "SELECT"
_GRANTS: Final = {
    "recorder": "SELECT, INSERT, UPDATE, DELETE",
    "api": _READ,
    "reader": _READ,
}
"""What each role may do with the tables of history; the analyst may do nothing with them."""

_READ_ONLY: Final = ("api", "reader")
_OWNED_BY_ANOTHER: Final = """
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'S') AND c.relowner <> :role ::regrole
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
"""


def apply(connection: sa.Connection, settings: RoleSettings) -> None:
    """Make the roles that have passwords, and take from everyone what no role needs."""
    passwords = settings.passwords()
    if not passwords:
        return
    database = str(connection.scalar(sa.text("SELECT current_database()")))
    for role, password in passwords.items():
        _make(connection, role, password)
    for statement in _statements(database, tuple(passwords)):
        _run(connection, statement)
    if "analyst" in passwords:
        _hand_over(connection)


def _make(connection: sa.Connection, role: str, password: str) -> None:
    known = connection.scalar(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
    )
    verb = sql.SQL("ALTER" if known else "CREATE")
    _run(
        connection,
        sql.SQL(
            "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
            "NOBYPASSRLS CONNECTION LIMIT 40 PASSWORD {password}"
        ).format(verb=verb, role=sql.Identifier(role), password=sql.Literal(password)),
    )


def _statements(database: str, roles: tuple[str, ...]) -> Iterator[sql.Composed]:
    place = sql.Identifier(database)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(place)
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC").format()
    for role in roles:
        name = sql.Identifier(role)
        yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(place, name)
        if role in _READ_ONLY:
            yield sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name)
        if role in _GRANTS:
            yield sql.SQL("GRANT {} ON {} TO {}").format(
                sql.SQL(_GRANTS[role]),
                sql.SQL(", ").join(sql.Identifier(table) for table in sorted(METADATA.tables)),
                name,
            )
    if "recorder" in roles:  # it copies into temporary tables first
        yield sql.SQL("GRANT TEMPORARY ON DATABASE {} TO recorder").format(place)


def _hand_over(connection: sa.Connection) -> None:
    """Give the analyst a schema of its own, with the tables an earlier version made as owner."""
    names = {"schema": _ANALYST_SCHEMA, "role": "analyst"}
    if connection.scalar(sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :schema"), names):
        _run(connection, sql.SQL("ALTER SCHEMA analyst OWNER TO analyst").format())
    else:
        _run(connection, sql.SQL("CREATE SCHEMA analyst AUTHORIZATION analyst").format())
    for name, kind in connection.execute(sa.text(_OWNED_BY_ANOTHER), names).all():
        what = sql.SQL("SEQUENCE" if kind == "S" else "TABLE")
        _run(
            connection,
            sql.SQL("ALTER {} {} OWNER TO analyst").format(
                what, sql.Identifier(_ANALYST_SCHEMA, name)
            ),
        )
    vector = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
    if connection.scalar(sa.text(vector)):
        _run(connection, sql.SQL("CREATE EXTENSION IF NOT EXISTS vector").format())


def _run(connection: sa.Connection, statement: sql.Composed) -> None:
    connection.exec_driver_sql(
        statement.as_string(connection.connection.driver_connection).replace("%", "%%")
    )

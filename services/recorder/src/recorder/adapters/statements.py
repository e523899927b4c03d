"""The SQL a table is written with: stage, copy, then upsert what is newer and different."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from common.database.tables import CANDLES
from common.domain import Source

_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
_MERGED: Final = frozenset({"started", "completed"})
"""Columns told by different facts: what is not told this time stays as it is."""
_OWN: Final = f"source = '{Source.VENUE}'"


def copied_columns(table: sa.Table) -> list[sa.Column[object]]:
    """Return the columns a fact fills; a column with a server default is left to the server."""
    return [column for column in table.columns if column.server_default is None]


def copied_types(table: sa.Table) -> list[str]:
    """Return the SQL types of the copied columns, as binary COPY has to be told."""
    return [column.type.compile(_DIALECT).lower() for column in copied_columns(table)]


def staging(table: sa.Table) -> str:
    """Return the statement that makes the table's staging place, empty again after each commit."""
    columns = _names(copied_columns(table))
    return (
        f"CREATE TEMPORARY TABLE IF NOT EXISTS staging_{table.name} ON COMMIT DELETE ROWS "  # noqa: S608 - names are ours
        f"AS SELECT {columns} FROM {table.name} WITH NO DATA"
    )


def copy_in(table: sa.Table, columns: tuple[str, ...] = ()) -> str:
    """Return the binary COPY into the staging place; `columns` when the bytes have an order."""
    names = ", ".join(columns) or _names(copied_columns(table))
    return f"COPY staging_{table.name} ({names}) FROM STDIN (FORMAT BINARY)"


def upsert(table: sa.Table, *, repeats: bool = False) -> str:
    """Return the statement that moves staged rows in: new keys, and newer rows that differ.

    `repeats` says that a key may be staged twice; then its newest row is taken. Of candles that two
    markets told of one close the venue's own is the newer, whichever came first. Rows are written
    in the key's order, or two writers of one table could wait for each other's rows.
    """
    columns = copied_columns(table)
    key = _names(table.primary_key.columns)
    rest = [column for column in columns if not column.primary_key]
    newer = f"excluded.as_of >= {table.name}.as_of AND " if "as_of" in table.columns else ""
    if table is CANDLES:
        newer = f"(excluded.as_of, excluded.{_OWN}) >= (candles.as_of, candles.{_OWN}) AND "
    before = ", ".join(f"{table.name}.{column.name}" for column in rest)
    after = ", ".join(_told(table, column) for column in rest)
    changes = ", ".join(f"{column.name} = {_told(table, column)}" for column in rest)
    distinct = f"DISTINCT ON ({key}) " if repeats else ""
    order = f" ORDER BY {key}{f', as_of DESC, {_OWN} DESC' if repeats else ''}"
    return (
        f"INSERT INTO {table.name} ({_names(columns)}) "  # noqa: S608 - names are ours
        f"SELECT {distinct}{_names(columns)} FROM staging_{table.name}{order} "
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} "
        f"WHERE {newer}({before}) IS DISTINCT FROM ({after})"
    )


def _told(table: sa.Table, column: sa.Column[object]) -> str:
    if column.name in _MERGED:
        return f"coalesce(excluded.{column.name}, {table.name}.{column.name})"
    return f"excluded.{column.name}"


def _names(columns: object) -> str:
    return ", ".join(column.name for column in columns)  # type: ignore[attr-defined]  # any collection of columns

"""History in Postgres: binary COPY into a staging table and one upsert, a transaction a batch."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from common import telemetry
from common.database.border import postgres_border
from common.database.tables import CANDLES, METADATA
from common.errors import DatabaseUnavailableError, ScannerError
from recorder.adapters import retention, statements
from recorder.adapters.migrating import Migrator
from recorder.core.batches import Batch
from recorder.core.candles import COLUMNS, HEADER, TRAILER
from recorder.core.records import Record
from recorder.settings import RecorderSettings

_ANSWER_SECONDS: Final = 3.0


class PostgresHistory:
    """Keeps facts in Postgres; every method fails with our errors only."""

    def __init__(self, engine: AsyncEngine, migrator: Migrator, settings: RecorderSettings) -> None:
        self._engine = engine
        self._migrator = migrator
        self._settings = settings

    async def write(self, batch: Batch) -> None:
        """Write a batch in one transaction."""
        by_table: dict[str, list[Record]] = {}
        for record in batch.records:
            by_table.setdefault(record.table, []).append(record)
        candles = [block.encode() for block in batch.candles]
        try:
            async with asyncio.timeout(self._settings.write_timeout_seconds):
                with telemetry.shared_work(telemetry.POSTGRES_WRITE), postgres_border():
                    await self._write(candles, by_table, repeats=batch.repeats_candles)
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                f"Postgres must take a batch within {self._settings.write_timeout_seconds} s, "
                "was slower"
            ) from error

    async def _write(
        self, candles: list[bytes], by_table: dict[str, list[Record]], *, repeats: bool
    ) -> None:
        async with self._engine.begin() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert isinstance(driver, psycopg.AsyncConnection)
            async with driver.cursor() as cursor:
                if candles:
                    await _copy_candles(cursor, candles, repeats=repeats)
                for name, records in sorted(by_table.items()):
                    await _copy_records(cursor, METADATA.tables[name], records)

    async def prepare(self) -> None:
        """Migrate, in a thread: Alembic knows no asyncio."""
        if self._settings.migrate_at_start:
            await asyncio.to_thread(self._migrator.migrate)

    async def prune(self) -> None:
        """Apply each table's retention in slices, so that no delete holds its locks for long."""
        with postgres_border():
            await retention.prune(self._engine, self._settings)

    async def problem(self) -> str | None:
        """Ask Postgres for one row."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                with postgres_border():
                    async with self._engine.connect() as connection:
                        await connection.execute(sa.select(1))
        except TimeoutError:
            return f"Postgres must answer within {_ANSWER_SECONDS} s, was slower"
        except ScannerError as error:
            return str(error)
        return None

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()


async def _copy_candles(
    cursor: psycopg.AsyncCursor[Any], blocks: Sequence[bytes], *, repeats: bool
) -> None:
    await cursor.execute(statements.staging(CANDLES).encode())
    async with cursor.copy(statements.copy_in(CANDLES, COLUMNS).encode()) as copy:
        await copy.write(HEADER)
        for block in blocks:
            await copy.write(block)
        await copy.write(TRAILER)
    await cursor.execute(statements.upsert(CANDLES, repeats=repeats).encode())


async def _copy_records(
    cursor: psycopg.AsyncCursor[Any], table: sa.Table, records: Sequence[Record]
) -> None:
    await cursor.execute(statements.staging(table).encode())
    columns = [
        (column.name, isinstance(column.type, JSONB)) for column in statements.copied_columns(table)
    ]
    async with cursor.copy(statements.copy_in(table).encode()) as copy:
        copy.set_types(statements.copied_types(table))
        for record in records:
            await copy.write_row(
                [
                    _as_json(record.values[name]) if is_json else record.values[name]
                    for name, is_json in columns
                ]
            )
    await cursor.execute(statements.upsert(table).encode())


def _as_json(text: str | None) -> Jsonb | None:
    return None if text is None else Jsonb(text, dumps=str)

"""The analyst's tables brought up to date at start, by one process at a time, each step once."""

import logging
from typing import Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ai_analyst.adapters.tables import METADATA
from common.database.border import postgres_border

_log: Final = logging.getLogger(__name__)
_LOCK: Final = 7_203_115_001
"""Our advisory lock: any number, the same for every analyst."""

_HAS_SCHEMA: Final = "SELECT 1 FROM pg_namespace WHERE nspname = 'analyst'"
_WORDS: Final = """
ALTER TABLE analyst.messages
  ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED;
CREATE INDEX messages_words_idx ON analyst.messages USING gin (words);
ALTER TABLE analyst.verdicts
  ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', reasons::text)) STORED;
CREATE INDEX verdicts_words_idx ON analyst.verdicts USING gin (words);
CREATE INDEX verdicts_symbol_idx ON analyst.verdicts (venue, symbol, asked_at DESC);
"""
_DERIVED: Final = """
ALTER TABLE analyst.verdicts DROP COLUMN IF EXISTS disagreement;
"""
_STEPS: Final = (_WORDS, _DERIVED)
"""What brings the tables from each version to the next; the first finds them just made."""
_MEANING: Final = """
CREATE TABLE IF NOT EXISTS analyst.meanings (
  kind text NOT NULL, id bigint NOT NULL, model text NOT NULL, meaning vector NOT NULL,
  PRIMARY KEY (kind, id)
);
"""


async def migrate(engine: AsyncEngine, *, meaning: bool) -> bool:
    """Create or update the tables; return whether meaning can be searched (pgvector is there)."""
    with postgres_border():
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            # asked first: making one is refused to a role that may not, even if it is there
            if not await connection.scalar(sa.text(_HAS_SCHEMA)):
                await connection.execute(sa.text("CREATE SCHEMA analyst"))
            await connection.execute(
                sa.text("CREATE TABLE IF NOT EXISTS analyst.versions (version int PRIMARY KEY)")
            )
            found = await connection.scalar(sa.text("SELECT max(version) FROM analyst.versions"))
            if found is None:
                await connection.run_sync(METADATA.create_all)
            for version, statements in enumerate(_STEPS, start=1):
                if version > (found or 0):
                    await _step(connection, version, statements)
            return meaning and await _with_vectors(connection)


async def _step(connection: AsyncConnection, version: int, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        await connection.execute(sa.text(statement))
    await connection.execute(
        sa.text("INSERT INTO analyst.versions VALUES (:version)"), {"version": version}
    )


async def _with_vectors(connection: AsyncConnection) -> bool:
    """Use pgvector where the database has it and lets us; words are searched otherwise."""
    try:
        async with connection.begin_nested():
            await connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
            for statement in filter(str.strip, _MEANING.split(";")):
                await connection.execute(sa.text(statement))
    except sa.exc.DBAPIError as error:
        if not isinstance(error.orig, psycopg.Error) or error.connection_invalidated:
            raise
        _log.info("meaning is searched by words, for pgvector is not to be had: %s", error.orig)
        return False
    return True

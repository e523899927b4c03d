"""Hypertables and compression where TimescaleDB is there; plain tables with BRIN where it is not.

Not a migration: a database may get the extension later, so this is applied after every migration
and changes nothing the second time. Retention is not left to TimescaleDB, which drops whole chunks
and with them simulated markets, whose times lie anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa


@dataclass(frozen=True)
class Hypertable:
    """How one table is cut by time and compressed."""

    name: str
    time: str
    chunk: str
    segments: str
    order: str


HYPERTABLES: Final = (
    Hypertable("candles", "open_time", "30 days", "venue, symbol, timeframe", "open_time"),
    Hypertable("derivatives", "observed_at", "30 days", "venue, symbol", "observed_at"),
    Hypertable("signals", "scan_close", "30 days", "venue, symbol", "scan_close, scan_id"),
    Hypertable("resources", "at", "7 days", "service, instance", "at"),
)

INSTALLED: Final = "SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'"

# Creating it where the library was not preloaded ends the connection, hence the second condition.
CREATABLE: Final = """
SELECT 1 FROM pg_available_extensions
WHERE name = 'timescaledb' AND EXISTS (
    SELECT 1 FROM pg_settings
    WHERE name = 'shared_preload_libraries' AND setting LIKE '%timescaledb%'
)"""

CREATE: Final = "CREATE EXTENSION IF NOT EXISTS timescaledb"

# Compression belongs to the community licence; the Apache build has hypertables only.
COMPRESSES: Final = "SELECT current_setting('timescaledb.license', true) = 'timescale'"


def apply(connection: sa.Connection, *, compress_after_days: int) -> bool:
    """Make hypertables if the extension is there or can be had; return whether it is."""
    if not _asks(connection, INSTALLED):
        if not _asks(connection, CREATABLE):
            return False
        connection.execute(sa.text(CREATE))
    compresses = _asks(connection, COMPRESSES)
    for statement in hypertable_statements():
        connection.execute(sa.text(statement))
    for statement in compression_statements(compress_after_days) if compresses else ():
        connection.execute(sa.text(statement))
    return True


def hypertable_statements() -> Iterator[str]:
    """Yield what makes each table a hypertable, rows that are there already included."""
    for table in HYPERTABLES:
        yield (
            f"SELECT create_hypertable('{table.name}', '{table.time}', "
            f"chunk_time_interval => INTERVAL '{table.chunk}', "
            "create_default_indexes => false, if_not_exists => true, migrate_data => true)"
        )


def compression_statements(after_days: int) -> Iterator[str]:
    """Yield what compresses chunks older than `after_days`; older rows can still be upserted."""
    for table in HYPERTABLES:
        yield (
            f"ALTER TABLE {table.name} SET (timescaledb.compress, "
            f"timescaledb.compress_segmentby = '{table.segments}', "
            f"timescaledb.compress_orderby = '{table.order}')"
        )
        yield (
            f"SELECT add_compression_policy('{table.name}', INTERVAL '{after_days} days', "
            "if_not_exists => true)"
        )


def _asks(connection: sa.Connection, question: str) -> bool:
    return bool(connection.execute(sa.text(question)).scalar())

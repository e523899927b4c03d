"""Brings the tables to the newest version, one migrator at a time."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from common.database.border import postgres_border
from common.database.engine import address, connect_arguments
from common.database.settings import DatabaseSettings
from recorder.adapters import roles, timescale
from recorder.settings import RoleSettings

_LOCK: Final = 7_202_601_010_400
"""The advisory lock of whoever migrates: any number, always the same."""
_MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


class Migrator:
    """Runs the migrations, makes hypertables where TimescaleDB is there, then the roles."""

    def __init__(
        self,
        settings: DatabaseSettings,
        *,
        compress_after_days: int,
        role_settings: RoleSettings | None = None,
    ) -> None:
        self._settings = settings
        self._roles = role_settings or RoleSettings()
        self._compress_after_days = compress_after_days

    def migrate(self) -> None:
        """Upgrade to the newest version; does nothing when that is done already.

        The advisory lock ends with the transaction, so a killed migrator leaves nothing behind.
        """
        engine = sa.create_engine(
            address(self._settings),
            poolclass=NullPool,
            connect_args=connect_arguments(self._settings, name="migrations", bounded=False),
        )
        with postgres_border(), engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(configuration(connection), "head")
            timescale.apply(connection, compress_after_days=self._compress_after_days)
            roles.apply(connection, self._roles)


def configuration(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration for our migrations, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

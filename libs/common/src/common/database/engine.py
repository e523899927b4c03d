"""One way to open Postgres: bounded connections and waits, UTC, read-only where it should be."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from common.database.settings import DatabaseSettings

_DEAD_PEER_MS: Final = 15_000


def open_engine(
    settings: DatabaseSettings, *, name: str, connections: int, read_only: bool = False
) -> AsyncEngine:
    """Return an engine that has not connected yet; `name` is what Postgres shows for it."""
    return create_async_engine(
        address(settings),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=settings.connect_timeout_seconds,
        pool_pre_ping=True,
        connect_args=connect_arguments(settings, name=name, read_only=read_only),
    )


def address(settings: DatabaseSettings) -> sa.URL:
    """Return the database's address with its password in place."""
    url = sa.make_url(settings.url)
    password = settings.password.get_secret_value()
    return url.set(password=password) if password else url


def connect_arguments(
    settings: DatabaseSettings, *, name: str, read_only: bool = False, bounded: bool = True
) -> dict[str, Any]:
    """Return libpq's arguments; `bounded=False` lifts the time limit, for migrations."""
    options = ["-c timezone=UTC"]
    if bounded:
        options.append(f"-c statement_timeout={int(settings.statement_timeout_seconds * 1000)}")
    if read_only:
        options.append("-c default_transaction_read_only=on")
    return {
        "application_name": f"scanner-{name}",
        "connect_timeout": max(2, round(settings.connect_timeout_seconds)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": _DEAD_PEER_MS,
        "options": " ".join(options),
    }

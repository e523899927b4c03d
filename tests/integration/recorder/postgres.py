"""A recorder's history over a test's own database, and a way to look into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from recorder.adapters.migrating import Migrator
from recorder.adapters.postgres import PostgresHistory
from recorder.settings import RecorderSettings


def settings_for(url: str, password: str) -> DatabaseSettings:
    return DatabaseSettings(url=url, password=SecretStr(password), connect_timeout_seconds=2)


class Opened:
    """A prepared history with direct sight of its tables."""

    def __init__(self, database: DatabaseSettings) -> None:
        settings = RecorderSettings()
        self.database = database
        self.engine = open_engine(database, name="test", connections=2)
        self.migrator = Migrator(database, compress_after_days=7)
        self.history = PostgresHistory(self.engine, self.migrator, settings)

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(statement))]

    async def run(self, statement: str) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(sa.text(statement))


@asynccontextmanager
async def opened(url: str, password: str) -> AsyncIterator[Opened]:
    place = Opened(settings_for(url, password))
    await place.history.prepare()
    try:
        yield place
    finally:
        await place.history.close()

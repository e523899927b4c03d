"""The migrations: from nothing to the tables as they are written, once, whoever starts them."""

import asyncio

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from common.database.engine import address
from common.database.tables import METADATA
from common.settings import SettingsSource
from recorder.adapters import retention, timescale
from recorder.adapters.migrating import Migrator, configuration
from recorder.app import migrate
from recorder.core.batches import batch_of
from recorder.settings import RecorderSettings
from tests.integration.recorder.postgres import opened, settings_for
from tests.integration.recorder.test_writing import candle_set
from tests.support import facts
from tests.support.servers import Database

pytestmark = pytest.mark.connected


def test_the_migrations_make_the_tables_as_they_are_written(postgres: Database) -> None:
    settings = settings_for(postgres.url, postgres.password)
    Migrator(settings, compress_after_days=7).migrate()

    engine = sa.create_engine(address(settings))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        difference = compare_metadata(context, METADATA)
        indexes = {
            index["name"]
            for table in METADATA.tables
            for index in sa.inspect(connection).get_indexes(table)
        }
    engine.dispose()

    assert difference == []
    assert indexes == {index.name for table in METADATA.tables.values() for index in table.indexes}


def test_migrating_again_changes_nothing(postgres: Database) -> None:
    source = SettingsSource({"database": {"url": postgres.url, "password": postgres.password}})
    migrate(source)
    migrate(source)

    engine = sa.create_engine(address(settings_for(postgres.url, postgres.password)))
    with engine.connect() as connection:
        versions = connection.execute(sa.text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()

    assert [tuple(row) for row in versions] == [("0003",)]


async def test_many_migrators_at_once_end_with_one_history(postgres: Database) -> None:
    migrator = Migrator(settings_for(postgres.url, postgres.password), compress_after_days=7)

    await asyncio.gather(*(asyncio.to_thread(migrator.migrate) for _ in range(4)))

    async with opened(postgres.url, postgres.password) as place:
        assert await place.rows("SELECT version_num FROM alembic_version") == [("0003",)]


def test_a_migration_can_be_taken_back(postgres: Database) -> None:
    settings = settings_for(postgres.url, postgres.password)
    Migrator(settings, compress_after_days=7).migrate()

    engine = sa.create_engine(address(settings))
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
        left = sa.inspect(connection).get_table_names()
    engine.dispose()

    assert left == ["alembic_version"]


async def test_without_timescaledb_the_tables_are_plain(postgres: Database) -> None:
    async with opened(postgres.url, postgres.password) as place:
        available = await place.rows(timescale.CREATABLE)

        assert available == []
        assert await place.rows(
            "SELECT count(*) FROM pg_extension WHERE extname='timescaledb'"
        ) == [(0,)]


async def test_retention_takes_old_rows_and_leaves_simulated_markets_alone(
    postgres: Database,
) -> None:
    async with opened(postgres.url, postgres.password) as place:
        await place.history.write(
            batch_of(
                [
                    candle_set("SIMUSDT", rows=3),
                    candle_set("REALUSDT", rows=3),
                    facts.signal("SIMUSDT"),
                    facts.signal("REALUSDT"),
                    facts.resource_usage(),
                    facts.plan("REALUSDT", simulated=False),
                ]
            )
        )
        for table, time in (("candles", "open_time"), ("signals", "scan_close")):
            await place.run(f"UPDATE {table} SET simulated = false WHERE symbol = 'REALUSDT'")
            await place.run(f"UPDATE {table} SET {time} = {time} - interval '10 years'")
        settings = RecorderSettings(keep_candles_days=365, keep_resources_days=0)

        await retention.prune(place.engine, settings)

        assert await place.rows("SELECT DISTINCT symbol FROM candles") == [("SIMUSDT",)]
        assert await place.rows("SELECT symbol FROM signals") == [("SIMUSDT",)]
        assert await place.rows("SELECT count(*) FROM resources") == [(1,)], "0 keeps for ever"
        assert await place.rows("SELECT count(*) FROM decisions") == [(1,)], "decisions stay"


async def test_retention_keeps_what_is_young(postgres: Database) -> None:
    async with opened(postgres.url, postgres.password) as place:
        await place.history.write(batch_of([candle_set(rows=3), facts.dead_letter()]))
        # Three candles of the last hours: the newest opened four hours ago.
        await place.run(
            "UPDATE candles SET simulated = false,"
            " open_time = open_time + (now() - timestamptz '2026-01-05 08:00Z')"
        )

        await retention.prune(place.engine, RecorderSettings(keep_candles_days=1))

        assert await place.rows("SELECT count(*) FROM candles") == [(3,)]
        assert await place.rows("SELECT count(*) FROM dead_letters") == [(1,)]

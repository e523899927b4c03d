"""Alembic's entry: it only ever runs on a connection the migrator opened."""

from alembic import context

from common.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    compare_server_default=True,
)

with context.begin_transaction():
    context.run_migrations()

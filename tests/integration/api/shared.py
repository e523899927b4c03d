"""One database and one served api for all tests of a module that only read."""

from uuid import uuid4

from standalone.adapters.postgres_server import PostgresServer
from tests.support.servers import Database


def database_on(server: PostgresServer) -> Database:
    """An empty database that outlives a single test."""
    name = f"test_{uuid4().hex[:12]}"
    server.create_database(name)
    return Database(url=server.url(name), password=server.password, server=server)

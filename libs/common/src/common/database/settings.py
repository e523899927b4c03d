"""Where the database is and how long anyone waits for it."""

from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field, SecretStr, field_validator

from common.settings import Section


class DatabaseSettings(Section):
    """The `[database]` table, shared by the recorder and the api."""

    section: ClassVar[str] = "database"

    url: str = "postgresql+psycopg://scanner@127.0.0.1:5432/scanner"
    password: SecretStr = SecretStr("")
    """From the environment; empty when the address or the server's rules need none."""
    connect_timeout_seconds: float = Field(default=5, gt=0, le=60)
    statement_timeout_seconds: float = Field(default=30, gt=0, le=600)
    """Postgres ends a statement that runs longer."""

    @field_validator("url")
    @classmethod
    def _is_psycopg(cls, url: str) -> str:
        try:
            driver = sa.make_url(url).drivername
        except sa.exc.ArgumentError as error:
            raise ValueError(f"url must be a database address, was {url!r}") from error
        if driver != "postgresql+psycopg":
            raise ValueError(f"url must begin with postgresql+psycopg://, was {driver}://")
        return url

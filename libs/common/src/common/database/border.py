"""Where the driver's errors become ours: a value that is refused, or a database that is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import sqlalchemy.exc as sa_errors

from common.errors import DatabaseUnavailableError, InvalidDataError, ScannerError

_VALUE_CLASSES: Final = ("22", "23", "54")
"""SQLSTATE classes in which one row is at fault: data, integrity, a row beyond a limit."""

_NOT_SET_UP: Final = ("42P01", "42703", "42501")
"""No such table, no such column, no permission: the migrations or the roles are still to come."""


@contextmanager
def postgres_border() -> Iterator[None]:
    """Raise InvalidDataError for a refused value, DatabaseUnavailableError for a database away.

    A mistake of ours (wrong SQL) passes through as it is.
    """
    try:
        yield
    except (psycopg.Error, sa_errors.SQLAlchemyError, OSError) as error:
        translated = translate(error)
        if translated is None:
            raise
        raise translated from error


def translate(error: Exception) -> ScannerError | None:
    """Return our error for a driver's, or None when it is a mistake in our own code."""
    cause = error.orig if isinstance(error, sa_errors.DBAPIError) else error
    sentence = str(cause).strip().partition("\n")[0]
    if isinstance(cause, sa_errors.TimeoutError):
        return DatabaseUnavailableError(f"Postgres has no free connection: {sentence}")
    if isinstance(cause, OSError):
        return DatabaseUnavailableError(f"Postgres does not answer: {sentence or repr(cause)}")
    return _translate_driver(cause, sentence) if isinstance(cause, psycopg.Error) else None


def _translate_driver(cause: psycopg.Error, sentence: str) -> ScannerError | None:
    state = cause.sqlstate or ""
    if state[:2] in _VALUE_CLASSES or (not state and isinstance(cause, psycopg.DataError)):
        return InvalidDataError(f"Postgres refused a value: {sentence}")
    wrong_sql = state.startswith("42") and state not in _NOT_SET_UP
    if wrong_sql or (not state and not isinstance(cause, psycopg.OperationalError)):
        return None
    return DatabaseUnavailableError(f"Postgres cannot do its work now: {sentence}")

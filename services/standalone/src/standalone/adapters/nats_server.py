"""The nats-server that comes in a wheel, run as a child process with JetStream on disk."""

import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from common.bus.accounts import PASSWORDS_FILE, accounts
from common.bus.accounts import passwords as password_lines
from common.bus.permissions import READER
from common.errors import BusUnavailableError
from standalone.adapters.ports import LOOPBACK, free_port

_READY_WITHIN_SECONDS = 20.0


class NatsServer:
    """One nats-server on loopback; its streams live in `folder` and survive a restart.

    With `passwords` every user may do what `common.bus.permissions` says, and whoever brings no
    name is a reader. Without, everyone may do everything: for tests.
    """

    def __init__(
        self, folder: Path, *, port: int, passwords: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self._passwords = passwords
        self.port = port
        self._monitor_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the server and return once it accepts work; raise BusUnavailableError otherwise."""
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "nats.conf"
        configuration.write_text(
            f'host: "{LOOPBACK}"\nport: {self.port}\nhttp: "{LOOPBACK}:{self._monitor_port}"\n'
            f'jetstream {{ store_dir: "{self.folder / "jetstream"}", max_file_store: 16G }}\n'
            + self._with_accounts()
        )
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own wheel's binary
                [_binary(), "-c", str(configuration)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        self._end(subprocess.Popen.kill)

    def stop(self) -> None:
        """Ask the server to end and wait for it."""
        self._end(subprocess.Popen.terminate)

    def _with_accounts(self) -> str:
        if self._passwords is None:
            return ""
        (self.folder / "accounts.conf").write_text(accounts())
        secret = self.folder / PASSWORDS_FILE
        secret.touch(mode=0o600)
        secret.write_text(password_lines(self._passwords))
        return f'include "accounts.conf"\nno_auth_user: {READER}\n'

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is None:
            return
        how(self._process)
        self._process.wait(timeout=20)
        self._process = None

    def _wait_until_ready(self) -> None:
        process = self._process
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while process and process.poll() is None and time.monotonic() < deadline:
            if self._healthy():
                return
            time.sleep(0.05)
        self.stop()
        log = (self.folder / "nats.log").read_text(errors="replace")[-500:]
        raise BusUnavailableError(f"nats-server did not start on port {self.port}: {log}")

    def _healthy(self) -> bool:
        try:
            url = f"http://{LOOPBACK}:{self._monitor_port}/healthz"
            with urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
        except (URLError, OSError):
            return False


def _binary() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "nats-server")

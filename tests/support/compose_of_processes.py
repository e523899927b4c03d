"""What backup.sh and restore.sh ask of Compose, done with servers that are processes.

`python -m tests.support.compose_of_processes COMMAND…`; where the servers are stands in the
environment: NATS_FOLDER (nats.conf and the streams), POSTGRES_BINARIES, PGHOST, PGPORT, PGPASSWORD.
"""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

_FOLDER = Path(os.environ["NATS_FOLDER"])
_PID_FILE = _FOLDER / "nats.pid"
_SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"


def main(arguments: list[str]) -> int:
    """Do one command; return its exit code."""
    match arguments:
        case ["stop", *_]:
            _stop()
        case ["up", *_, "postgres"] | ["run", "--rm", "volumes"]:
            pass
        case ["start", "nats"] | ["up", *_]:
            _start()
        case ["exec", "-T", "postgres", tool, *words]:
            return _run(f"{os.environ['POSTGRES_BINARIES']}/{tool}", *words)
        case ["run", "--rm", "migrate"]:
            return _run(sys.executable, "-m", "recorder", "migrate")
        case ["run", *options] if "--entrypoint" in options:
            tool, _, *words = options[options.index("--entrypoint") + 1 :]
            streams = str(_FOLDER / "jetstream")
            return _run(tool, *(word.replace("/volumes/nats", streams) for word in words))
        case unknown:
            sys.exit(f"no such command is known, was {unknown}")
    return 0


def _run(*words: str) -> int:
    return subprocess.run(words, check=False).returncode


def _start() -> None:
    command = [str(_SERVER), "-c", str(_FOLDER / "nats.conf"), "-P", str(_PID_FILE)]
    with (_FOLDER / "nats.log").open("ab") as log:
        subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _stop() -> None:
    with suppress(FileNotFoundError, ProcessLookupError):
        process = int(_PID_FILE.read_text())
        os.kill(process, signal.SIGTERM)
        while Path(f"/proc/{process}").exists():
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What backup.sh and restore.sh ask of Compose, done with servers that are processes.

`python -m tests.support.compose_of_processes COMMAND…`; where the servers are stands in the
environment: BROKERS_FOLDER (a `nats….conf` and a folder of streams for each broker),
POSTGRES_BINARIES, PGHOST, PGPORT, PGPASSWORD.
"""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

_FOLDER = Path(os.environ["BROKERS_FOLDER"])
_BROKERS = sorted(file.stem for file in _FOLDER.glob("nats*.conf"))
_SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"


def main(arguments: list[str]) -> int:
    """Do one command; return its exit code."""
    match arguments:
        case ["config", "--services"]:
            sys.stdout.write("".join(f"{name}\n" for name in ("api", *_BROKERS, "postgres")))
        case ["stop", *_]:
            _stop()
        case ["up", *_, "postgres"] | ["run", "--rm", "volumes"]:
            pass
        case ["start", *brokers] if brokers == _BROKERS:
            _start()
        case ["up", *_]:
            _start()
        case ["exec", "-T", "postgres", tool, *words]:
            return _run(f"{os.environ['POSTGRES_BINARIES']}/{tool}", *words)
        case ["cp", source, "-"]:
            broker, _, kept = source.partition(":/data/")
            return _run("tar", "-C", str(_FOLDER / broker), "-cf", "-", kept)
        case ["run", "--rm", "migrate"]:
            return _run(sys.executable, "-m", "recorder", "migrate")
        case ["run", *options] if "--entrypoint" in options:
            tool, _, *words = options[options.index("--entrypoint") + 1 :]
            return _run(tool, *(word.replace("/volumes", str(_FOLDER)) for word in words))
        case unknown:
            sys.exit(f"no such command is known, was {unknown}")
    return 0


def _run(*words: str) -> int:
    return subprocess.run(words, check=False).returncode


def _start() -> None:
    for broker in _BROKERS:
        place = _FOLDER / broker
        command = [str(_SERVER), "-c", f"{place}.conf", "-P", f"{place}.pid"]
        with place.with_suffix(".log").open("ab") as log:
            subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _stop() -> None:
    for broker in _BROKERS:
        with suppress(FileNotFoundError, ProcessLookupError):
            process = int((_FOLDER / f"{broker}.pid").read_text())
            os.kill(process, signal.SIGTERM)
            while Path(f"/proc/{process}").exists():
                time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

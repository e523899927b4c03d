"""What compose would run, run as processes: the same commands, environment and health checks.

Read from the compose file by the real Compose and from the Dockerfile. Only what a container has
for itself is put in its place: host names and ports become free ports on loopback, mounted files
the files they come from, and Postgres is the tests' own.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from standalone.adapters.ports import LOOPBACK, free_port
from standalone.adapters.readiness import wait_until_ready
from tests.support.processes import ROOT

_SCRIPTS = Path(sysconfig.get_path("scripts"))
COMPOSE = _SCRIPTS / "docker-compose"
DEMO = ("--env-file", "deploy/demo.env")
CLUSTER = ("--env-file", "deploy/cluster.env")

_DOCKERFILE = ROOT / "deploy" / "Dockerfile"
_OWN_PORTS = {
    "api": ("SCANNER_API__PORT", 8000),
    "dashboard": ("SCANNER_DASHBOARD__PORT", 8501),
    "exchange-sim": ("SCANNER_EXCHANGE_SIM__PORT", 8700),
}
_HEALTH = ("SCANNER_HEALTH__PORT", 9100)


def compose(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the real Compose in the repository's root, without the .env that may lie there."""
    if not COMPOSE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Compose is not installed at {COMPOSE}")
        pytest.skip("Compose comes as a wheel for Linux only")
    return subprocess.run(
        [COMPOSE, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "COMPOSE_DISABLE_ENV_FILE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def compose_model(*arguments: str, **environment: str) -> dict[str, Any]:
    """Return what Compose makes of the file."""
    finished = compose(*arguments, "config", "--format", "json", **environment)
    assert finished.returncode == 0, finished.stderr
    model: dict[str, Any] = json.loads(finished.stdout)
    return model


@dataclass(frozen=True, kw_only=True)
class Image:
    """What deploy/Dockerfile gives every container."""

    command: Sequence[str]
    health: Sequence[str]
    environment: Mapping[str, str]

    @classmethod
    def read(cls) -> "Image":
        """Read the last stage of the Dockerfile."""
        text = _DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ").rpartition("\nFROM ")[2]
        health = re.search(r"^HEALTHCHECK .*?CMD (\[.*\])$", text, re.MULTILINE)
        command = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
        variables = re.search(r"^ENV (.*)$", text, re.MULTILINE)
        assert health
        assert command
        assert variables
        return cls(
            command=json.loads(command[1]),
            health=json.loads(health[1]),
            environment=dict(pair.split("=", 1) for pair in variables[1].split()),
        )


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where on this machine that is which a container finds by its own names."""

    folder: Path
    texts: Mapping[str, str]
    """What stands in a container's settings, and what stands for it here."""

    def here(self, text: str) -> str:
        """Return a container's text with this machine's places in it."""
        for there, here in self.texts.items():
            text = text.replace(there, here)
        return text

    def port(self, container: str, inside: int) -> int:
        """Return what stands for a port of a container: the one others know it by, or any."""
        return int(self.texts.get(f"{container}:{inside}", free_address()).rpartition(":")[2])

    def secret(self, name: str) -> str:
        """Return a drawn password."""
        return Path(self.here(f"/run/secrets/{name}")).read_text(encoding="utf-8").strip()

    def log(self, name: str) -> Path:
        """Return where a process says what it says."""
        return self.folder / f"{name}.log"


def free_address() -> str:
    """Return a free place on loopback as `host:port`."""
    return f"{LOOPBACK}:{free_port()}"


@dataclass(frozen=True, kw_only=True)
class Composed:
    """One container as a process: command, environment and health check."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    health: Sequence[str]

    @contextmanager
    def running(self, places: Places) -> Iterator["subprocess.Popen[bytes]"]:
        """Run it while inside, and end it as Compose does."""
        with places.log(self.name).open("ab") as said:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def healthy(self) -> None:
        """Wait until the page its health check asks for is there, then run the check itself."""
        *_, port, page = self.health
        await wait_until_ready(f"http://{LOOPBACK}:{port}{page}", within_seconds=120)
        checked = await asyncio.create_subprocess_exec(
            *self.health, env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await checked.communicate()
        assert checked.returncode == 0, f"{self.name}: {said.decode()}"


def as_process(name: str, service: Mapping[str, Any], image: Image, places: Places) -> Composed:
    """Return how a container of one of our images runs here."""
    variables = {
        **image.environment,
        "SERVICE": service["build"]["args"]["SERVICE"],
        **service["environment"],
    }
    ports: dict[str, str] = {}
    for variable, inside in filter(None, (_HEALTH, _OWN_PORTS.get(name))):
        ports[str(inside)] = variables[variable] = str(places.port(name, inside))
    test = service.get("healthcheck", {}).get("test", ["CMD", *image.health])
    return Composed(
        name=name,
        command=service.get("command") or image.command,
        environment={
            **{key: places.here(value) for key, value in variables.items()},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        health=[places.here(ports.get(word, word)) for word in test[1:]],
    )


def broker(name: str, service: Mapping[str, Any], places: Places) -> Composed:
    """Return how a broker runs here: its mounted files and secrets laid out beside each other."""
    etc, monitor = places.folder / f"etc-{name}", free_port()
    etc.mkdir()
    mounted = {
        Path(mount["target"]): Path(mount["source"])
        for mount in service["volumes"]
        if mount["type"] == "bind"
    } | {
        Path(secret["target"]): Path(places.here(f"/run/secrets/{secret['source']}.conf"))
        for secret in service["secrets"]
    }
    for target, source in mounted.items():
        text = places.here(source.read_text(encoding="utf-8"))
        for there, here in (
            ("port: 4222", f"port: {places.port(name, 4222)}"),
            ("port: 6222", f"port: {places.port(name, 6222)}"),
            ("127.0.0.1:8222", f"{LOOPBACK}:{monitor}"),
            ("store_dir: /data", f"store_dir: {places.folder / name}"),
        ):
            text = text.replace(there, here)
        (etc / target.name).write_text(text, encoding="utf-8")
    *_, asked = service["healthcheck"]["test"]
    page = urlsplit(asked).path
    return Composed(
        name=name,
        command=[str(_SCRIPTS / "nats-server"), "-c", str(etc / Path(service["command"][1]).name)],
        environment=service["environment"],
        health=[sys.executable, str(ROOT / "deploy" / "ready.py"), str(monitor), page],
    )

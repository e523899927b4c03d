"""The containers of one Compose project on a real engine."""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.composed import COMPOSE
from tests.support.processes import ROOT


class ComposeFailedError(RuntimeError):
    """A command of the engine's did not do its work."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What a container holds, in bytes."""

    now: str
    """As the engine says it: in use of its limit, without files that could be let go."""
    peak: int
    """At its highest, file cache included."""
    anonymous: int
    """What cannot be let go."""
    files: int
    """The file cache, which the kernel lets go as soon as room is needed."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """The demo under a name, ports and volumes of its own."""

    environment: Mapping[str, str]
    settings: Sequence[str]
    files: Sequence[str]

    @property
    def compose(self) -> tuple[str, ...]:
        """The words every command of this project begins with."""
        given = [("--env-file", name) for name in self.settings]
        given += [("-f", name) for name in self.files]
        return (str(COMPOSE), *(word for pair in given for word in pair))

    async def __call__(self, *arguments: str, within: float = 900) -> str:
        """Run a Compose command; return what it says, raise when it fails."""
        return await self.run(*self.compose, *arguments, within=within)

    async def run(self, *command: str, within: float = 900) -> str:
        """Run any command in the project's environment."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(within):
            said, complained = await process.communicate()
        if process.returncode != 0:
            raise ComposeFailedError(f"{' '.join(command[-6:])}: {complained.decode()[-2000:]}")
        return said.decode()

    async def timed(self, *arguments: str) -> float:
        """Run a Compose command; return how many seconds it took."""
        began = time.monotonic()
        await self(*arguments)
        return time.monotonic() - began

    async def brokers(self) -> list[str]:
        """Return the names of the brokers."""
        told = await self("config", "--services")
        return sorted(name for name in told.split() if name.startswith("nats"))

    async def containers(self) -> list[dict[str, Any]]:
        """Return what Compose knows of every running container."""
        told = await self("ps", "--format", "json")
        return sorted((json.loads(line) for line in told.splitlines()), key=lambda one: one["Name"])

    async def memory(self, container: str) -> "Memory":
        """Return what a container holds; the kernel says it by its version of cgroups."""
        stats = ("stats", "--no-stream", "--format", "{{.MemUsage}}", container)
        now = await self.run("docker", *stats)
        script = (
            "cd /sys/fs/cgroup; [ -d memory ] && cd memory;"
            "cat memory.peak memory.max_usage_in_bytes 2>/dev/null; cat memory.stat"
        )
        told = await self.run("docker", "exec", container, "sh", "-c", script)
        peak, *pairs = told.splitlines()
        kept = {name: int(number) for name, number in (pair.split() for pair in pairs)}
        return Memory(
            now=now.strip(),
            peak=int(peak),
            anonymous=kept["total_rss"] if "total_rss" in kept else kept["anon"],
            files=kept["total_cache"] if "total_cache" in kept else kept["file"],
        )


def secret(name: str) -> str:
    """Return a password that `make secrets` has drawn."""
    return Path(ROOT / "deploy" / "secrets" / name).read_text(encoding="utf-8").strip()

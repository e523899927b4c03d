"""A service as a child process: started with an environment of its own, ended by its id."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class ServiceProcess:
    """One running service and what it has written so far."""

    process: asyncio.subprocess.Process
    _stderr: "asyncio.Task[bytes]"

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.process.kill()

    async def finished(self, *, within: float = 20) -> tuple[int, str]:
        """Return the exit code and everything written to stderr."""
        async with asyncio.timeout(within):
            code = await self.process.wait()
        return code, (await self._stderr).decode()


@asynccontextmanager
async def service(
    module: str, environment: Mapping[str, str] | None = None, *arguments: str
) -> AsyncIterator[ServiceProcess]:
    """Run `python -m module` while inside; what still runs afterwards is killed."""
    inherited = {name: value for name, value in os.environ.items() if name != "SCANNER_CONFIG"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        env={**inherited, **(environment or {})},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    running = ServiceProcess(process, asyncio.create_task(process.stderr.read()))
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await running._stderr

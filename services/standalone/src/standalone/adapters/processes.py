"""Child processes that are kept alive while the scanner runs and ended with it."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from common.errors import ScannerError
from standalone.core.programs import Program

_GRACE_SECONDS = 12.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_WRONG_SETTINGS = 2


class ProcessGroup:
    """Starts programs, starts again what dies, and ends them all when asked."""

    def __init__(
        self, logs: Path, *, say: Callable[[str], None], environment: Mapping[str, str]
    ) -> None:
        self._logs = logs
        self._environment = {**os.environ, **environment}
        self._say = say
        self._keepers: dict[str, tuple[Program, asyncio.Task[None]]] = {}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.refusals: dict[str, str] = {}
        """Programs that refused their settings, and why: starting them again would not help."""

    def pid(self, name: str) -> int | None:
        """Return the process id of a running program."""
        process = self._running.get(name)
        return process.pid if process and process.returncode is None else None

    def start(self, program: Program) -> None:
        """Keep `program` running from now on; its output goes to a log file of its own."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._keepers[program.name] = (program, asyncio.create_task(self._keep(program)))

    async def end(self, name: str) -> Program:
        """End one program for good and return it; what does not drain in time is killed."""
        program, keeper = self._keepers.pop(name)
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await self._end(name)
        return program

    async def stop(self) -> None:
        """End every program; each drains by itself."""
        await asyncio.gather(*(self.end(name) for name in list(self._keepers)))

    async def _keep(self, program: Program) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            started = asyncio.get_running_loop().time()
            process = await self._launch(program)
            code = await process.wait()
            log = self._logs / f"{program.name}.log"
            told = f"{program.name} ended with code {code}: {_last_line(log)}"
            if code == _WRONG_SETTINGS:
                self.refusals[program.name] = told
                return
            self._say(f"{told}; starting it again (log: {log})")
            lived = asyncio.get_running_loop().time() - started
            pause = _FIRST_PAUSE_SECONDS if lived > _LONGEST_PAUSE_SECONDS else pause * 2
            await asyncio.sleep(min(pause, _LONGEST_PAUSE_SECONDS))

    async def _launch(self, program: Program) -> asyncio.subprocess.Process:
        with (self._logs / f"{program.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._environment, **program.environment},
                start_new_session=True,
            )
        self._running[program.name] = process
        return process

    async def _end(self, name: str) -> None:
        process = self._running.get(name)
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            self._say(f"{name} did not end within {_GRACE_SECONDS:.0f} s and was killed")
            process.kill()
            await process.wait()


class ProgramFailedError(ScannerError):
    """A program that must do its work before the others did not: everything is ended again."""


async def run_once(program: Program, *, environment: Mapping[str, str]) -> None:
    """Run a program to its end; raise ProgramFailedError with its last words when it fails."""
    process = await asyncio.create_subprocess_exec(
        *program.arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment, **program.environment},
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ProgramFailedError(f"{program.name} failed: {lines[-1] if lines else 'no word'}")


async def run_attached(program: Program) -> int:
    """Run a program on this terminal, which interrupts it too; return its exit code."""
    process = await asyncio.create_subprocess_exec(
        *program.arguments, env={**os.environ, **program.environment}
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        raise


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"

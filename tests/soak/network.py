"""Cutting the network: the whole loopback of a namespace of our own, or one service's way.

Nothing is closed when a way is cut: both ends keep connections on which nothing arrives any more,
as when a cable is pulled.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from standalone.adapters.ports import LOOPBACK, free_port

INSIDE: Final = "SOAK_NETWORK_NAMESPACE"
_CHUNK: Final = 65_536


def enter_namespace(arguments: Sequence[str]) -> None:
    """Run this program again in a network namespace of its own, where the system allows it."""
    if in_namespace() or os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("ip")):
        return
    probe = subprocess.run(
        ["unshare", "--net", "ip", "link", "set", "lo", "up"], check=False, capture_output=True
    )
    if probe.returncode != 0:
        return
    again = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    os.execvpe(
        again[0],
        [*again, sys.executable, "-m", "tests.soak", *arguments],
        {**os.environ, INSIDE: "1"},
    )


def in_namespace() -> bool:
    """Whether this process has a network of its own, whose loopback it may cut."""
    return os.environ.get(INSIDE) == "1"


def set_loopback(state: str) -> None:
    """Bring the namespace's loopback `up` or `down`."""
    assert in_namespace(), "only the loopback of our own namespace may be cut"
    subprocess.run(["ip", "link", "set", "lo", state], check=True, capture_output=True)


class Relay:
    """One service's way to a port, which can be cut and mended."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    def cut(self) -> None:
        """Let nothing through from now on; connections stay open."""
        self._open.clear()

    def mend(self) -> None:
        """Let through what was held back, and what follows."""
        self._open.set()

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = asyncio.current_task()
        assert way is not None
        self._ways.add(way)
        try:
            await self._open.wait()
            onward = await asyncio.open_connection(LOOPBACK, self._target)
            await asyncio.gather(self._pass(reader, onward[1]), self._pass(onward[0], writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._ways.discard(way)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

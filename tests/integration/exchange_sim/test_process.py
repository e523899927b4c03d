"""The venue as a process: how it starts, how it ends, what it says when it cannot start."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.integration.exchange_sim.http import get, post


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def process(**settings: object) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SCANNER_")
    }
    for name, value in settings.items():
        environment[f"SCANNER_EXCHANGE_SIM__{name.upper()}"] = str(value)
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "exchange_sim",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_it_says_where_it_listens_and_ends_soon_after_sigterm() -> None:
    port = free_port()
    async with process(port=port, symbols=5) as venue:
        assert venue.stdout is not None
        line = (await venue.stdout.readline()).decode()
        assert line.startswith(f"simulated venue on http://127.0.0.1:{port}, venue time ")
        base_url = f"http://127.0.0.1:{port}"
        await post(base_url, "/sim/faults", [{"kind": "timeout"}])
        hanging = asyncio.create_task(get(base_url, "/fapi/v1/time"))
        await post(base_url, "/sim/faults", [])

        began = time.monotonic()
        venue.send_signal(signal.SIGTERM)
        assert await venue.wait() == 0
        assert time.monotonic() - began < 2.0
        await asyncio.wait([hanging])
        assert hanging.exception() is not None


async def test_a_port_in_use_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        async with process(port=port, symbols=5) as venue:
            _, said = await venue.communicate()

    assert venue.returncode == 1
    lines = said.decode().strip().splitlines()
    assert len(lines) == 1
    assert f"127.0.0.1:{port}" in lines[0]
    assert "address already in use" in lines[0]


async def test_a_wrong_setting_is_one_clear_sentence() -> None:
    async with process(symbols="no") as venue:
        _, said = await venue.communicate()

    assert venue.returncode == 1
    assert len(said.decode().strip().splitlines()) == 1
    assert "symbols" in said.decode()

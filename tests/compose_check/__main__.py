"""Tries the containers by hand: `make compose-check`, with an engine where DOCKER_HOST says.

Its arguments are the settings files, CLUSTER=1 adds the one of three brokers. OVERRIDE names one
more compose file (other base images, services to leave out); BUILD=no takes the images that are
there. Everything runs as a project of its own and is removed afterwards.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from pydantic import SecretStr

from common.bus.nats import NatsBus
from common.bus.permissions import OPERATOR
from common.domain import ScanCompleted
from common.sections import BusSettings
from standalone.adapters.ports import free_port
from standalone.core.programs import SERVICES
from tests.compose_check.engine import ComposeFailedError, Project, secret
from tests.support.eventually import eventually
from tests.support.processes import ROOT
from tests.support.scans import Scans

_MEBIBYTE = 1024**2
_CLUSTER = "deploy/cluster"
_OTHERS = ("postgres", "exchange-sim", *SERVICES)
"""What is restarted besides the brokers."""
_LONG = 300.0


async def main() -> int:
    """Run every check in order; return the exit code."""
    settings = sys.argv[1:]
    cluster = f"{_CLUSTER}.yml" if f"{_CLUSTER}.env" in settings else None
    project = Project(
        environment={
            "COMPOSE_PROJECT_NAME": "scanner-check",
            "COMPOSE_PROFILES": "demo",
            "NATS_PORT": str(free_port()),
            "API_PORT": str(free_port()),
            "DASHBOARD_PORT": str(free_port()),
            "JAEGER_PORT": str(free_port()),
            "SIM_SPEED": "1",
            "SCAN_DEADLINE_SECONDS": "280",
            "SIM_SYMBOLS": os.environ.get("SIM_SYMBOLS", "200"),
        },
        settings=settings,
        files=tuple(filter(None, ("compose.yaml", cluster, os.environ.get("OVERRIDE")))),
    )
    try:
        await _check(project)
    except (ComposeFailedError, AssertionError) as error:
        print(f"FAILED  {error}")
        print(await project("ps", "--all"))
        print(await project("logs", "--tail", "5"))
        return 1
    finally:
        await project("down", "--volumes", "--remove-orphans")
    return 0


async def _check(project: Project) -> None:
    await project.run("deploy/secrets.sh")
    if os.environ.get("BUILD") != "no":
        _say(f"build                 {await project.timed('build'):6.1f} s")
    began = time.monotonic()
    await project("up", "--detach", "--wait")
    _say(f"up until healthy      {time.monotonic() - began:6.1f} s")
    async with _scans(project) as scans:
        first = await scans.completed(within=_LONG)
        _say(f"up until first table  {time.monotonic() - began:6.1f} s   {_told(first)}")
        await _accounted(project, scans, first)
        await _faces_show(project, first)
        for name in (*await project.brokers(), *_OTHERS):
            await _restarted(project, scans, name)
        await _scaled(project, scans)
        await _tell_memory(project)
    await _kept(project)


async def _restarted(project: Project, scans: Scans, name: str) -> None:
    scan_id = await scans.in_flight()
    took = await project.timed("restart", name)
    await project("up", "--detach", "--wait")
    scan = await scans.completed(scan_id, within=_LONG)
    await _accounted(project, scans, scan)
    _say(f"restart {name:<13} {took:6.1f} s   {_told(scan)}")


async def _scaled(project: Project, scans: Scans) -> None:
    await project("up", "--detach", "--wait", "--scale", "indicators=2", "--scale", "signals=2")
    scan = await scans.completed((await scans.scan()).scan_id, within=_LONG)
    await _accounted(project, scans, scan)
    for service in ("indicators", "signals"):
        counts = [await _handled(project, service, index) for index in (1, 2)]
        assert all(counts), f"every replica of {service} must work, was {counts}"
        assert sum(counts) >= scan.universe
        _say(f"scale {service}=2   handled {counts[0]} + {counts[1]}   {_told(scan)}")
    await project("up", "--detach", "--wait", "--scale", "indicators=1", "--scale", "signals=1")


async def _handled(project: Project, service: str, replica: int) -> int:
    asked = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9100/metrics').read().decode())"
    told = await project("exec", "-T", "--index", str(replica), service, "python", "-c", asked)
    counts = [line for line in told.splitlines() if line.startswith("scanner_messages_handled")]
    return sum(int(float(line.rpartition(" ")[2])) for line in counts)


async def _kept(project: Project) -> None:
    before = await _rows(project)
    with tempfile.TemporaryDirectory() as kept:
        environment = {**os.environ, **project.environment, "COMPOSE": " ".join(project.compose)}
        backup = await asyncio.to_thread(_script, "backup.sh", kept, environment)
        sizes = await project.run("du", "--all", "--human-readable", kept)
        _say(f"backup                {backup:6.1f} s\n{sizes.strip()}")
        took = await project.timed("down") + await project.timed("up", "--detach", "--wait")
        assert await _rows(project) >= before > 0
        _say(f"down and up           {took:6.1f} s   {before} decisions are still there")
        await project("down", "--volumes")
        took = await asyncio.to_thread(_script, "restore.sh", kept, environment)
    assert await _rows(project) >= before
    async with _scans(project) as scans:
        restored = {one.scan_id for one in await scans.ended()}
        # The simulated venue has begun anew: closes that were scanned before come again.
        await scans.completed((await scans.scan(within=_LONG)).scan_id, within=_LONG)
        ended = await scans.ended()
        for scan in ended:
            await _accounted(project, scans, scan)
    new = ", ".join(one.scan_id for one in ended if one.scan_id not in restored)
    _say(f"restore               {took:6.1f} s   {before} decisions, {len(restored)} scans; {new}")


def _script(name: str, folder: str, environment: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "deploy" / name, folder],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    return time.monotonic() - began


async def _rows(project: Project, condition: str = "true") -> int:
    question = f"SELECT count(*) FROM decisions WHERE {condition}"
    told = await project(
        "exec", "-T", "postgres", "psql", "-U", "scanner", "-d", "scanner", "-Atc", question
    )
    return int(told)


async def _accounted(project: Project, scans: Scans, scan: ScanCompleted) -> None:
    assert not scan.failures, scan.failures
    told = Counter(decision.symbol for decision in await scans.decisions(scan.scan_id))
    assert told == Counter(scan.planned + scan.blocked + scan.no_setup + scan.no_data)

    async def recorded() -> bool:
        return await _rows(project, f"scan_id = '{scan.scan_id}'") == scan.universe

    await eventually(recorded, within=_LONG, saying="every decision in Postgres")


async def _faces_show(project: Project, scan: ScanCompleted) -> None:
    asked = ("run", "--rm", "--no-deps", "-T", "api", "python", "-m", "api", "keys", "create")
    key = (await project(*asked, "--name", "check")).strip()
    api = f"http://127.0.0.1:{project.environment['API_PORT']}"
    board = f"http://127.0.0.1:{project.environment['DASHBOARD_PORT']}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as client:
        async with client.get(f"{api}/v1/scans") as answer:
            assert answer.ok, await answer.text()
            assert scan.scan_id in await answer.text()
        async with client.get(board) as answer:
            assert answer.ok, await answer.text()
    _say(f"published ports       the API shows {scan.scan_id}, the dashboard its page")


async def _tell_memory(project: Project) -> None:
    for container in await project.containers():
        held = await project.memory(container["Name"])
        _say(
            f"memory {container['Service']:<14} {held.now}; own {held.anonymous // _MEBIBYTE}, "
            f"files {held.files // _MEBIBYTE}, at most {held.peak // _MEBIBYTE} MiB"
        )


@asynccontextmanager
async def _scans(project: Project) -> AsyncIterator[Scans]:
    bus = NatsBus(
        BusSettings(
            url=f"nats://127.0.0.1:{project.environment['NATS_PORT']}",
            user=OPERATOR,
            password=SecretStr(secret(f"nats-{OPERATOR}")),
        ),
        name="compose-check",
    )
    await bus.connect()
    try:
        yield Scans(bus=bus)
    finally:
        await bus.close()


def _told(scan: ScanCompleted) -> str:
    took = "later" if scan.duration_seconds is None else f"{scan.duration_seconds:.1f} s"
    return f"{scan.universe} contracts, {len(scan.failures)} failures, {took}"


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

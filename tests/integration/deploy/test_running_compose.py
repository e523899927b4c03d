"""What compose would run is what runs: every command, environment and health check as processes."""

import asyncio
import subprocess
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from common.bus import Start
from common.bus.nats import NatsBus
from common.bus.permissions import OPERATOR
from common.domain import ScanCompleted
from common.sections import BusSettings
from tests.support.composed import (
    DEMO,
    Image,
    Places,
    as_process,
    broker,
    compose_model,
    free_address,
)
from tests.support.eventually import eventually
from tests.support.processes import ROOT
from tests.support.servers import Database

pytestmark = [pytest.mark.connected, pytest.mark.e2e, pytest.mark.timeout(240)]

_SYMBOLS = 4


@pytest.fixture
def places(tmp_path: Path, postgres: Database) -> Places:
    secrets = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy" / "secrets.sh", secrets], check=True)
    owner = secrets / "postgres-owner"  # the tests' cluster has its owner already
    owner.unlink()
    owner.write_text(postgres.password)
    return Places(
        folder=tmp_path,
        texts={
            "/run/secrets/": f"{secrets}/",
            "/data/": f"{tmp_path}/",
            "/app/": f"{ROOT / 'deploy'}/",
            "@postgres:5432/scanner": f"@{postgres.url.partition('@')[2]}",
            "nats:4222": free_address(),
            "exchange-sim:8700": free_address(),
        },
    )


async def test_what_compose_runs_becomes_healthy_and_scans(places: Places) -> None:
    model = compose_model(*DEMO, SIM_SYMBOLS=str(_SYMBOLS), OTEL_EXPORTER_OTLP_ENDPOINT="")
    image = Image.read()
    ours = {
        name: as_process(name, service, image, places)
        for name, service in model["services"].items()
        if "build" in service
    }
    migration, nats = ours.pop("migrate"), broker("nats", model["services"]["nats"], places)

    with ExitStack() as processes:
        processes.enter_context(nats.running(places))
        await nats.healthy()
        with migration.running(places) as once:
            assert await asyncio.to_thread(once.wait, 60) == 0, places.log("migrate").read_text()
        for service in ours.values():
            processes.enter_context(service.running(places))
        await asyncio.gather(*(service.healthy() for service in ours.values()))
        scan = await _first_scan(places)
        await eventually(
            lambda: _recorded(places, scan) == scan.universe, saying="every decision in Postgres"
        )

    assert scan.universe == _SYMBOLS
    assert scan.simulated
    assert not scan.failures


async def _first_scan(places: Places) -> ScanCompleted:
    bus = NatsBus(
        BusSettings(
            url=places.here("nats://nats:4222"),
            user=OPERATOR,
            password=SecretStr(places.secret(f"nats-{OPERATOR}")),
        )
    )
    await bus.connect()
    try:
        return await asyncio.wait_for(_completed(bus), 90)
    finally:
        await bus.close()


async def _completed(bus: NatsBus) -> ScanCompleted:
    async for fact in bus.follow(ScanCompleted, start=Start.ALL):
        if isinstance(fact, ScanCompleted):
            return fact
    raise AssertionError("the bus ended before a scan did")


def _recorded(places: Places, scan: ScanCompleted) -> int:
    address = places.here("postgresql://reader@postgres:5432/scanner")
    with psycopg.connect(address, password=places.secret("postgres-reader")) as connection:
        found = connection.execute(
            "SELECT count(*) FROM decisions WHERE scan_id = %s", (scan.scan_id,)
        ).fetchone()
    return int(found[0]) if found else 0

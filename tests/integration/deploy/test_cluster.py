"""Three brokers as deploy/cluster.env runs them: one is killed in mid-scan and the scan goes on."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import fetcher.app
import indicators.app
import planner.app
import signals.app
from common.bus.nats import NatsBus
from common.bus.permissions import OPERATOR
from common.running import running
from common.runtime import Runtime, Service
from common.sections import BusSettings
from common.settings import SettingsSource
from common.streams import STREAMS
from tests.support.composed import CLUSTER, Places, broker, compose_model, free_address
from tests.support.processes import ROOT
from tests.support.scans import Scans
from tests.support.venue import RunningVenue, running_venue

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

_BROKERS = ("nats", "nats-2", "nats-3")
_PIPELINE = {
    "planner": planner.app.wire,
    "signals": signals.app.wire,
    "indicators": indicators.app.wire,
    "fetcher": fetcher.app.wire,
}
_SYMBOLS = 6


@pytest.fixture
def places(tmp_path: Path) -> Places:
    secrets = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy" / "secrets.sh", secrets], check=True)
    addresses = {f"{name}:{port}": free_address() for name in _BROKERS for port in (4222, 6222)}
    return Places(folder=tmp_path, texts={"/run/secrets/": f"{secrets}/", **addresses})


def _bus(places: Places, settings: Mapping[str, Any], user: str) -> NatsBus:
    return NatsBus(
        BusSettings(
            url=places.here(settings["SCANNER_BUS__URL"]),
            user=user,
            password=SecretStr(places.secret(f"nats-{user}")),
            replicas=int(settings["SCANNER_BUS__REPLICAS"]),
            storage="file",
        ),
        name=user,
    )


async def test_a_broker_of_three_is_killed_in_mid_scan_and_the_scan_goes_on(
    places: Places,
) -> None:
    services = compose_model(*CLUSTER)["services"]
    settings = services["planner"]["environment"]
    async with AsyncExitStack() as stack:
        processes = stack.enter_context(ExitStack())
        brokers = {name: broker(name, services[name], places) for name in _BROKERS}
        alive = {
            name: processes.enter_context(one.running(places)) for name, one in brokers.items()
        }
        await asyncio.gather(*(one.healthy() for one in brokers.values()))
        venue = await stack.enter_async_context(running_venue(symbols=_SYMBOLS))
        for name, wire in _PIPELINE.items():
            await stack.enter_async_context(
                _service(name, wire, venue, _bus(places, settings, name))
            )
        operator = _bus(places, settings, OPERATOR)
        await operator.connect()
        stack.push_async_callback(operator.close)
        scans = Scans(bus=operator)
        first = await scans.completed()
        kept = await _replicas(operator)

        scan_id = await scans.in_flight()
        alive[await _leader(operator, "CANDLES")].kill()
        second = await scans.completed(scan_id)

    assert kept == {stream.name: 3 for stream in STREAMS}
    assert first.universe == second.universe == _SYMBOLS
    assert not first.failures
    assert not second.failures


@asynccontextmanager
async def _service(
    name: str, wire: Callable[[Runtime], Service], venue: RunningVenue, bus: NatsBus
) -> AsyncIterator[None]:
    runtime = Runtime(
        name=name,
        instance="test",
        bus=bus,
        clock=venue.clock,
        settings=SettingsSource.load(
            {
                "SCANNER_CONFIG": str(ROOT / "config" / "scanner.toml"),
                "SCANNER_FETCHER__BASE_URL": venue.base_url,
            }
        ),
    )
    await bus.connect()
    try:
        async with running(runtime, wire(runtime)):
            yield
    finally:
        await bus.close()


async def _replicas(operator: NatsBus) -> dict[str, int]:
    return {
        stream.name: 1 + len((await _cluster_of(operator, stream.name))["replicas"])
        for stream in STREAMS
    }


async def _leader(operator: NatsBus, stream: str) -> str:
    return str((await _cluster_of(operator, stream))["leader"])


async def _cluster_of(operator: NatsBus, stream: str) -> dict[str, Any]:
    cluster: dict[str, Any] = (await operator._requests.api(f"STREAM.INFO.{stream}"))["cluster"]
    return cluster

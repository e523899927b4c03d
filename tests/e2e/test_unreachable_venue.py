from pathlib import Path

import aiohttp
import pytest

from standalone.adapters.ports import free_port, free_ports
from standalone.app import running
from standalone.core.programs import LOOPBACK, SERVICES, Market
from standalone.settings import StandaloneSettings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


async def test_the_scanner_runs_and_says_so_when_its_live_venue_cannot_be_reached(
    tmp_path: Path,
) -> None:
    settings = StandaloneSettings(
        folder=str(tmp_path),
        nats_port=free_port(),
        postgres_port=free_port(),
        api_port=free_port(),
        dashboard_port=free_port(),
        health_port=free_ports(len(SERVICES)),
        ready_within_seconds=120,
    )
    nowhere = {"SCANNER_FETCHER__BASE_URL": f"http://{LOOPBACK}:{free_port()}"}
    said: list[str] = []

    market = Market(venue="bybit", live=True)
    async with (
        running(settings, market, said.append, environment=nowhere) as scanner,
        aiohttp.ClientSession() as client,
        client.get(f"{scanner.dashboard_url}/_stcore/health") as answer,
    ):
        dashboard = answer.status

    (waits,) = [line for line in said if "WAITS" in line]
    assert "bybit cannot be reached: " in waits
    assert dashboard == 200
    assert any(line.startswith("dashboard") and "ready" in line for line in said)

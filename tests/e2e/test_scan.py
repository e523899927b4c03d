"""The promises of a scan, kept by the real processes over a real broker and a real database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from common.domain import RejectionKind, ScanCompleted
from tests.support.eventually import eventually
from tests.support.fragile_indicators import FATAL
from tests.support.real_data import real_data_folder
from tests.support.system import System, running_system, without_scan

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("system"),
    pytest.mark.asyncio(loop_scope="module"),
]


_EVERY_CONTRACT = {
    "SCANNER_UNIVERSE__MIN_AGE_DAYS": "0",
    "SCANNER_UNIVERSE__MIN_QUOTE_VOLUME": "0",
    "SCANNER_UNIVERSE__MAX_SPREAD_BPS": "1000",
}
"""The recorded market whole, young and thin contracts included."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """One scanner for all of these tests: each asks for scans of its own."""
    candles = real_data_folder() / "candles" / "binance"
    async with running_system(
        tmp_path_factory.mktemp("scanner"), candles=candles, environment=_EVERY_CONTRACT
    ) as running:
        yield running


async def _account_for(system: System, scan: ScanCompleted) -> None:
    """Check that stream and database hold exactly one decision for every contract of the scan."""
    decided = scan.planned + scan.blocked + scan.no_setup + scan.no_data
    told = Counter(decision.symbol for decision in await system.decisions(scan.scan_id))
    assert told == Counter(decided)

    async def recorded() -> bool:
        rows = await asyncio.to_thread(
            system.rows, "SELECT symbol FROM decisions WHERE scan_id = %s", scan.scan_id
        )
        return Counter(str(symbol) for (symbol,) in rows) == Counter(decided)

    await eventually(recorded, within=30, saying="every decision in Postgres, once")


async def test_a_scan_of_real_candles_accounts_for_its_whole_universe(system: System) -> None:
    scan = await system.completed()

    assert scan.universe > 0
    assert scan.simulated
    assert not scan.failures
    await _account_for(system, scan)


async def test_the_same_scan_forced_twice_decides_the_same_byte_for_byte(system: System) -> None:
    await system.completed()
    await system.stop_the_clock()

    scans = [await system.completed((await system.scan()).scan_id) for _ in range(2)]
    first, second = [
        {decision.symbol: without_scan(decision) for decision in await system.decisions(name)}
        for name in (scan.scan_id for scan in scans)
    ]

    assert scans[0].scan_id != scans[1].scan_id
    assert first == second
    assert len(first) == scans[0].universe


@pytest.mark.parametrize("service", ["indicators", "signals", "planner", "recorder", "fetcher"])
async def test_a_service_killed_in_mid_scan_loses_no_decision_and_doubles_none(
    system: System, service: str
) -> None:
    await system.completed()
    await system.stop_the_clock()
    started = await system.in_flight()

    system.kill(service)

    scan = await system.completed(started)
    assert not scan.failures
    await _account_for(system, scan)


async def test_a_broker_killed_in_mid_scan_loses_no_decision_and_doubles_none(
    system: System,
) -> None:
    await system.completed()
    await system.stop_the_clock()
    started = await system.in_flight()

    await asyncio.to_thread(system.scanner.nats.kill)
    await asyncio.to_thread(system.scanner.nats.start)

    scan = await system.completed(started)
    assert not scan.failures
    await _account_for(system, scan)


async def test_a_contract_with_too_little_history_is_rejected_for_that_reason(
    system: System,
) -> None:
    scan = await system.completed()

    rejected = [
        decision
        for decision in await system.decisions(scan.scan_id)
        if getattr(decision, "kind", None) is RejectionKind.NO_DATA
    ]

    assert {decision.symbol for decision in rejected} == set(scan.no_data)


async def test_a_message_that_kills_its_consumer_every_time_ends_as_a_named_failure(
    system: System,
) -> None:
    await system.completed()
    await system.stop_the_clock()
    # Five dead replicas in a row: the broker need not wait half a minute for each of them.
    await system.replace(
        "indicators", module="tests.support.fragile_indicators", SCANNER_BUS__ACK_WAIT_SECONDS="5"
    )

    scan = await system.completed((await system.scan()).scan_id, within=200)
    await system.replace("indicators", module="indicators")

    assert [failure.symbol for failure in scan.failures] == [FATAL]
    assert scan.failures[0].stage == "indicators"
    await _account_for(system, scan)

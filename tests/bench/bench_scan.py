"""What a whole scan costs: real processes, a real broker, a real database, a synthetic venue.

Prints the wall time from the first request to the last decision, each service's CPU per contract,
and its peak memory: once for the first fill (every window empty), once for a scan that extends
nothing (every window current).
"""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil

from common.domain import ScanCompleted
from tests.support.system import System, running_system

SYMBOLS = 300
_LISTED = 330
"""The synthetic venue also lists contracts the universe leaves out."""
_SERVICES = ("fetcher", "indicators", "signals", "planner", "recorder", "api", "dashboard")


def main() -> None:
    """Measure and print."""
    asyncio.run(_measure())


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running_system(
            Path(folder),
            symbols=_LISTED,
            speed=30,
            environment={
                "SCANNER_UNIVERSE__TOP": str(SYMBOLS),
                "SCANNER_UNIVERSE__MIN_QUOTE_VOLUME": "0",
                "SCANNER_UNIVERSE__MAX_SPREAD_BPS": "1000",
            },
        ) as system:
            idle = dict.fromkeys(_SERVICES, 0.0)
            _report("first fill", await system.completed(within=300), idle, system)
            before = _cpu(system)
            reply = await system.scan()
            _report("current windows", await system.completed(reply.scan_id), before, system)


def _report(name: str, scan: ScanCompleted, before: Mapping[str, float], system: System) -> None:
    decided = scan.universe - len(scan.failures)
    print(
        f"{name}: {scan.universe} contracts × 3 timeframes, {decided} decisions, "
        f"{len(scan.failures)} failures: {scan.duration_seconds or 0:.1f} s "
        "from the first request to the last decision"
    )
    after = _cpu(system)
    for service in _SERVICES:
        cpu = (after[service] - before[service]) / max(scan.universe, 1) * 1000
        print(f"  {service:<12}{cpu:8.2f} ms CPU a contract{_peak(system, service):8.0f} MiB peak")


def _cpu(system: System) -> dict[str, float]:
    return {name: sum(_process(system, name).cpu_times()[:2]) for name in _SERVICES}


def _peak(system: System, name: str) -> float:
    status = Path(f"/proc/{_process(system, name).pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _process(system: System, name: str) -> psutil.Process:
    pid = system.scanner.processes.pid(name)
    assert pid is not None, f"{name} does not run"
    return psutil.Process(pid)


if __name__ == "__main__":
    main()

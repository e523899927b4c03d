"""What every process uses and what waits on the bus, scan by scan, and whether it grows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import psutil

from common.streams import STREAMS
from standalone.core.programs import SERVICES
from tests.soak.rig import Rig

_MEGABYTE: Final = 1e6


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How things were once a scan had completed."""

    scan: int
    as_of: str
    wall_seconds: float
    """Since the run began."""
    scan_seconds: float | None
    waiting: int
    """Messages that no consumer has acknowledged."""
    rss_mb: dict[str, float]


async def sample(rig: Rig, *, scan: int, as_of: str, began: float, took: float | None) -> Sample:
    """Measure."""
    processes = rig.system.scanner.processes
    pids = {name: processes.pid(name) for name in (*SERVICES, "exchange-sim")}
    pids["nats-server"] = rig.system.scanner.nats.pid
    return Sample(
        scan=scan,
        as_of=as_of,
        wall_seconds=time.monotonic() - began,
        scan_seconds=took,
        waiting=await waiting(rig),
        rss_mb={name: _rss(pid) for name, pid in pids.items() if pid is not None},
    )


async def waiting(rig: Rig) -> int:
    """Return how many messages no durable consumer has acknowledged, all streams together."""
    total = 0
    for stream in STREAMS:
        for consumer in (await rig.api(f"CONSUMER.LIST.{stream.name}"))["consumers"]:
            if consumer["config"].get("durable_name"):
                total += int(consumer["num_pending"]) + int(consumer["num_ack_pending"])
    return total


def slope(values: Sequence[float]) -> float:
    """Return the Theil–Sen slope: the median of the slopes between any two values."""
    slopes = [
        (later - earlier) / (j - i)
        for i, earlier in enumerate(values)
        for j, later in enumerate(values[i + 1 :], start=i + 1)
    ]
    return median(slopes) if slopes else 0.0


def growth(samples: Sequence[Sample], service: str) -> float:
    """Return by how many MB a service grew over these samples, as its slope says."""
    values = [one.rss_mb[service] for one in samples if service in one.rss_mb]
    return slope(values) * max(len(values) - 1, 0)


def _rss(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss / _MEGABYTE)
    except psutil.NoSuchProcess:
        return 0.0

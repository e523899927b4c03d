"""What every process uses and what waits on the bus, scan by scan, and whether it grows."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import psutil

from common.streams import STREAMS
from standalone.core.programs import SERVICES
from tests.soak.rig import Rig
from tests.support.eventually import eventually

_MEGABYTE: Final = 1e6
_PATIENCE: Final = 180.0
_FEW: Final = 50.0
_SWAYING: Final = 0.25
"""Of the median: how many plans are open, and so how many candles follow them, goes up and down."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How things were once a scan had completed."""

    scan: int
    as_of: str
    wall_seconds: float
    """Since the run began."""
    scan_seconds: float | None
    waiting: int
    """Messages that no consumer had acknowledged when the scan completed."""
    drained_seconds: float | None
    """Wall seconds until none was left; None where time does not wait for them."""
    rss_mb: dict[str, float]


async def sample(
    rig: Rig, *, scan: int, as_of: str, began: float, took: float | None, drain: bool
) -> Sample:
    """Measure; `drain` waits for what the hours before the scan have left on the bus."""
    left = await waiting(rig)
    drained = await _drained(rig) if drain else None
    processes = rig.system.scanner.processes
    pids = {name: processes.pid(name) for name in (*SERVICES, "exchange-sim")}
    pids["nats-server"] = rig.system.scanner.nats.pid
    return Sample(
        scan=scan,
        as_of=as_of,
        wall_seconds=time.monotonic() - began,
        scan_seconds=took,
        waiting=left,
        drained_seconds=drained,
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


async def quiet(rig: Rig) -> bool:
    """Whether nothing waits on the bus, asked gently."""
    await asyncio.sleep(0.2)
    return await waiting(rig) == 0


async def _drained(rig: Rig) -> float:
    began = time.monotonic()
    await eventually(lambda: quiet(rig), within=_PATIENCE, saying="nothing waits on the bus")
    return time.monotonic() - began


def leaks(samples: Sequence[Sample], bound_mb: float) -> Iterator[str]:
    """Tell whose memory grew by more than is allowed."""
    for service in SERVICES:
        grown = growth(samples, service)
        if grown > bound_mb:
            yield f"{service} grew by {grown:.1f} MB, {bound_mb} is allowed"


def lags(samples: Sequence[Sample], within_seconds: float) -> Iterator[str]:
    """Tell which scans left more than could be worked off in time, and whether it gets more."""
    for one in samples:
        if one.drained_seconds is not None and one.drained_seconds > within_seconds:
            yield (
                f"scan {one.scan} left {one.waiting} messages that took "
                f"{one.drained_seconds:.0f} s, {within_seconds:.0f} are allowed"
            )
    left = [float(one.waiting) for one in samples]
    more = slope(left) * max(len(left) - 1, 0)
    allowed = max(_FEW, _SWAYING * median(left)) if left else 0.0
    if more > allowed:
        yield f"{more:.0f} more messages wait at the end than at first, {allowed:.0f} are allowed"


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

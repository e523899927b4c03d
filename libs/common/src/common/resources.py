"""What this process used: CPU, memory, files, and how late its event loop ran."""

import asyncio
import time
from typing import Final

import psutil

from common.clock import SystemClock
from common.domain import ResourceUsage
from common.metrics import ProcessState

_SAMPLE_SECONDS: Final = 0.5


class ResourceMeter:
    """Measure between two reports; peaks are sampled twice a second."""

    def __init__(self, *, service: str, instance: str) -> None:
        self._service = service
        self._instance = instance
        self._process = psutil.Process()
        self._lag = 0.0
        self._peak = 0
        self._begin()

    async def sample(self) -> None:
        """Watch memory and the event loop's lag until cancelled."""
        while True:
            asked = time.monotonic()
            await asyncio.sleep(_SAMPLE_SECONDS)
            self._lag = max(self._lag, time.monotonic() - asked - _SAMPLE_SECONDS)
            self._peak = max(self._peak, self._process.memory_info().rss)

    def state(self) -> ProcessState:
        """Return how the process is now, its lag since the last report."""
        return ProcessState(
            cpu_seconds=self._cpu_seconds(),
            rss_bytes=self._process.memory_info().rss,
            open_files=self._open_files(),
            event_loop_lag_seconds=self._lag,
        )

    def report(
        self, *, scan_id: str | None = None, pending_messages: int | None = None
    ) -> ResourceUsage:
        """Return what was used since the last report, and begin again."""
        window = time.monotonic() - self._began
        cpu = max(0.0, self._cpu_seconds() - self._cpu)
        usage = ResourceUsage(
            service=self._service,
            instance=self._instance,
            at=SystemClock().now(),
            scan_id=scan_id,
            window_seconds=window,
            cpu_seconds=cpu,
            core_equivalents=cpu / window if window > 0 else 0.0,
            rss_peak_bytes=max(self._peak, self._process.memory_info().rss),
            open_files=self._open_files(),
            event_loop_lag_seconds=self._lag,
            pending_messages=pending_messages,
        )
        self._begin()
        return usage

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._cpu = self._cpu_seconds()
        self._peak = self._process.memory_info().rss
        self._lag = 0.0

    def _open_files(self) -> int | None:
        return self._process.num_fds() if hasattr(self._process, "num_fds") else None

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

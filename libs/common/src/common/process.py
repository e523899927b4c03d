"""A service's process: settings, logs, tracing, the bus, signals and exit codes.

It ends with 0 when told to stop, with 1 and one sentence when it cannot go on, with 2 and one
sentence when its settings are wrong.
"""

import asyncio
import importlib.metadata
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from common import exporting, logs
from common.bus.nats import NatsBus
from common.clock import Clock, SimulatedClock, SystemClock
from common.errors import BusUnavailableError, ScannerError, SettingsError
from common.health import HealthServer
from common.running import Running
from common.runtime import Runtime, Service
from common.sections import BusSettings, ClockSettings, HealthSettings, TelemetrySettings
from common.settings import SettingsSource
from common.venue_clock import VenueClockFollower, unread_clock

Wire = Callable[[Runtime], Service]

_LOGGER: Final = logging.getLogger(__name__)
_CONNECT_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_CLOSE_SECONDS: Final = 1.5


def main(name: str, wire: Wire) -> None:
    """Run the service `wire` builds until SIGTERM or SIGINT; every `__main__` calls this."""
    if "--version" in sys.argv[1:]:
        sys.stdout.write(f"{name} {importlib.metadata.version('scanner-common')}\n")
        return
    environment = dict(os.environ)
    instance = f"{socket.gethostname()}-{os.getpid()}"
    try:
        settings = SettingsSource.load(environment)
        logs.configure(settings.read(TelemetrySettings), service=name, instance=instance)
        end_tracing = exporting.configure(environment, service=name, instance=instance)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            code = runner.run(_Process(name, instance, settings).run(wire))
        end_tracing()
    except SettingsError as error:
        sys.stderr.write(f"{name}: {error}\n")
        code = 2
    sys.exit(code)


class _Process:
    def __init__(self, name: str, instance: str, settings: SettingsSource) -> None:
        self._name = name
        self._instance = instance
        self._settings = settings
        self._bus_settings = settings.read(BusSettings)
        self._trouble = "starting"
        self._running: Running | None = None
        self._stop = asyncio.Event()

    async def run(self, wire: Wire) -> int:
        bus = NatsBus(self._bus_settings, name=f"{self._name} {self._instance}")
        clock, follower = self._clock()
        runtime = Runtime(
            name=self._name,
            instance=self._instance,
            bus=bus,
            clock=clock,
            settings=self._settings,
        )
        service = wire(runtime)
        if follower is not None:
            service = _on_venue_time(service, follower)
        health = HealthServer(
            self._settings.read(HealthSettings),
            service=self._name,
            trouble=self._why_not_ready,
            metrics=self._metrics,
        )
        _LOGGER.info("settings %s", json.dumps(self._settings.describe(), default=str))
        await health.start()
        self._listen_to_signals()
        try:
            await self._until_stopped(runtime, bus, service)
        except SettingsError:
            raise
        except ScannerError as error:
            _LOGGER.error("%s cannot go on: %s", self._name, error)  # noqa: TRY400 - one sentence
            return 1
        except Exception:
            _LOGGER.exception("%s failed", self._name)
            return 1
        else:
            _LOGGER.info("%s has ended", self._name)
            return 0
        finally:
            await health.stop()
            await self._close(bus)

    async def _until_stopped(self, runtime: Runtime, bus: NatsBus, service: Service) -> None:
        stopped = asyncio.ensure_future(self._stop.wait())
        connecting = asyncio.ensure_future(self._connect(bus))
        waited: set[asyncio.Future[Any]] = {stopped, connecting}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not connecting.done():
            connecting.cancel()
            await asyncio.wait({connecting})
            return
        await connecting
        self._running = Running(runtime, service)
        await self._running.until(self._stop)

    async def _connect(self, bus: NatsBus) -> None:
        began, attempt = time.monotonic(), 0
        while True:
            try:
                await bus.connect()
            except BusUnavailableError as error:
                self._trouble = str(error)
                _LOGGER.warning("%s waits: %s", self._name, error)
                patience = self._bus_settings.give_up_seconds
                if patience and time.monotonic() - began >= patience:
                    raise
            else:
                return
            await asyncio.sleep(_CONNECT_SECONDS[min(attempt, len(_CONNECT_SECONDS) - 1)])
            attempt += 1

    async def _why_not_ready(self) -> str | None:
        return self._trouble if self._running is None else await self._running.trouble()

    async def _metrics(self) -> str:
        return "" if self._running is None else await self._running.metrics()

    def _clock(self) -> tuple[Clock, VenueClockFollower | None]:
        url = self._settings.read(ClockSettings).url
        if not url:
            return SystemClock(), None
        clock: SimulatedClock = unread_clock()
        return clock, VenueClockFollower(url, clock)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)

    async def _close(self, bus: NatsBus) -> None:
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await bus.close()
        except TimeoutError:
            _LOGGER.warning("%s leaves the bus without a farewell", self._name)


def _on_venue_time(service: Service, follower: VenueClockFollower) -> Service:
    async def start() -> None:
        await follower.read()
        if service.start is not None:
            await service.start()

    return replace(service, start=start, tasks=(follower.follow, *service.tasks))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - it does not exist on Windows

    return uvloop.new_event_loop

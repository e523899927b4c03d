"""What can go wrong, each as a context: broken when entered, mended when left."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Final

from standalone.core.programs import SERVICES
from tests.soak import network
from tests.soak.network import Relay
from tests.soak.poison import plant
from tests.soak.rig import Rig

Fault = Callable[[Rig], AbstractAsyncContextManager[str]]
"""Yields what exactly it broke."""

_BROKER_STREAMS: Final = ("CANDLES", "FRAMES", "SIGNALS", "DECISIONS", "SCANS")
_LEFT_FREE: Final = 64 * 1024


@asynccontextmanager
async def service_killed(rig: Rig) -> AsyncIterator[str]:
    """Kill a service; its keeper starts it again."""
    name = rig.random.choice(SERVICES)
    yield name if rig.signal(name, signal.SIGKILL) else f"{name}, which was just starting again"


@asynccontextmanager
async def every_service_killed(rig: Rig) -> AsyncIterator[str]:
    """Kill every service, one after another in any order; their keepers start them again."""
    order = rig.random.sample(SERVICES, len(SERVICES))
    for name in order:
        rig.signal(name, signal.SIGKILL)
        await rig.wait(0.0, 1.5)
    yield ", ".join(order)


@asynccontextmanager
async def venue_killed(rig: Rig) -> AsyncIterator[str]:
    """Kill the simulated venue; its clock goes on from its file."""
    rig.signal("exchange-sim", signal.SIGKILL)
    yield "exchange-sim"


@asynccontextmanager
async def service_stopped(rig: Rig) -> AsyncIterator[str]:
    """Freeze a service: it holds its messages and takes none, as slow as a consumer can be."""
    name = rig.random.choice(SERVICES)
    rig.signal(name, signal.SIGSTOP)
    try:
        yield name
    finally:
        rig.signal(name, signal.SIGCONT)


@asynccontextmanager
async def broker_killed(rig: Rig) -> AsyncIterator[str]:
    """Kill the broker; start it again."""
    await asyncio.to_thread(rig.system.scanner.nats.kill)
    try:
        yield "nats-server"
    finally:
        await asyncio.to_thread(rig.system.scanner.nats.start)


@asynccontextmanager
async def postgres_away(rig: Rig) -> AsyncIterator[str]:
    """Take Postgres away."""
    postgres = rig.system.scanner.postgres
    await asyncio.to_thread(rig.random.choice([postgres.stop, postgres.kill]))
    try:
        yield "postgres"
    finally:
        await asyncio.to_thread(postgres.start)


@asynccontextmanager
async def stream_full(rig: Rig) -> AsyncIterator[str]:
    """Leave a stream no room, so that it refuses what is published."""
    name = rig.random.choice(_BROKER_STREAMS)
    found = await rig.api(f"STREAM.INFO.{name}")
    configuration, used = found["config"], int(found["state"]["bytes"])
    # Never below what it holds: the broker would drop what nobody has read yet.
    await rig.api(f"STREAM.UPDATE.{name}", **{**configuration, "max_bytes": used + 1})
    try:
        yield f"{name} at {used} bytes"
    finally:
        await rig.api(f"STREAM.UPDATE.{name}", **configuration)


@asynccontextmanager
async def disk_full(rig: Rig) -> AsyncIterator[str]:
    """Fill the disk the streams lie on; once there is room, restart the broker as one must."""
    if rig.disk is None:
        yield "skipped: no small disk without root"
        return
    filler = rig.disk / "filler"
    written = await asyncio.to_thread(_fill, str(filler))
    try:
        yield f"{written} bytes of something else"
    finally:
        filler.unlink()
        await asyncio.to_thread(rig.system.scanner.nats.stop)
        await asyncio.to_thread(rig.system.scanner.nats.start)


def _fill(path: str) -> int:
    block, written = bytes(_LEFT_FREE), 0
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - unbuffered
        while True:
            try:
                done = file.write(block)
            except OSError:
                return written
            written += done
            if done < len(block):
                return written


@asynccontextmanager
async def poison(rig: Rig) -> AsyncIterator[str]:
    """Plant a message nobody can read."""
    yield await plant(rig)


@asynccontextmanager
async def clock_forwards(rig: Rig) -> AsyncIterator[str]:
    """Let the venue's clock jump forwards, over closes that nobody will scan."""
    by = timedelta(hours=rig.random.choice([5, 9, 13]))
    await rig.lockstep.jump(by)
    yield f"by {by}"


@asynccontextmanager
async def clock_backwards(rig: Rig) -> AsyncIterator[str]:
    """Let the venue's clock jump back, within the last close or before it."""
    by = timedelta(minutes=rig.random.choice([20, 90, 270]))
    await rig.lockstep.jump(-by)
    yield f"by {by}"


@asynccontextmanager
async def network_cut(rig: Rig) -> AsyncIterator[str]:
    """Cut everyone from everyone: broker, Postgres, venue and services."""
    if not rig.network_namespace:
        yield "skipped: no network namespace without root"
        return
    network.set_loopback("down")
    try:
        yield "the loopback of the namespace"
    finally:
        network.set_loopback("up")


@asynccontextmanager
async def service_cut_off(rig: Rig) -> AsyncIterator[str]:
    """Cut one service from the broker."""
    name = rig.random.choice(SERVICES)
    relay = await _relay(rig, name)
    relay.cut()
    try:
        yield name
    finally:
        relay.mend()


async def _relay(rig: Rig, service: str) -> Relay:
    relay = rig.relays.get(service)
    if relay is None:
        relay = rig.relays[service] = Relay(rig.system.scanner.nats.port)
        await relay.start()
        await rig.system.replace(
            service,
            module=service.replace("-", "_"),
            SCANNER_BUS__URL=f"nats://127.0.0.1:{relay.port}",
        )
    return relay


FAULTS: Final[dict[str, Fault]] = {
    "service killed": service_killed,
    "every service killed": every_service_killed,
    "service stopped": service_stopped,
    "venue killed": venue_killed,
    "broker killed": broker_killed,
    "Postgres away": postgres_away,
    "stream full": stream_full,
    "disk full": disk_full,
    "poison": poison,
    "clock forwards": clock_forwards,
    "clock backwards": clock_backwards,
    "network cut": network_cut,
    "service cut off": service_cut_off,
}
LASTING: Final = {"stream full": 20.0, "disk full": 6.0}
"""Wall seconds for which some faults may last; the others are over within three."""
SPANNING: Final = frozenset({"Postgres away"})
"""Faults that last over whole closes, so simulated hours."""

"""One run of a profile: lockstep from close to close, faults on the way, the books at the end."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from common.domain import ScanCompleted
from tests.soak import candles, evidence, measuring, network
from tests.soak.faults import FAULTS, LASTING, SPANNING
from tests.soak.invariants import breaches
from tests.soak.lockstep import Lockstep
from tests.soak.profiles import Profile
from tests.soak.rig import Rig
from tests.support.eventually import eventually
from tests.support.system import running_system

_EVERY_CONTRACT: Final = {
    "SCANNER_UNIVERSE__MIN_AGE_DAYS": "0",
    "SCANNER_UNIVERSE__MIN_QUOTE_VOLUME": "0",
    "SCANNER_UNIVERSE__MAX_SPREAD_BPS": "1000",
}
_FORGETFUL: Final = ("CANDLES", "FRAMES", "MARKET")
_BETWEEN_CLOSES: Final = frozenset(
    {"service killed", "every service killed", "service stopped"}
    | {"broker killed", "stream full", "service cut off"}
)
"""Faults during which time may pass from close to close."""
_VENUE_FAULTS: Final = (
    "status", "code", "html", "truncated", "null_rows", "latency", "reset",
    "duplicated", "missing", "late", "unordered",
)  # fmt: skip
"""What a venue does wrong and can be seen to do wrong; a plausible lie is nobody's to find."""
_REST_SECONDS: Final = 65.0
"""A venue that failed is left alone for a minute of wall time, in which days would pass here."""


@dataclass
class Outcome:
    """How a run went."""

    profile: Profile
    seed: int
    breaches: list[str]
    samples: list[measuring.Sample]
    broken: list[str] = field(default_factory=list)
    """Every fault, in words."""
    decisions: int = 0
    wall_seconds: float = 0.0


async def run(
    profile: Profile,
    *,
    seed: int,
    folder: Path,
    say: Callable[[str], None],
    disk: Path | None = None,
) -> Outcome:
    """Run a profile and judge what is left; the same seed breaks the same things."""
    began, dice = time.monotonic(), random.Random(seed)
    say(f"profile {profile.name}, seed {seed}")
    async with running_system(
        folder, symbols=profile.symbols, speed=30, environment=_EVERY_CONTRACT
    ) as system:
        lockstep = Lockstep(system)
        rig = Rig(
            system=system,
            lockstep=lockstep,
            random=dice,
            say=say,
            network_namespace=network.in_namespace(),
            disk=disk,
        )
        course = _Course(profile, rig, seed=seed, began=began)
        async with lockstep.listening():
            await course.run()
        found = await _judge(course)
        for relay in rig.relays.values():
            await relay.stop()
        return Outcome(
            profile=profile,
            seed=seed,
            breaches=found,
            samples=course.samples,
            broken=course.broken,
            decisions=sum(scan.universe for scan in lockstep.completed.values()),
            wall_seconds=time.monotonic() - began,
        )


class _Course:
    def __init__(self, profile: Profile, rig: Rig, *, seed: int, began: float) -> None:
        self.profile = profile
        self.rig = rig
        self.samples: list[measuring.Sample] = []
        self.broken: list[str] = []
        self.ends: list[dict[str, int]] = []
        self._seed = seed
        self._began = began
        self._kinds = _drawn(rig.random, profile.faults)
        self._calm = False

    async def run(self) -> None:
        await self.rig.system.completed(within=300)
        number = 1
        while number < self.profile.scans:
            await self._venue_faults(number)
            number += await self._step(number)
            if self.profile.forgets_after:
                await self._forget()

    async def _step(self, number: int) -> int:
        lockstep, kind = self.rig.lockstep, self._kind(number)
        if kind is None:
            await self._sampled(number, await lockstep.scanned(await lockstep.travel()))
            return 1
        early = kind in _BETWEEN_CLOSES and self.rig.random.random() < 0.3
        async with AsyncExitStack() as broken:
            if early:
                await self._break(kind, broken)
            close = await lockstep.travel()
            if not early:
                await lockstep.scanning(close)
                await self.rig.wait(0.0, 0.05 * self.profile.symbols)
                await self._break(kind, broken)
            if kind not in SPANNING:
                await self.rig.wait(0.2, LASTING.get(kind, 3.0))
                await broken.aclose()
            scan = await lockstep.scanned(close)
            steps = 1
            if kind in SPANNING:
                await lockstep.scanned(await lockstep.travel())
                steps = 2
        await self._sampled(number, scan)
        return steps

    async def _break(self, kind: str, broken: AsyncExitStack) -> None:
        what = await broken.enter_async_context(FAULTS[kind](self.rig))
        self.broken.append(f"{kind}: {what}")
        self.rig.say(f"  {kind}: {what}")

    def _kind(self, number: int) -> str | None:
        faulty = self.profile.faults_from <= number < self.profile.faults_until
        return next(self._kinds) if faulty else None

    async def _sampled(self, number: int, scan: ScanCompleted) -> None:
        one = await measuring.sample(
            self.rig,
            scan=number,
            as_of=scan.as_of.isoformat(),
            began=self._began,
            took=scan.duration_seconds,
            # Venue time that outran what the hours before have brought would be no market's.
            drain=not self.profile.faults,
        )
        self.samples.append(one)
        failures = f", {len(scan.failures)} failures" if scan.failures else ""
        drained = "" if one.drained_seconds is None else f" for {one.drained_seconds:.1f} s"
        self.rig.say(
            f"{number:>4}  {scan.as_of:%Y-%m-%d %H:%M}  {scan.universe} contracts{failures}, "
            f"{one.waiting} waiting{drained}, {one.wall_seconds:.0f} s"
        )

    async def _venue_faults(self, number: int) -> None:
        profile = self.profile
        if not profile.faults or self._calm:
            return
        url = f"{self.rig.system.venue_url}/sim/faults/plan"
        odds = {"seed": self._seed, "rate": profile.venue_faults, "kinds": _VENUE_FAULTS}
        async with aiohttp.ClientSession() as client:
            if profile.venue_faults and number == profile.faults_from:
                await client.post(url, json=odds)
            elif number >= profile.faults_until:
                self._calm = True
                await self.rig.lockstep.now()  # the venue may be what was killed last
                await client.delete(url)
                await self.rig.wait(_REST_SECONDS, _REST_SECONDS)

    # Streams forget by wall time, two days or one; a simulated month passes in an hour, so they
    # are made to forget by venue time. What a consumer has not acknowledged stays.
    async def _forget(self) -> None:
        now: dict[str, int] = {}
        for name in _FORGETFUL:
            state = (await self.rig.api(f"STREAM.INFO.{name}"))["state"]
            now[name] = int(state["last_seq"])
        self.ends.append(now)
        if len(self.ends) <= self.profile.forgets_after:
            return
        old = self.ends.pop(0)
        for name in _FORGETFUL:
            known = (await self.rig.api(f"CONSUMER.LIST.{name}"))["consumers"]
            floors = [
                int(one["ack_floor"]["stream_seq"])
                for one in known
                if one["config"].get("durable_name")
            ]
            await self.rig.api(f"STREAM.PURGE.{name}", seq=min([old[name], *floors]) + 1)


async def _judge(course: _Course) -> list[str]:
    rig, profile = course.rig, course.profile
    until = await rig.lockstep.now()
    await rig.system.set_clock(speed=0)
    problems: list[str] = []
    try:
        await eventually(
            lambda: measuring.quiet(rig), within=180, saying="nothing waits on the bus"
        )
    except AssertionError as error:
        problems.append(f"{error}: {await measuring.waiting(rig)} messages wait")
    forgotten = frozenset(_FORGETFUL) if profile.forgets_after else frozenset()
    await rig.system.scanner.processes.end("fetcher")
    books = await evidence.gather(rig.system, forgotten=forgotten, poison=frozenset(rig.poison))
    problems += breaches(books)
    if profile.bound_mb:
        counted = course.samples[profile.warm_up :]
        problems += measuring.leaks(counted, profile.bound_mb)
        problems += measuring.lags(counted, profile.drains_within)
    symbols = sorted(max(rig.lockstep.started.values(), key=lambda one: one.as_of).symbols)
    problems += await candles.differences(rig.system, symbols[: profile.candles], until)
    return problems


def _drawn(dice: random.Random, kinds: tuple[str, ...]) -> Iterator[str]:
    while kinds:
        yield from dice.sample(kinds, len(kinds))

"""Builds the scanner out of processes: servers first, then the venue, then every service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from common.bus.nats import NatsBus
from common.bus.permissions import OPERATOR, USERS
from common.domain import ScanCompleted
from common.errors import ScannerError
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.passwords import Passwords
from standalone.adapters.ports import require_free
from standalone.adapters.postgres_server import PostgresServer
from standalone.adapters.processes import ProcessGroup, run_attached, run_once
from standalone.adapters.readiness import Readiness, wait_until_ready
from standalone.core.credentials import LOGIN_ROLES, credentials, owner
from standalone.core.programs import (
    LOOPBACK,
    SERVICES,
    Market,
    Program,
    backfill,
    migration,
    ports,
    services,
    simulated_venue,
)
from standalone.settings import StandaloneSettings

Say = Callable[[str], None]

_VENUE_PATIENCE_SECONDS = 10.0
_VENUE_LOOK_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """The running scanner: where its faces are and which processes it is made of."""

    nats_url: str
    """With the operator's name and password in it; `nats.url` is without."""
    api_url: str
    dashboard_url: str
    database_url: str
    database_password: str
    processes: ProcessGroup
    nats: NatsServer
    postgres: PostgresServer


@asynccontextmanager
async def running(
    settings: StandaloneSettings,
    market: Market,
    say: Say,
    *,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Scanner]:
    """Start everything, hand over once every service is ready, and end everything afterwards.

    A live venue that cannot be reached holds nothing up: it is told, and the fetcher keeps trying.
    `environment` is given to every service besides what the scanner itself sets.
    """
    folder = Path(settings.folder).absolute() / market.folder_name  # noqa: ASYNC240 - before anything runs
    venue = None if market.live else simulated_venue(settings, market, folder)
    require_free(ports(settings, market))
    folder.mkdir(parents=True, exist_ok=True)
    secrets = Passwords(folder / "secrets")
    bus_passwords = secrets.of_each(USERS, prefix="nats")
    roles = secrets.of_each(LOGIN_ROLES, prefix="postgres")
    nats = NatsServer(folder / "nats", port=settings.nats_port, passwords=bus_passwords)
    postgres = PostgresServer(folder / "postgres", port=settings.postgres_port)
    processes = ProcessGroup(folder / "logs", say=say, environment=environment or {})
    watching: asyncio.Task[None] | None = None
    try:
        nats.start()
        say(f"nats-server    ready  {nats.url}")
        postgres.start()
        say(f"postgres       ready  {postgres.url()}")
        await _migrate(postgres, roles, environment or {})
        if venue:
            processes.start(venue)
            await _ready(venue, settings, processes)
            say(f"exchange-sim   ready  SIMULATED venue at http://{LOOPBACK}:{settings.venue_port}")
        programs = services(
            settings,
            market,
            credentials=credentials(
                SERVICES,
                bus=bus_passwords,
                database=roles,
                database_url=postgres.url(role="{role}"),
            ),
        )
        for program in programs:
            processes.start(program)
        for program in programs:
            if market.live and program.name == "fetcher":
                watching = await _venue_told(program, settings, say)
            else:
                await _ready(program, settings, processes)
                say(f"{program.name:<14} ready")
        yield Scanner(
            nats_url=nats.url.replace("//", f"//{OPERATOR}:{bus_passwords[OPERATOR]}@"),
            api_url=f"http://{LOOPBACK}:{settings.api_port}",
            dashboard_url=f"http://{LOOPBACK}:{settings.dashboard_port}",
            database_url=postgres.url(),
            database_password=postgres.password,
            processes=processes,
            nats=nats,
            postgres=postgres,
        )
    finally:
        if watching:
            watching.cancel()
        await processes.stop()
        nats.stop()
        postgres.stop()


async def fill_history(
    settings: StandaloneSettings, market: Market, arguments: tuple[str, ...]
) -> int:
    """Run `recorder backfill` on a market's Postgres, on this terminal; return its exit code.

    The Postgres of a running scanner is used as it is; else it is started for as long as it takes.
    """
    folder = Path(settings.folder).absolute() / market.folder_name  # noqa: ASYNC240 - before anything runs
    postgres = PostgresServer(folder / "postgres", port=settings.postgres_port)
    running_already = postgres.answers()
    if not running_already:
        require_free({"Postgres": settings.postgres_port})
        folder.mkdir(parents=True, exist_ok=True)
    secrets = Passwords(folder / "secrets")
    roles = secrets.of_each(LOGIN_ROLES, prefix="postgres")
    given = credentials(
        ("recorder",),
        bus=secrets.of_each(USERS, prefix="nats"),
        database=roles,
        database_url=postgres.url(role="{role}"),
    )
    try:
        if not running_already:
            postgres.start()
            await _migrate(postgres, roles, {})
        return await run_attached(
            backfill(settings, market, arguments=arguments, credentials=given["recorder"])
        )
    finally:
        postgres.stop()


async def tell_scans(scanner: Scanner, say: Say) -> None:
    """Say one line for every scan that completes, for as long as the scanner runs."""
    bus = NatsBus(BusSettings(url=scanner.nats_url), name="standalone")
    await bus.connect()
    async for scan in bus.follow(ScanCompleted):
        if isinstance(scan, ScanCompleted):
            say(describe(scan))


def describe(scan: ScanCompleted) -> str:
    """Return one line that accounts for a scan's whole universe."""
    market = "simulated " if scan.simulated else ""
    return (
        f"{market}scan of {scan.venue} at {scan.as_of:%Y-%m-%d %H:%M} UTC: "
        f"{scan.universe} contracts = {len(scan.planned)} planned + {len(scan.blocked)} blocked + "
        f"{len(scan.no_setup)} without a setup + {len(scan.no_data)} without data + "
        f"{len(scan.failures)} failed, {_took(scan)}"
    )


def _took(scan: ScanCompleted) -> str:
    if scan.duration_seconds is None:
        return "interrupted and finished later"
    return f"in {scan.duration_seconds:.1f} s"


async def _migrate(
    postgres: PostgresServer, roles: Mapping[str, str], environment: Mapping[str, str]
) -> None:
    await run_once(
        migration(
            owner(database=roles, database_url=postgres.url(), database_password=postgres.password)
        ),
        environment=environment,
    )


async def _ready(program: Program, settings: StandaloneSettings, processes: ProcessGroup) -> None:
    last = await wait_until_ready(
        program.ready_url,
        within_seconds=settings.ready_within_seconds,
        refusal=lambda: processes.refusals.get(program.name),
    )
    if program.name in processes.refusals:
        raise ServiceNotReadyError(processes.refusals[program.name])
    if not last.ready:
        raise _not_ready(program, settings, last)


async def _venue_told(
    fetcher: Program, settings: StandaloneSettings, say: Say
) -> asyncio.Task[None] | None:
    patience = min(_VENUE_PATIENCE_SECONDS, settings.ready_within_seconds)
    last = await wait_until_ready(fetcher.ready_url, within_seconds=patience)
    if not last.lives:  # it is the program that is slow, not the venue
        last = await wait_until_ready(
            fetcher.ready_url, within_seconds=settings.ready_within_seconds
        )
    if not last.lives:
        raise _not_ready(fetcher, settings, last)
    say(describe_venue(last))
    return None if last.ready else asyncio.create_task(_watch_venue(fetcher, last, say))


async def _watch_venue(fetcher: Program, told: Readiness, say: Say) -> None:
    while not told.ready:
        last = await wait_until_ready(fetcher.ready_url, within_seconds=_VENUE_LOOK_SECONDS)
        if last.lives and last != told:
            say(describe_venue(last))
            told = last


def describe_venue(fetcher: Readiness) -> str:
    """Return one line on whether the live venue can be read, and why not."""
    if fetcher.ready:
        return "fetcher        ready"
    return f"fetcher        WAITS  {fetcher.reason}; it keeps trying, everything else runs"


def _not_ready(
    program: Program, settings: StandaloneSettings, last: Readiness
) -> "ServiceNotReadyError":
    waited = settings.ready_within_seconds
    return ServiceNotReadyError(f"{program.name} was not ready after {waited:g} s: {last.reason}")


class ServiceNotReadyError(ScannerError):
    """A service did not become ready in time: everything is ended again."""

"""Which programs make up the scanner and what environment each is given; nothing starts here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standalone.settings import StandaloneSettings

LOOPBACK = "127.0.0.1"
SERVICES = (
    "recorder",
    "planner",
    "signals",
    "indicators",
    "fetcher",
    "ai-analyst",
    "api",
    "dashboard",
)
"""In the order they start: whoever listens is there before whoever speaks."""

_DEADLINE_WALL_SECONDS = 900.0
_LONGEST_DEADLINE_SECONDS = 3.5 * 3600


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process: its command, its variables, and the address that answers once it is ready."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str


@dataclass(frozen=True, kw_only=True)
class Market:
    """What is scanned: the live venue, a synthetic market, or a folder of candle files."""

    venue: str
    live: bool
    candles: Path | None = None

    @property
    def folder_name(self) -> str:
        """A name that keeps this market's data apart from every other's."""
        if self.live:
            return f"live-{self.venue}"
        return f"candles-{self.candles.name}" if self.candles else "synthetic"


def ports(settings: StandaloneSettings, market: Market) -> dict[str, int]:
    """Return every port that is listened on, by what it is for."""
    known = {
        "NATS": settings.nats_port,
        "Postgres": settings.postgres_port,
        "the API": settings.api_port,
        "the dashboard": settings.dashboard_port,
        **{f"the health of {name}": port for name, port in _health_ports(settings).items()},
    }
    return known if market.live else {**known, "the simulated venue": settings.venue_port}


def simulated_venue(settings: StandaloneSettings, market: Market, folder: Path) -> Program:
    """Return the program that plays the venue."""
    environment = {
        "SCANNER_EXCHANGE_SIM__HOST": LOOPBACK,
        "SCANNER_EXCHANGE_SIM__PORT": str(settings.venue_port),
        "SCANNER_EXCHANGE_SIM__SPEED": str(settings.speed),
        "SCANNER_EXCHANGE_SIM__SYMBOLS": str(settings.symbols),
        "SCANNER_EXCHANGE_SIM__STATE": str(folder / "venue-clock.json"),
        "SCANNER_EXCHANGE_SIM__MARKET": "files" if market.candles else "synthetic",
    }
    if market.candles:
        environment["SCANNER_EXCHANGE_SIM__FOLDER"] = str(market.candles)
    return Program(
        name="exchange-sim",
        arguments=(sys.executable, "-m", "exchange_sim"),
        environment=environment,
        ready_url=f"http://{LOOPBACK}:{settings.venue_port}/sim/clock",
    )


def services(
    settings: StandaloneSettings, market: Market, *, credentials: Mapping[str, Mapping[str, str]]
) -> tuple[Program, ...]:
    """Return the scanner's own services in the order they start.

    `credentials` are the variables by which each service, by its name, proves who it is.
    """
    shared = {
        "SCANNER_BUS__URL": f"nats://{LOOPBACK}:{settings.nats_port}",
        "SCANNER_FETCHER__VENUE": market.venue,
        "SCANNER_API__PORT": str(settings.api_port),
        "SCANNER_DASHBOARD__PORT": str(settings.dashboard_port),
    }
    if not market.live:
        venue = f"http://{LOOPBACK}:{settings.venue_port}"
        shared["SCANNER_FETCHER__BASE_URL"] = venue
        shared["SCANNER_CLOCK__URL"] = f"{venue}/sim/clock"
        shared["SCANNER_SCAN__DEADLINE_SECONDS"] = str(_deadline_seconds(settings.speed))
    return tuple(
        _service(name, port, {**shared, **credentials.get(name, {})}, settings)
        for name, port in _health_ports(settings).items()
    )


def migration(environment: Mapping[str, str]) -> Program:
    """Return the program that brings the database up to date and ends."""
    return Program(
        name="migrate",
        arguments=(sys.executable, "-m", "recorder", "migrate"),
        environment=environment,
        ready_url="",
    )


def backfill(
    settings: StandaloneSettings,
    market: Market,
    *,
    arguments: tuple[str, ...],
    credentials: Mapping[str, str],
) -> Program:
    """Return the program that fills a market's history and ends; it is told `arguments`."""
    environment = dict(credentials)
    if not market.live:
        venue = f"http://{LOOPBACK}:{settings.venue_port}"
        environment["SCANNER_BACKFILL__ARCHIVE_URL"] = venue
        environment["SCANNER_BACKFILL__VENUE_URL"] = venue
        environment["SCANNER_CLOCK__URL"] = f"{venue}/sim/clock"
    return Program(
        name="backfill",
        arguments=(sys.executable, "-m", "recorder", "backfill", *arguments),
        environment=environment,
        ready_url="",
    )


def _deadline_seconds(speed: float) -> float:
    # a fast venue's minutes are short; the deadline stays well before the next 4h close
    return min(_DEADLINE_WALL_SECONDS * max(speed, 1.0), _LONGEST_DEADLINE_SECONDS)


def _health_ports(settings: StandaloneSettings) -> dict[str, int]:
    return {name: settings.health_port + place for place, name in enumerate(SERVICES)}


def _service(
    name: str, health_port: int, shared: Mapping[str, str], settings: StandaloneSettings
) -> Program:
    ready_url = f"http://{LOOPBACK}:{health_port}/ready"
    if name == "dashboard":  # Streamlit has a health page of its own
        ready_url = f"http://{LOOPBACK}:{settings.dashboard_port}/_stcore/health"
    return Program(
        name=name,
        arguments=(sys.executable, "-m", name.replace("-", "_")),
        environment={**shared, "SCANNER_HEALTH__PORT": str(health_port)},
        ready_url=ready_url,
    )

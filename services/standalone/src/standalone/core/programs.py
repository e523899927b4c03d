"""Which programs make up the scanner and what environment each is given; nothing starts here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standalone.settings import StandaloneSettings

LOOPBACK = "127.0.0.1"
SERVICES = ("recorder", "planner", "signals", "indicators", "fetcher", "api", "dashboard")
"""In the order they start: whoever listens is there before whoever speaks."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process: its command, its variables, and the port that answers /ready."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    health_port: int


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
        health_port=settings.venue_port,
    )


def services(
    settings: StandaloneSettings, market: Market, *, database_url: str, database_password: str
) -> tuple[Program, ...]:
    """Return the scanner's own services in the order they start."""
    shared = {
        "SCANNER_BUS__URL": f"nats://{LOOPBACK}:{settings.nats_port}",
        "SCANNER_DATABASE__URL": database_url,
        "SCANNER_DATABASE__PASSWORD": database_password,
        "SCANNER_FETCHER__VENUE": market.venue,
        "SCANNER_API__PORT": str(settings.api_port),
        "SCANNER_DASHBOARD__PORT": str(settings.dashboard_port),
    }
    if not market.live:
        venue = f"http://{LOOPBACK}:{settings.venue_port}"
        shared["SCANNER_FETCHER__BASE_URL"] = venue
        shared["SCANNER_CLOCK__URL"] = f"{venue}/sim/clock"
    return tuple(
        Program(
            name=name,
            arguments=(sys.executable, "-m", name.replace("-", "_")),
            environment=shared | {"SCANNER_HEALTH__PORT": str(settings.health_port + place)},
            health_port=settings.health_port + place,
        )
        for place, name in enumerate(SERVICES)
    )

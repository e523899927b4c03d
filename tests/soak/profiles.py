"""How long a run is, how many contracts it scans and what is broken on the way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

CLOSE: Final = timedelta(hours=4)
"""The schedule's step."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One kind of run."""

    name: str
    symbols: int
    scans: int
    faults: tuple[str, ...] = ()
    """What may be broken, by name; each is broken before any is broken twice."""
    faults_from: int = 1
    """The first scan that may meet a fault: before it everything is healthy."""
    faults_until: int = 0
    """The first scan after the last fault."""
    venue_faults: float = 0.0
    """The share of the venue's answers that go wrong while there are faults."""
    warm_up: int = 0
    """Scans before memory counts; a run with faults restarts its services and has none."""
    bound_mb: float = 0.0
    """By how much a service may grow from the end of the warm-up to the end; 0 is not judged."""
    drains_within: float = 0.0
    """Wall seconds in which all that a scan and the hours before it left must be worked off."""
    forgets_after: int = 0
    """Scans after which candles, frames and bars are let go, as two days of venue time would."""
    candles: int = 0
    """Of how many contracts the candles are compared with the venue's files."""


EVERYTHING: Final = (
    "every service killed",
    "service stopped",
    "broker killed",
    "Postgres away",
    "stream full",
    "disk full",
    "poison",
    "clock forwards",
    "clock backwards",
    "network cut",
    "service cut off",
    "venue killed",
)

PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile(
            name="short",
            symbols=8,
            scans=5,
            faults=("service killed", "broker killed", "poison", "Postgres away"),
            faults_until=5,
            candles=3,
        ),
        Profile(
            name="faults",
            symbols=12,
            scans=60,
            faults=EVERYTHING,
            faults_until=57,
            candles=12,
        ),
        Profile(
            name="week",
            symbols=50,
            scans=42,
            faults=EVERYTHING,
            faults_until=35,
            venue_faults=0.02,
            candles=50,
        ),
        Profile(
            name="month",
            symbols=50,
            scans=180,
            warm_up=40,
            bound_mb=8.0,
            drains_within=30.0,
            forgets_after=12,
            candles=10,
        ),
    )
}

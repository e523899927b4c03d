"""The beginning and the end of a scan, with its barometer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.domain import (
    Barometer,
    Cluster,
    Failure,
    Regime,
    ScanCompleted,
    ScanKind,
    ScanStarted,
    StageTiming,
)
from tests.support.facts.shared import AS_OF, VENUE, scan_of


def barometer(as_of: datetime = AS_OF, *, venue: str = VENUE) -> Barometer:
    return Barometer(
        scan_id=scan_of(as_of, venue=venue),
        as_of=as_of,
        counted=4,
        share_long=0.62,
        mean_trend=11.0,
        btc_trend=34.0,
        btc_regime=Regime.TRENDING_UP,
    )


def scan_started(
    symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT"),
    *,
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
) -> ScanStarted:
    return ScanStarted(
        venue=venue,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue, number=number),
        kind=ScanKind.SCHEDULED,
        as_of=as_of,
        deadline=as_of + timedelta(minutes=5),
        symbols=tuple(symbols),
    )


def scan_completed(
    *,
    planned: Sequence[str] = ("BTCUSDT",),
    blocked: Sequence[str] = ("ETHUSDT",),
    no_setup: Sequence[str] = (),
    no_data: Sequence[str] = (),
    failures: Sequence[Failure] = (),
    clusters: Sequence[Cluster] = (),
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
) -> ScanCompleted:
    return ScanCompleted(
        venue=venue,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue, number=number),
        kind=ScanKind.SCHEDULED,
        as_of=as_of,
        universe=sum(map(len, (planned, blocked, no_setup, no_data, failures))),
        planned=tuple(planned),
        blocked=tuple(blocked),
        no_setup=tuple(no_setup),
        no_data=tuple(no_data),
        failures=tuple(failures),
        duration_seconds=6.4,
        stages=(
            StageTiming(stage="fetcher", first_seconds=0.2, last_seconds=4.1),
            StageTiming(stage="planner", first_seconds=0.9, last_seconds=6.4),
        ),
        barometer=barometer(as_of, venue=venue),
        clusters=tuple(clusters),
        next_close=as_of + timedelta(hours=4),
    )

"""What is wrong right now, in sentences: silence, lateness, old prices, a broker out of reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from common.domain import Heartbeat, ServiceState
from dashboard.core.board import Board, Heard
from dashboard.core.listings import delisting_sentence
from dashboard.core.sheet import Tone
from dashboard.core.venue_time import Instant, venue_time
from dashboard.core.words import duration

FORGOTTEN_AFTER: Final = 600.0
"""Seconds after which a silent instance is taken to have been removed on purpose."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long each kind of silence is fine, in wall seconds."""

    heartbeat: float = 15.0
    marks: float = 30.0
    scan: float = 120.0
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """Whether the broker answers, since when (monotonic seconds), and what it said last."""

    connected: bool
    since: float
    detail: str = ""


@dataclass(frozen=True)
class Alert:
    """One sentence about something that is wrong."""

    tone: Tone
    text: str


def alerts(board: Board, link: Link, patience: Patience, instant: Instant) -> tuple[Alert, ...]:
    """Return everything that is wrong, the worst first."""
    if not link.connected:
        gone = duration(timedelta(seconds=instant.monotonic - link.since))
        said = f" ({link.detail})" if link.detail else ""
        return (
            Alert(
                Tone.BAD,
                f"NATS has been out of reach for {gone}{said}. Prices and plans below are the "
                "last known; reconnecting.",
            ),
        )
    return (
        *_silent_services(board, link, patience, instant),
        *_late_scans(board, patience, instant),
        *_old_marks(board, patience, instant),
        *_ending_plans(board, instant),
    )


def freshest(board: Board) -> Mapping[str, Heard[Heartbeat]]:
    """Return each service's last heartbeat over all its instances."""
    found: dict[str, Heard[Heartbeat]] = {}
    for (service, _), heard in board.heartbeats.items():
        if service not in found or heard.at > found[service].at:
            found[service] = heard
    return found


def _silent_services(
    board: Board, link: Link, patience: Patience, instant: Instant
) -> tuple[Alert, ...]:
    heard = freshest(board)
    silent: list[str] = []
    degraded: list[Alert] = []
    for service in sorted({*patience.services, *heard}):
        last = heard.get(service)
        # Nobody can be heard before the connection stands.
        silence = instant.monotonic - max(last.at if last else link.since, link.since)
        if silence > patience.heartbeat:
            forgotten = last is not None and instant.monotonic - last.at > FORGOTTEN_AFTER
            if forgotten and service not in patience.services:
                continue
            since = f"for {duration(timedelta(seconds=silence))}" if last else "since we listen"
            silent.append(f"{service} has been silent {since}")
        elif last is not None and last.fact.state is ServiceState.DEGRADED:
            why = f": {last.fact.detail}" if last.fact.detail else ""
            degraded.append(Alert(Tone.WARN, f"{service} is degraded{why}"))
    # One sentence for all: when the broker hangs nobody is heard, and the page must stay in sight.
    return (*((Alert(Tone.BAD, " · ".join(silent)),) if silent else ()), *degraded)


def _late_scans(board: Board, patience: Patience, instant: Instant) -> tuple[Alert, ...]:
    found: list[Alert] = []
    for venue in board.venues:
        time = venue_time(board, venue, instant)
        scan = board.last_scan(venue)
        if time.now is None or time.speed <= 0 or scan is None:
            continue
        limit = timedelta(seconds=patience.scan * time.speed)
        completed = board.last_completed(venue)
        due = completed.next_close if completed else None
        if scan.completed is None and scan.started and time.now > scan.started.deadline + limit:
            found.append(Alert(Tone.BAD, f"{venue}: scan {scan.scan_id} has not been completed"))
        elif due is not None and scan.as_of < due and time.now > due + limit:
            late = duration((time.now - due) / time.speed)
            found.append(
                Alert(Tone.BAD, f"{venue}: the scan due at {due:%H:%M} UTC is {late} late")
            )
    return tuple(found)


def _old_marks(board: Board, patience: Patience, instant: Instant) -> tuple[Alert, ...]:
    found: list[Alert] = []
    for venue in board.venues:
        heard = board.marks.get(venue)
        if heard is None:
            found.append(Alert(Tone.WARN, f"{venue}: no mark prices have been told yet"))
        elif instant.monotonic - heard.at > patience.marks:
            old = duration(timedelta(seconds=instant.monotonic - heard.at))
            found.append(Alert(Tone.WARN, f"{venue}: mark prices are {old} old"))
    return tuple(found)


def _ending_plans(board: Board, instant: Instant) -> tuple[Alert, ...]:
    return tuple(
        Alert(
            Tone.WARN,
            f"{key.venue}: the open plan on {key.symbol} must end: "
            f"{delisting_sentence(known.delisting, UTC)} UTC",
        )
        for key, known in sorted(board.contracts.items())
        if known.delisting is not None
        and known.has_open_plan
        and not _is_past(known.delisting.ends_at, board, key.venue, instant)
    )


def _is_past(ends_at: datetime, board: Board, venue: str, instant: Instant) -> bool:
    now = venue_time(board, venue, instant).now
    return now is not None and now >= ends_at

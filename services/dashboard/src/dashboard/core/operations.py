"""The tables of the scans page and of the system page."""

from datetime import timedelta, tzinfo
from typing import Final

from common.domain import DeadLetter, Heartbeat, ServiceState, StageTiming
from dashboard.core import words
from dashboard.core.board import Board, Heard, Scan
from dashboard.core.health import FORGOTTEN_AFTER
from dashboard.core.overview import universe_sentence
from dashboard.core.sheet import Cell, Column, TableRow, Tone
from dashboard.core.venue_time import Instant

SCAN_COLUMNS: Final = (
    Column(name="close", label="Close"),
    Column(name="venue", label="Venue"),
    Column(name="kind", label="Kind"),
    Column(name="state", label="State"),
    Column(name="plans", label="Plans", align="right"),
    Column(name="blocked", label="Blocked", align="right"),
    Column(name="no_setup", label="No setup", align="right"),
    Column(name="no_data", label="No data", align="right", rank=2),
    Column(name="failures", label="Failures", align="right"),
    Column(name="universe", label="Universe", align="right"),
    Column(name="duration", label="Duration", align="right"),
    Column(name="scan_id", label="Scan", rank=3),
)
FAILURE_COLUMNS: Final = (
    Column(name="symbol", label="Contract"),
    Column(name="stage", label="Stage"),
    Column(name="reason", label="Reason"),
    Column(name="scan", label="Scan", rank=2),
)
SERVICE_COLUMNS: Final = (
    Column(name="service", label="Service"),
    Column(name="state", label="State"),
    Column(name="heard", label="Last heard", align="right"),
    Column(name="seconds", label="CPU", align="right", title="CPU seconds between the last scans"),
    Column(name="cpu", label="Cores", align="right", title="CPU seconds per wall second"),
    Column(name="memory", label="Memory peak", align="right"),
    Column(name="lag", label="Loop lag", align="right", title="The event loop's worst", rank=2),
    Column(name="pending", label="Pending", align="right", title="Messages waiting", rank=2),
    Column(name="files", label="Open files", align="right", rank=3),
)
LETTER_COLUMNS: Final = (
    Column(name="service", label="Service"),
    Column(name="subject", label="Subject"),
    Column(name="fact", label="Fact", rank=2),
    Column(name="reason", label="Reason"),
    Column(name="deliveries", label="Deliveries", align="right", rank=2),
    Column(name="sequence", label="Sequence", align="right", rank=3),
)

_STATES: Final = {
    ServiceState.RUNNING: ("● running", Tone.GOOD),
    ServiceState.STARTING: ("◔ starting", Tone.INFO),
    ServiceState.DEGRADED: ("▲ degraded", Tone.WARN),
    ServiceState.DRAINING: ("◌ draining", Tone.DIM),
}


def scan_rows(board: Board, zone: tzinfo) -> tuple[TableRow, ...]:
    """Write every scan seen, newest first."""
    return tuple(_scan_row(scan, zone) for scan in board.scans)


def failure_rows(board: Board) -> tuple[TableRow, ...]:
    """Write every failure of every scan seen, newest scan first."""
    return tuple(
        TableRow(
            id=f"{scan.scan_id} {failure.symbol}",
            cells=(
                Cell(text=failure.symbol),
                Cell(text=failure.stage),
                Cell(text=failure.reason, kind="wrap"),
                Cell(text=scan.scan_id, tone=Tone.DIM),
            ),
        )
        for scan in board.scans
        if scan.completed
        for failure in scan.completed.failures
    )


def service_rows(
    board: Board, expected: tuple[str, ...], silence: float, instant: Instant
) -> tuple[TableRow, ...]:
    """Write every instance of every service; those never heard are named too.

    A silent instance whose service lives on in another is gone, not wrong, and is forgotten later.
    """
    alive = {
        service
        for (service, _), heard in board.heartbeats.items()
        if instant.monotonic - heard.at <= silence
    }
    rows = [
        _service_row(board, place, heard, silence, instant, replaced=place[0] in alive)
        for place, heard in sorted(board.heartbeats.items())
        if place[0] not in alive or instant.monotonic - heard.at <= FORGOTTEN_AFTER
    ]
    heard_of = {service for service, _ in board.heartbeats}
    rows += [
        TableRow(
            id=service,
            cells=(
                Cell(text=service),
                Cell(text="✕ never heard", tone=Tone.BAD),
                *(Cell(text=words.MISSING) for _ in SERVICE_COLUMNS[2:]),
            ),
        )
        for service in expected
        if service not in heard_of
    ]
    return tuple(rows)


def letter_rows(board: Board) -> tuple[TableRow, ...]:
    """Write the dead letters, newest first."""
    return tuple(_letter_row(letter) for letter in board.dead_letters)


def _scan_row(scan: Scan, zone: tzinfo) -> TableRow:
    done, started = scan.completed, scan.started
    head = (
        Cell(text=words.moment(scan.as_of, zone)),
        Cell(text=scan.venue),
        Cell(text=scan.kind),
    )
    if done is None:
        waiting = len(started.symbols) if started else None
        middle = (
            Cell(text="◔ running", tone=Tone.INFO),
            *(Cell(text=words.MISSING) for _ in range(5)),
            Cell(text=words.number(waiting, 0)),
            Cell(text=words.MISSING),
        )
    else:
        failed = len(done.failures)
        middle = (
            Cell(text="✓ completed", tone=Tone.GOOD),
            Cell(text=str(len(done.planned))),
            Cell(text=str(len(done.blocked))),
            Cell(text=str(len(done.no_setup))),
            Cell(text=str(len(done.no_data))),
            Cell(text=str(failed), tone=Tone.BAD if failed else Tone.PLAIN),
            Cell(text=str(done.universe), title=universe_sentence(done)),
            Cell(text=words.took(done.duration_seconds), title=_stages(done.stages)),
        )
    return TableRow(id=scan.scan_id, cells=(*head, *middle, Cell(text=scan.scan_id, tone=Tone.DIM)))


def _stages(stages: tuple[StageTiming, ...]) -> str:
    return " · ".join(f"{stage.stage} {stage.last_seconds:.1f} s" for stage in stages)


def _service_row(
    board: Board,
    place: tuple[str, str],
    heard: Heard[Heartbeat],
    silence: float,
    instant: Instant,
    *,
    replaced: bool,
) -> TableRow:
    beat = heard.fact
    used = board.resources.get(place)
    quiet = instant.monotonic - heard.at
    text, tone = _STATES[beat.state]
    if quiet > silence:
        text, tone = ("◌ gone", Tone.DIM) if replaced else ("✕ silent", Tone.BAD)
    lag = used.event_loop_lag_seconds if used else None
    return TableRow(
        id=" ".join(place),
        cells=(
            Cell(text=place[0], sub=place[1]),
            Cell(text=text, sub=beat.detail, kind="wrap", tone=tone),
            Cell(text=f"{words.duration(timedelta(seconds=quiet))} ago"),
            Cell(
                text=words.number(used.cpu_seconds if used else None, 1, "s"),
                title=(used.scan_id or "") if used else "",
            ),
            Cell(text=words.number(used.core_equivalents if used else None, 2)),
            Cell(text=words.number(used.rss_peak_bytes / 1024**2 if used else None, 0, "MB")),
            Cell(text=words.number(None if lag is None else lag * 1000, 0, "ms")),
            Cell(text=words.number(used.pending_messages if used else None, 0)),
            Cell(text=words.number(used.open_files if used else None, 0)),
        ),
    )


def _letter_row(letter: DeadLetter) -> TableRow:
    return TableRow(
        id=letter.key,
        cells=(
            Cell(text=letter.service),
            Cell(text=letter.subject),
            Cell(text=letter.fact or words.MISSING),
            Cell(text=letter.reason, kind="wrap"),
            Cell(text=str(letter.deliveries)),
            Cell(text=str(letter.stream_sequence)),
        ),
    )

"""The strip above the table: when the next scan is due, how the last one ended, the barometer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from common.domain import Barometer, ScanCompleted
from dashboard.core import words
from dashboard.core.board import Board, Scan
from dashboard.core.sheet import Tone
from dashboard.core.standing import standing
from dashboard.core.venue_time import VenueTime

_NAMED: Final = 3
"""Failures named on the scanner page; the scans page names all."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure with its name."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.PLAIN
    countdown: Mapping[str, float] | None = None
    """Milliseconds to go and the venue's speed: the browser counts on."""
    title: str = ""


def tiles(board: Board, venue: str, time: VenueTime, zone: tzinfo) -> tuple[Tile, ...]:
    """Return the venue's strip."""
    completed = board.last_completed(venue)
    several = f" · {venue}" if len(board.venues) > 1 else ""
    return (
        _next_scan(time, zone, several),
        _last_scan(board.last_scan(venue), completed, time, zone),
        _universe(completed),
        _open_plans(board, venue, completed, time),
        *_barometer(completed.barometer if completed else None),
    )


def universe_sentence(completed: ScanCompleted) -> str:
    """Account for every contract of a scan: `30 = 4 plans + 25 rejections + 1 failure`."""
    rejected = len(completed.blocked) + len(completed.no_setup) + len(completed.no_data)
    fates = (
        words.counted(len(completed.planned), "plan"),
        words.counted(rejected, "rejection"),
        words.counted(len(completed.failures), "failure"),
    )
    return f"{completed.universe} = {' + '.join(fates)}"


def failures_sentence(completed: ScanCompleted | None) -> str:
    """Name the contracts of a scan that got no decision, and why; empty when all got theirs."""
    if completed is None or not completed.failures:
        return ""
    named = [f"{failed.symbol} ({failed.stage}: {failed.reason})" for failed in completed.failures]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"No decision for {', '.join(named[:_NAMED])}{more}"


def _next_scan(time: VenueTime, zone: tzinfo, several: str) -> Tile:
    label = f"Next scan{several}"
    if time.next_close is None:
        return Tile(label=label, value=words.MISSING, note="no schedule told")
    note = f"at {words.moment(time.next_close, zone)}"
    if time.now is None:
        return Tile(label=label, value=words.MISSING, note=note)
    left = (time.next_close - time.now).total_seconds()
    if left <= 0:
        return Tile(label=label, value="due now", note=note, tone=Tone.INFO)
    return Tile(
        label=label,
        value=words.duration(time.next_close - time.now),
        note=note,
        countdown={"milliseconds": round(left * 1000), "speed": time.speed},
    )


def _last_scan(
    scan: Scan | None, completed: ScanCompleted | None, time: VenueTime, zone: tzinfo
) -> Tile:
    if scan is not None and scan.completed is None and scan.started is not None:
        return Tile(
            label="Scan running",
            value=f"{len(scan.started.symbols)} contracts",
            note=f"closed {words.moment(scan.as_of, zone)}",
            tone=Tone.INFO,
        )
    if completed is None:
        return Tile(label="Last scan", value=words.MISSING, note="none told yet")
    age = words.duration(time.age(completed.as_of))
    took = words.took(completed.duration_seconds)
    took = took if completed.duration_seconds is None else f"took {took}"
    return Tile(
        label="Last scan",
        value=words.moment(completed.as_of, zone),
        note=f"{completed.kind} · {took} · {age} ago",
        title=completed.scan_id,
    )


def _universe(completed: ScanCompleted | None) -> Tile:
    if completed is None:
        return Tile(label="Universe", value=words.MISSING)
    failed = ", ".join(failure.symbol for failure in completed.failures)
    return Tile(
        label="Universe",
        value=words.counted(completed.universe, "contract"),
        note=universe_sentence(completed).partition("= ")[2],
        tone=Tone.WARN if failed else Tone.PLAIN,
        title=f"failed: {failed}" if failed else "every contract is accounted for",
    )


def _open_plans(board: Board, venue: str, completed: ScanCompleted | None, time: VenueTime) -> Tile:
    if completed is None:
        return Tile(label="Open plans", value=words.MISSING)
    followed = [
        contract.plan
        for place, contract in board.contracts.items()
        if place.venue == venue
        and contract.plan is not None
        and not standing(contract.plan, contract.plan_outcomes, None, time.now).state.ended
    ]
    new = sum(plan.as_of == completed.as_of for plan in followed)
    return Tile(
        label="Open plans",
        value=str(len(followed)),
        note=f"{new} of the last close",
        title="Plans that are not over, of any scan",
    )


def _barometer(known: Barometer | None) -> tuple[Tile, ...]:
    if known is None:
        return (
            Tile(label="Breadth", value=words.MISSING),
            Tile(label="BTC", value=words.MISSING),
        )
    share = words.MISSING if known.share_long is None else f"{known.share_long:.0%} long"
    regime = words.MISSING if known.btc_regime is None else words.plain(known.btc_regime)
    return (
        Tile(
            label="Breadth",
            value=share,
            note=f"mean trend {words.signed(known.mean_trend, 0)} · {known.counted} counted",
            title="Share of contracts whose score is above zero in the last scan",
        ),
        Tile(
            label="BTC trend",
            value=words.signed(known.btc_trend, 0),
            note=regime,
            tone=_lean(known.btc_trend),
        ),
    )


def _lean(value: float | None) -> Tone:
    if value is None or value == 0:
        return Tone.PLAIN
    return Tone.LONG if value > 0 else Tone.SHORT

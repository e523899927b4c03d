"""Sample facts for tests: each builder returns a valid fact and takes what the test cares about."""

from tests.support.facts.decisions import gate, gates, note, outcome, plan, rejection
from tests.support.facts.market import (
    chart_frame,
    delisting,
    derivatives,
    listed,
    marks,
    universe_snapshot,
)
from tests.support.facts.operations import dead_letter, heartbeat, resource_usage
from tests.support.facts.scans import barometer, scan_completed, scan_started
from tests.support.facts.scores import reading, signal
from tests.support.facts.shared import AS_OF, VENUE, instrument, scan_of

__all__ = [
    "AS_OF",
    "VENUE",
    "barometer",
    "chart_frame",
    "dead_letter",
    "delisting",
    "derivatives",
    "gate",
    "gates",
    "heartbeat",
    "instrument",
    "listed",
    "marks",
    "note",
    "outcome",
    "plan",
    "reading",
    "rejection",
    "resource_usage",
    "scan_completed",
    "scan_of",
    "scan_started",
    "signal",
    "universe_snapshot",
]

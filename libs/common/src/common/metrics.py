"""What /metrics says of a process and its consumers, in Prometheus's text format 0.0.4.

Three lines a figure need no client library; the process figures bear the names such libraries use.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(kw_only=True)
class Counts:
    """What became of one consumer's deliveries since the process began."""

    handled: int = 0
    """Acknowledged."""
    failed: int = 0
    """Deliveries whose handling failed, whether they are tried again or set aside."""
    dead_lettered: int = 0
    """Set aside for good."""


@dataclass(frozen=True, kw_only=True)
class ConsumerState:
    """One durable consumer as this process and the broker see it."""

    stream: str
    consumer: str
    counts: Counts
    """This process's share: replicas have their own."""
    pending: int | None
    """What waits or is in hand, all replicas together; None when the broker does not say."""


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """What a process has used so far and holds now."""

    cpu_seconds: float
    rss_bytes: int
    open_files: int | None
    event_loop_lag_seconds: float


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Something a service counts besides, split by one label."""

    name: str
    """As Prometheus wants it: `scanner_…_total`."""
    meaning: str
    label: str
    counts: Mapping[str, int]
    """By the label's value."""


def exposition(
    process: ProcessState, consumers: Sequence[ConsumerState], tallies: Sequence[Tally] = ()
) -> str:
    """Return the page Prometheus scrapes; an unknown figure has no line."""
    lines = [
        *_figure(
            "process_cpu_seconds_total", "counter", "User and system CPU.", process.cpu_seconds
        ),
        *_figure("process_resident_memory_bytes", "gauge", "Memory held.", process.rss_bytes),
        *_figure("process_open_fds", "gauge", "Open file descriptors.", process.open_files),
        *_figure(
            "scanner_event_loop_lag_seconds",
            "gauge",
            "The latest the event loop came since the last scan ended.",
            process.event_loop_lag_seconds,
        ),
    ]
    for name, kind, meaning in _OF_CONSUMERS:
        values = [(one, _value(one, name)) for one in consumers]
        lines += _header(name, kind, meaning) if values else []
        lines += [
            f'{name}{{stream="{one.stream}",consumer="{one.consumer}"}} {value}'
            for one, value in values
            if value is not None
        ]
    for tally in tallies:
        lines += _header(tally.name, "counter", tally.meaning)
        lines += [
            f'{tally.name}{{{tally.label}="{value}"}} {count}'
            for value, count in sorted(tally.counts.items())
        ]
    return "\n".join(lines) + "\n"


_HANDLED: Final = "scanner_messages_handled_total"
_FAILED: Final = "scanner_messages_failed_total"
_DEAD: Final = "scanner_messages_dead_lettered_total"
_PENDING: Final = "scanner_messages_pending"
_OF_CONSUMERS: Final = (
    (_HANDLED, "counter", "Messages handled and acknowledged."),
    (_FAILED, "counter", "Deliveries whose handling failed."),
    (_DEAD, "counter", "Messages set aside as dead letters."),
    (_PENDING, "gauge", "Messages waiting or in hand, all replicas together."),
)


def _value(state: ConsumerState, name: str) -> int | None:
    return {
        _HANDLED: state.counts.handled,
        _FAILED: state.counts.failed,
        _DEAD: state.counts.dead_lettered,
        _PENDING: state.pending,
    }[name]


def _figure(name: str, kind: str, meaning: str, value: float | None) -> Iterator[str]:
    if value is not None:
        yield from _header(name, kind, meaning)
        yield f"{name} {value}"


def _header(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"

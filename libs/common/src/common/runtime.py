"""What a service is made of, as its `app.py` declares it and `common.service` runs it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from common.bus import Answer, AnswerStream, Bus, Consumer
from common.clock import Clock
from common.domain import Fact
from common.metrics import Tally
from common.settings import SettingsSource

Handle = Callable[[Sequence[Fact]], Awaitable[Sequence[Sequence[Fact]]]]
"""Turn a batch of facts into the facts to publish for each: same length, same order."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a service does with the facts of one durable consumer."""

    consumer: Consumer
    handle: Handle


@dataclass(frozen=True, kw_only=True)
class Responder:
    """A question a service answers; `target` names one answerer among several."""

    subject: str
    answer: Answer
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class StreamResponder:
    """A question a service answers in parts."""

    subject: str
    answer: AnswerStream
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What every service is given: its name, the bus, the venue's clock and the settings."""

    name: str
    instance: str
    """Unlike any other replica's."""
    bus: Bus
    clock: Clock
    settings: SettingsSource


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything a service does; the runtime decides when."""

    stages: tuple[Stage, ...] = ()
    answers: tuple[Responder, ...] = ()
    streams: tuple[StreamResponder, ...] = ()
    tasks: tuple[Callable[[], Awaitable[None]], ...] = ()
    """Background loops, cancelled on drain; a TransientError starts one again after a pause."""
    start: Callable[[], Awaitable[None]] | None = None
    """Rebuild state before anything is consumed; tried again after a TransientError."""
    stop: Callable[[], Awaitable[None]] | None = None
    """Let go of what `start` opened, even if it failed; called once consuming has ended."""
    ready: Callable[[], Awaitable[str | None]] | None = None
    """Say in one sentence why the service cannot do its work now, or None."""
    limits: Callable[[], Awaitable[str | None]] | None = None
    """Say in one sentence what it does without at present while it works on, or None."""
    tallies: Callable[[], Sequence[Tally]] = tuple
    """What it counts besides, for /metrics."""

"""The bus as every service sees it: facts out, batches of deliveries in, questions and answers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from common.domain import Fact, Request
from common.streams import Bucket


class Start(StrEnum):
    """Where a follower begins."""

    NEW = "new"
    """Only what is told from now on."""
    LATEST = "latest"
    """The last fact of every subject, then what is told from now on."""
    ALL = "all"
    """Everything the stream still keeps, then what is told from now on."""


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """A durable, shared position in one stream: replicas with the same name share the work."""

    name: str
    facts: tuple[type[Fact], ...]
    """All from one stream."""
    batch: int = 64
    ack_wait: timedelta = timedelta(seconds=30)
    max_deliveries: int = 5
    backoff: tuple[timedelta, ...] = (
        timedelta(seconds=0.2),
        timedelta(seconds=1),
        timedelta(seconds=3),
        timedelta(seconds=10),
    )
    """Pause before each new delivery of a message whose handling failed."""
    retry_forever: bool = False
    """A TransientError never ends in a dead letter: the recorder waits for Postgres."""


class Delivery(Protocol):
    """One message handed to one consumer, until it is acknowledged, put back or set aside."""

    @property
    def subject(self) -> str:
        """Where it was told."""

    @property
    def headers(self) -> Mapping[str, str]:
        """`Fact`, `Nats-Msg-Id`, `traceparent`, and `Scan-Id` where the fact has one."""

    @property
    def body(self) -> bytes:
        """The bytes, unread."""

    @property
    def attempt(self) -> int:
        """1 on the first delivery."""

    @property
    def stream_sequence(self) -> int:
        """Its place in the stream."""

    def activate(self) -> AbstractContextManager[None]:
        """Work inside the message's span, a child of the span it was published in.

        The span begins with the delivery and ends when it is acknowledged, put back or set aside.
        """

    def fact(self) -> Fact:
        """Read the body as the fact the header names; raise InvalidMessageError when it is not."""

    async def ack(self) -> None:
        """It is done: never deliver it again."""

    async def nak(self, delay: timedelta) -> None:
        """It failed: deliver it again after `delay`."""

    async def terminate(self) -> None:
        """It can never be handled: never deliver it again."""

    async def in_progress(self) -> None:
        """Work goes on: restart the acknowledgement wait."""


@dataclass(frozen=True, kw_only=True)
class GivenUp:
    """A message the broker stopped delivering after its last attempt: its consumers died of it."""

    consumer: str
    """The durable consumer that never acknowledged it."""
    sequence: int
    """Its place in its stream."""
    deliveries: int
    subject: str
    """Empty, like headers and body, when the stream no longer keeps the message."""
    headers: Mapping[str, str]
    body: bytes
    ack: Callable[[], Awaitable[None]]
    """It has been told as a DeadLetter: never report it again."""


@dataclass(frozen=True)
class Reply:
    """What answers a question: a JSON model's bytes, an Arrow stream, or an error sentence."""

    body: bytes = b""
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[bytes], Awaitable[Reply]]
"""Turn a request's bytes into a reply; a raised ScannerError becomes an error reply."""


AnswerStream = Callable[[bytes], AsyncIterator[Reply]]
"""Turn a request's bytes into parts; a raised ScannerError becomes a last part with its error."""


@dataclass(frozen=True)
class Value:
    """What a bucket keeps under a key."""

    body: bytes
    revision: int
    """What a writer names to replace just this value; 0 when there is none yet."""


class Values(Protocol):
    """One bucket: values that services share, written only over what the writer has seen."""

    async def read(self, key: str) -> Value:
        """Return what is kept now; raise BusUnavailableError at once when the broker is away."""

    async def write(self, key: str, body: bytes, *, revision: int) -> int | None:
        """Replace the value of that revision; return the new one, None when another was faster.

        Raises BusUnavailableError when the broker is away; the value may be written even so.
        """

    def watch(self, key: str) -> AsyncIterator[Value]:
        """Yield what is kept now, if anything is, then each value that replaces it."""


class Bus(Protocol):
    """Tell facts, consume them durably, follow them, ask and answer."""

    async def publish(self, fact: Fact) -> None:
        """Tell a fact; a durable one returns once stored, and twice the same key is stored once.

        Raises StreamFullError when the stream refuses, BusUnavailableError when nobody answers.
        """

    def consume(self, consumer: Consumer) -> AsyncIterator[Sequence[Delivery]]:
        """Yield batches of deliveries, oldest first, for as long as the bus lives.

        After a crash (see `common.bus.caution`) batches hold one message, so that a message that
        kills its consumer takes no neighbour with it.
        """

    async def pending(self, consumer: Consumer) -> int:
        """Count the messages that wait for a consumer or are in its hands: its lag.

        Raises TransientError when the broker is away or nobody has consumed under its name yet.
        """

    def working(self, deliveries: Sequence[Delivery]) -> AbstractContextManager[None]:
        """Restart the acknowledgement waits of `deliveries` while inside.

        The ticks come from where blocking work cannot starve them, and end after ten minutes.
        """

    def given_up(self) -> AsyncIterator[Sequence[GivenUp]]:
        """Yield messages the broker gave up on, whoever consumed them; all services share them."""

    def unavailable(self) -> str | None:
        """Say in one sentence why the bus cannot be used right now, or None."""

    def follow(
        self, *facts: type[Fact], start: Start = Start.NEW, **tokens: str
    ) -> AsyncIterator[Fact]:
        """Yield facts as they are told, without acknowledging: for caches, screens and counters.

        Unreadable messages are skipped here; their durable consumers set them aside. Broken
        connections are mended without losing durable facts. Several kinds from different streams
        keep each stream's order only. `tokens` narrow the subjects: `venue="binance"`.
        """

    def replay(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        """Yield the facts their one stream keeps now, oldest first, then stop: to rebuild state."""

    def latest(self, *facts: type[Fact], **tokens: str) -> AsyncIterator[Fact]:
        """Yield the last fact of every subject their one stream keeps, then stop."""

    def values(self, bucket: Bucket) -> Values:
        """Return a bucket of values that services share."""

    async def ask(
        self, request: Request, *, within: timedelta = timedelta(seconds=10), target: str = ""
    ) -> Reply:
        """Ask a question and return its answer.

        `target` names one answerer among several (a fetcher's venue). Raises BusUnavailableError
        when nobody answers in time.
        """

    async def answer(self, subject: str, answer: Answer, *, target: str = "") -> None:
        """Answer every question asked at `subject` from now on; replicas share the questions."""

    def ask_stream(
        self, request: Request, *, silence: timedelta = timedelta(seconds=30), target: str = ""
    ) -> AsyncIterator[Reply]:
        """Ask a question and yield the parts of its answer as they come, in order, all of them.

        Leaving early tells the answerer to stop. Raises BusUnavailableError when nobody answers,
        when a part was lost, or when no part comes for as long as `silence`.
        """

    async def answer_stream(self, subject: str, answer: AnswerStream, *, target: str = "") -> None:
        """Answer every question asked at `subject` in parts; replicas share the questions.

        An answer whose asker has left is cancelled.
        """

    async def close(self) -> None:
        """Let go of everything; what is not acknowledged is delivered again."""

"""One stream of the memory bus, and the shared positions of its durable consumers.

It refuses, forgets, counts and redelivers as JetStream does; times are monotonic seconds.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from common.bus.messages import MESSAGE_ID
from common.bus.port import Consumer
from common.errors import BusUnavailableError, StreamFullError
from common.streams import Stream

_OVERHEAD = 34  # what the real store adds to each message


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One message as the stream keeps it."""

    sequence: int
    subject: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def size(self) -> int:
        """Bytes counted against the stream's limit."""
        headers = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return _OVERHEAD + len(self.subject) + headers + len(self.body)


class MemoryStream:
    """An append-only log that refuses messages when full and stores each key once."""

    def __init__(self, stream: Stream, *, duplicate_window: timedelta) -> None:
        self.stream = stream
        self.last_sequence = 0
        self._messages: dict[int, Stored] = {}
        self._bytes = 0
        self._duplicate_window = duplicate_window.total_seconds()
        self._seen: dict[str, float] = {}
        self._positions: dict[str, Position] = {}

    def append(self, subject: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Store a message unless its key was stored within the duplicate window."""
        now = time.monotonic()
        self._forget(now)
        key = headers.get(MESSAGE_ID)
        if key is not None and key in self._seen:
            return False
        message = Stored(
            sequence=self.last_sequence + 1,
            subject=subject,
            headers=dict(headers),
            body=body,
            at=now,
        )
        if self._bytes + message.size > self.stream.max_bytes:
            raise StreamFullError(
                f"stream {self.stream.name} holds at most {self.stream.max_bytes:,} bytes, "
                f"was {self._bytes:,} before {key or subject}"
            )
        self.last_sequence = message.sequence
        self._messages[message.sequence] = message
        self._bytes += message.size
        if key is not None:
            self._seen[key] = now
        return True

    def get(self, sequence: int) -> Stored | None:
        """Return a message the stream still keeps."""
        return self._messages.get(sequence)

    def after(self, sequence: int, subjects: Sequence[str]) -> Iterator[Stored]:
        """Yield kept messages beyond `sequence` that a subscription matches, oldest first."""
        self._forget(time.monotonic())
        for number in range(max(sequence + 1, self._first()), self.last_sequence + 1):
            message = self._messages.get(number)
            if message is not None and any(matches(one, message.subject) for one in subjects):
                yield message

    def latest(self, subjects: Sequence[str]) -> list[Stored]:
        """Return the last kept message of every subject, oldest first."""
        last = {message.subject: message for message in self.after(0, subjects)}
        return sorted(last.values(), key=lambda message: message.sequence)

    def position(self, consumer: Consumer, subjects: Sequence[str]) -> "Position":
        """Return the shared position of a durable consumer, made when first asked for."""
        position = self._positions.setdefault(consumer.name, Position(self))
        position.consumer, position.subjects = consumer, tuple(subjects)
        return position

    def pending(self, name: str) -> int:
        """Count what a durable consumer has not acknowledged."""
        position = self._positions.get(name)
        if position is None:
            raise BusUnavailableError(f"stream {self.stream.name} has no consumer {name}")
        return len(position.pending) + sum(
            1 for _ in self.after(position.read_to, position.subjects)
        )

    def _first(self) -> int:
        return next(iter(self._messages), self.last_sequence + 1)

    def _forget(self, now: float) -> None:
        max_age = self.stream.max_age.total_seconds()
        while self._messages and now - self._messages[self._first()].at > max_age:
            self._bytes -= self._messages.pop(self._first()).size
        while self._seen:
            key = next(iter(self._seen))
            if now - self._seen[key] <= self._duplicate_window:
                break
            del self._seen[key]


@dataclass
class _Pending:
    attempt: int
    due: float


@dataclass
class Position:
    """Where a durable consumer is: what it has yet to read and what it has not acknowledged."""

    stream: MemoryStream
    consumer: Consumer = field(init=False)
    subjects: tuple[str, ...] = ()
    read_to: int = 0
    pending: dict[int, _Pending] = field(default_factory=dict)
    working: Counter[int] = field(default_factory=Counter)
    """How many hold a message in progress."""
    given_up: list[bytes] = field(default_factory=list)
    """Advisories to publish, as the broker words them."""

    @property
    def redelivered(self) -> int:
        """How many unacknowledged messages have been delivered more than once."""
        return sum(pending.attempt > 1 for pending in self.pending.values())

    def take(self, limit: int) -> list[tuple[Stored, int]]:
        """Hand out up to `limit` messages with their attempt: overdue ones first, then new ones."""
        now = time.monotonic()
        taken = [*self._overdue(limit, now)]
        for message in self.stream.after(self.read_to, self.subjects):
            if len(taken) >= limit:
                break
            self.read_to = message.sequence
            self.pending[message.sequence] = _Pending(1, now + self._ack_wait)
            taken.append((message, 1))
        else:
            self.read_to = self.stream.last_sequence
        return taken

    def next_due(self) -> float | None:
        """Return when the next unacknowledged message is due again."""
        return min((pending.due for pending in self.pending.values()), default=None)

    def settle(self, sequence: int) -> None:
        """Never deliver it again."""
        self.working.pop(sequence, None)
        self.pending.pop(sequence, None)

    def put_back(self, sequence: int, delay: timedelta) -> None:
        """Deliver it again after `delay`."""
        self.working.pop(sequence, None)
        if sequence in self.pending:
            self.pending[sequence].due = time.monotonic() + delay.total_seconds()

    def keep(self, sequence: int) -> None:
        """Restart its acknowledgement wait."""
        if sequence in self.pending:
            self.pending[sequence].due = time.monotonic() + self._ack_wait

    def hold(self, sequence: int) -> None:
        """Restart its acknowledgement wait whenever it runs out, until released or settled."""
        self.working[sequence] += 1
        self.keep(sequence)

    def release(self, sequence: int) -> None:
        """Let its acknowledgement wait run."""
        if self.working[sequence] > 0:
            self.working[sequence] -= 1
            self.keep(sequence)

    @property
    def _ack_wait(self) -> float:
        return self.consumer.ack_wait.total_seconds()

    def _overdue(self, limit: int, now: float) -> Iterator[tuple[Stored, int]]:
        for sequence in sorted(self.pending):
            pending, message = self.pending[sequence], self.stream.get(sequence)
            if pending.due > now:
                continue
            if message is None:
                self.settle(sequence)
            elif self.working[sequence] > 0:
                pending.due = now + self._ack_wait
            elif pending.attempt >= self.consumer.max_deliveries and not self._patient:
                self.settle(sequence)
                self._give_up(sequence, pending.attempt)
            elif limit > 0:
                limit -= 1
                pending.attempt += 1
                pending.due = now + self._ack_wait
                yield message, pending.attempt

    @property
    def _patient(self) -> bool:
        return self.consumer.retry_forever

    def _give_up(self, sequence: int, deliveries: int) -> None:
        advisory = {
            "type": "io.nats.jetstream.advisory.v1.max_deliver",
            "stream": self.stream.stream.name,
            "consumer": self.consumer.name,
            "stream_seq": sequence,
            "deliveries": deliveries,
        }
        self.given_up.append(json.dumps(advisory).encode())


def matches(subscription: str, subject: str) -> bool:
    """Whether a subscription with `*` and `>` covers a subject."""
    wanted, found = subscription.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        return len(found) > len(wanted) and matches(
            ".".join(wanted), ".".join(found[: len(wanted)])
        )
    return len(wanted) == len(found) and all(
        token in {"*", other} for token, other in zip(wanted, found, strict=True)
    )

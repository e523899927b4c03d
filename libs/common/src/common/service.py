"""A running service: consume, hand over, publish, acknowledge; heartbeat, health and a clean end.

The fate of a message is decided here and nowhere else:

- the handler returns: its facts are published, then the message is acknowledged;
- `InvalidMessageError`: the message is terminated and told as a `DeadLetter`;
- `TransientError`: it is put back with a pause;
- anything else: logged, put back, and a `DeadLetter` after the last delivery.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from common.bus import Consumer
from common.domain import Fact

Handle = Callable[[Sequence[Fact]], Awaitable[Sequence[Sequence[Fact]]]]
"""Turn a batch of facts into the facts to publish for each: same length, same order."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a service does with the facts of one durable consumer."""

    consumer: Consumer
    handle: Handle

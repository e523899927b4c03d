"""What a venue's stream speaks: topics, and the messages that belong to them."""

from dataclasses import dataclass
from typing import Literal, Protocol

from exchange_sim.core.timeframes import Timeframe

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to subscribe to; `symbol` is none when it tells of all contracts at once."""

    name: str
    kind: Literal["kline", "mark", "mini", "ticker"]
    symbol: str | None
    timeframe: Timeframe | None = None
    every: float | None = None
    """Wall seconds between two updates, when it is not the usual time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client's message brings about: an answer, and topics that come and go."""

    text: str | None = None
    subscribe: tuple[Topic, ...] = ()
    unsubscribe: tuple[str, ...] = ()


class Dialect(Protocol):
    """One venue's stream; `closed` and `update` read the market, all else is quick."""

    @property
    def venue(self) -> str:
        """The venue's name in the books."""

    @property
    def route(self) -> str:
        """How faults and books call the stream."""

    @property
    def most_connects(self) -> int:
        """Connections that an address may open in five minutes."""

    @property
    def most_messages(self) -> int | None:
        """Messages a second that a client may send before it is disconnected."""

    @property
    def refused_connect(self) -> int:
        """The HTTP status for an address that connects too often."""

    @property
    def pings(self) -> bool:
        """Whether the server pings its clients and drops those that do not answer."""

    def reply(self, text: str, subscribed: tuple[str, ...], now: int) -> Reply:
        """Return what a client's message brings about."""

    def closed(self, topic: Topic, opened: int) -> str | None:
        """Return the message that tells a candle's close, None when it never traded."""

    def update(self, topic: Topic, now: int) -> Row | list[Row] | None:
        """Return how a topic stands now."""

    def compose(self, topic: Topic, update: Row | list[Row], memory: Row, now: int) -> str | None:
        """Return the message that tells an update to a client that knows `memory`."""

    def ends(self, topic: Topic) -> int:
        """Return when a topic's contract ends."""

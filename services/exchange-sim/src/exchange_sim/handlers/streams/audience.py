"""The open connections of all streams, and what they listen to together."""

from collections.abc import Iterable

from exchange_sim.core.accounting import Accounting
from exchange_sim.handlers.streams.connection import Connection
from exchange_sim.handlers.streams.dialect import Dialect, Topic

CHUNK = 16
"""Topics read in one go: a REST request waits for the thread no longer than that."""


class Audience:
    """Who listens to what."""

    def __init__(self, accounting: Accounting) -> None:
        self.accounting = accounting
        self._connections: set[Connection] = set()

    def __bool__(self) -> bool:
        return bool(self._connections)

    def join(self, connection: Connection) -> None:
        """Take in a new connection."""
        self._connections.add(connection)
        self.accounting.streams[connection.dialect.venue].connections += 1
        self.count(connection.dialect.venue)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._connections.discard(connection)
        self.count(connection.dialect.venue)

    def count(self, venue: str) -> None:
        """Enter how many connections and subscriptions a venue has now."""
        book = self.accounting.streams[venue]
        mine = [one for one in self._connections if one.dialect.venue == venue]
        book.open = len(mine)
        book.subscriptions = sum(len(one.topics) for one in mine)

    def connections(self) -> list[Connection]:
        """Return every open connection."""
        return list(self._connections)

    def listeners(self, dialect: Dialect) -> list[Connection]:
        """Return the open connections of one venue's stream."""
        return [one for one in self._connections if one.dialect is dialect]

    def topics(self) -> list[tuple[Dialect, list[Topic]]]:
        """Return each stream with all that anyone listens to there."""
        gathered: dict[str, tuple[Dialect, dict[str, Topic]]] = {}
        for connection in self._connections:
            _, topics = gathered.setdefault(connection.dialect.route, (connection.dialect, {}))
            topics |= connection.topics
        return [(dialect, list(topics.values())) for dialect, topics in gathered.values()]


def chunks(topics: list[Topic]) -> Iterable[list[Topic]]:
    """Return the topics in portions that are read in one go."""
    return (topics[first : first + CHUNK] for first in range(0, len(topics), CHUNK))

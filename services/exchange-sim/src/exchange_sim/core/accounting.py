"""The venue's own books: what was asked, what it cost, what was refused, what went wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from exchange_sim.core.allowance import POOL_WINDOW
from exchange_sim.core.timeframes import MINUTE

BINANCE = "binance"
"""The venue whose minutes the books' own weight lines tell; the others stand under `venues`."""


@dataclass(slots=True)
class RouteBook:
    """What one route has seen."""

    requests: int = 0
    weight: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Window:
    """What was used in the current window of time, and the most that any window has seen."""

    number: int = -1
    used: int = 0
    peak: int = 0

    def add(self, amount: int, number: int) -> None:
        """Count an amount in the window of that number."""
        self.used = amount + (self.used if number == self.number else 0)
        self.number = number
        self.peak = max(self.peak, self.used)


@dataclass(slots=True)
class StreamBook:
    """What one venue's streams have carried; wall times are seconds since the epoch."""

    connections: int = 0
    open: int = 0
    subscriptions: int = 0
    messages: int = 0
    closes: int = 0
    last_boundary: int = 0
    last_burst: int = 0
    last_burst_began: float = 0.0
    last_burst_ended: float = 0.0

    def summary(self) -> dict[str, object]:
        """Return the book as JSON values."""
        return {
            "connections": self.connections,
            "open": self.open,
            "subscriptions": self.subscriptions,
            "messages": self.messages,
            "closes": self.closes,
            "last_boundary": self.last_boundary,
            "last_burst": self.last_burst,
            "last_burst_began": self.last_burst_began,
            "last_burst_ended": self.last_burst_ended,
        }


@dataclass(slots=True)
class VenueBook:
    """What one venue has seen: `while_told_to_wait` came before a Retry-After had passed."""

    routes: dict[str, RouteBook] = field(default_factory=lambda: defaultdict(RouteBook))
    minute: Window = field(default_factory=Window)
    pools: dict[str, Window] = field(default_factory=lambda: defaultdict(Window))
    while_banned: int = 0
    while_told_to_wait: int = 0
    injected: Counter[str] = field(default_factory=Counter)

    def summary(self, now: int) -> dict[str, object]:
        """Return the book as JSON values."""
        statuses: Counter[int] = sum((book.statuses for book in self.routes.values()), Counter())
        return {
            "requests": sum(book.requests for book in self.routes.values()),
            "weight": sum(book.weight for book in self.routes.values()),
            "weight_this_minute": self.minute.used if self.minute.number == now // MINUTE else 0,
            "weight_peak_minute": self.minute.peak,
            "pool_peaks": {pool: window.peak for pool, window in sorted(self.pools.items())},
            "while_banned": self.while_banned,
            "while_told_to_wait": self.while_told_to_wait,
            "injected": dict(sorted(self.injected.items())),
            "statuses": {str(status): count for status, count in sorted(statuses.items())},
        }


@dataclass(slots=True)
class Accounting:
    """Counts since the start or the last reset; minutes are those of the weight clock."""

    venues: dict[str, VenueBook] = field(default_factory=lambda: defaultdict(VenueBook))
    streams: dict[str, StreamBook] = field(default_factory=lambda: defaultdict(StreamBook))

    @property
    def faults(self) -> int:
        """How many faults have struck, of every venue."""
        return sum(sum(book.injected.values()) for book in self.venues.values())

    @property
    def while_banned(self) -> int:
        """How many requests came from a banned address, of every venue."""
        return sum(book.while_banned for book in self.venues.values())

    def record(
        self,
        route: str,
        status: int,
        *,
        weight: int,
        pool: str | None,
        now: int,
        venue: str = BINANCE,
        pool_window: int = POOL_WINDOW,
    ) -> None:
        """Enter one request, answered or refused."""
        venue_book = self.venues[venue]
        book = venue_book.routes[route]
        book.requests += 1
        book.weight += weight
        book.statuses[status] += 1
        venue_book.minute.add(weight, now // MINUTE)
        if pool is not None:
            venue_book.pools[pool].add(1, now // pool_window)

    def inject(self, venue: str, kind: str) -> None:
        """Enter one fault that struck."""
        self.venues[venue].injected[kind] += 1

    def reset(self) -> None:
        """Open the books anew; streams that are open stay counted as open."""
        self.venues.clear()
        for name, book in self.streams.items():
            self.streams[name] = StreamBook(open=book.open, subscriptions=book.subscriptions)

    def summary(self, now: int) -> dict[str, object]:
        """Return the books as JSON values."""
        own = self.venues[BINANCE].summary(now)
        routes = {
            path: book for venue in self.venues.values() for path, book in venue.routes.items()
        }
        statuses: Counter[int] = sum((book.statuses for book in routes.values()), Counter())
        return {
            "requests": sum(book.requests for book in routes.values()),
            "weight": own["weight"],
            "weight_this_minute": own["weight_this_minute"],
            "weight_peak_minute": own["weight_peak_minute"],
            "pool_peaks": own["pool_peaks"],
            "too_many_requests": statuses[429],
            "banned": statuses[418],
            "while_banned": self.while_banned,
            "while_told_to_wait": sum(book.while_told_to_wait for book in self.venues.values()),
            "faults": self.faults,
            "statuses": {str(status): count for status, count in sorted(statuses.items())},
            "routes": {
                path: {
                    "requests": book.requests,
                    "weight": book.weight,
                    "statuses": {str(status): n for status, n in sorted(book.statuses.items())},
                }
                for path, book in sorted(routes.items())
            },
            "venues": {name: book.summary(now) for name, book in sorted(self.venues.items())},
            "streams": {name: book.summary() for name, book in sorted(self.streams.items())},
        }

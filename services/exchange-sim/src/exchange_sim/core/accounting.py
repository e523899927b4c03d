"""The venue's own books: what was asked, what it cost, what was refused."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from exchange_sim.core.allowance import POOL_WINDOW
from exchange_sim.core.timeframes import MINUTE


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
class Accounting:
    """Counts since the start or the last reset; minutes are those of the weight clock."""

    routes: dict[str, RouteBook] = field(default_factory=lambda: defaultdict(RouteBook))
    minute: Window = field(default_factory=Window)
    pools: dict[str, Window] = field(default_factory=lambda: defaultdict(Window))
    while_banned: int = 0
    faults: int = 0

    def record(self, route: str, status: int, *, weight: int, pool: str | None, now: int) -> None:
        """Enter one request, answered or refused."""
        book = self.routes[route]
        book.requests += 1
        book.weight += weight
        book.statuses[status] += 1
        self.minute.add(weight, now // MINUTE)
        if pool is not None:
            self.pools[pool].add(1, now // POOL_WINDOW)

    def reset(self) -> None:
        """Open the books anew."""
        self.routes.clear()
        self.minute = Window()
        self.pools.clear()
        self.while_banned = self.faults = 0

    def summary(self, now: int) -> dict[str, object]:
        """Return the books as JSON values."""
        statuses: Counter[int] = sum((book.statuses for book in self.routes.values()), Counter())
        return {
            "requests": sum(book.requests for book in self.routes.values()),
            "weight": sum(book.weight for book in self.routes.values()),
            "weight_this_minute": self.minute.used if self.minute.number == now // MINUTE else 0,
            "weight_peak_minute": self.minute.peak,
            "pool_peaks": {pool: window.peak for pool, window in sorted(self.pools.items())},
            "too_many_requests": statuses[429],
            "banned": statuses[418],
            "while_banned": self.while_banned,
            "faults": self.faults,
            "statuses": {str(status): count for status, count in sorted(statuses.items())},
            "routes": {
                path: {
                    "requests": book.requests,
                    "weight": book.weight,
                    "statuses": {str(status): n for status, n in sorted(book.statuses.items())},
                }
                for path, book in sorted(self.routes.items())
            },
        }

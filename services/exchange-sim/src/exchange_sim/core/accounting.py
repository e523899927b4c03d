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
class Accounting:
    """Counts since the start or the last reset; minutes are those of the weight clock."""

    routes: dict[str, RouteBook] = field(default_factory=lambda: defaultdict(RouteBook))
    minutes: Counter[int] = field(default_factory=Counter)
    pools: Counter[tuple[str, int]] = field(default_factory=Counter)
    while_banned: int = 0
    faults: int = 0

    def record(self, route: str, status: int, *, weight: int, pool: str | None, now: int) -> None:
        """Enter one request, answered or refused."""
        book = self.routes[route]
        book.requests += 1
        book.weight += weight
        book.statuses[status] += 1
        self.minutes[now // MINUTE] += weight
        if pool is not None:
            self.pools[pool, now // POOL_WINDOW] += 1

    def reset(self) -> None:
        """Open the books anew."""
        self.routes.clear()
        self.minutes.clear()
        self.pools.clear()
        self.while_banned = self.faults = 0

    def summary(self, now: int) -> dict[str, object]:
        """Return the books as JSON values."""
        peaks: dict[str, int] = {}
        for (pool, _), count in self.pools.items():
            peaks[pool] = max(peaks.get(pool, 0), count)
        statuses: Counter[int] = sum((book.statuses for book in self.routes.values()), Counter())
        return {
            "requests": sum(book.requests for book in self.routes.values()),
            "weight": sum(book.weight for book in self.routes.values()),
            "weight_this_minute": self.minutes[now // MINUTE],
            "weight_peak_minute": max(self.minutes.values(), default=0),
            "pool_peaks": peaks,
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

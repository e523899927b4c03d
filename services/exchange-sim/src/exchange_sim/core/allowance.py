"""How much an address may ask for: weights a minute, pools of five minutes, refusals and bans."""

from dataclasses import dataclass, field
from enum import Enum

from exchange_sim.core.timeframes import DAY, MINUTE

POOL_WINDOW = 5 * MINUTE
VISITS_WINDOW = 5_000

_SECOND = 1_000


class Refusal(Enum):
    """Why a request is not answered."""

    OVER_LIMIT = 429
    BANNED = 418


@dataclass(frozen=True, slots=True)
class Limits:
    """What the venue allows each address."""

    weight_per_minute: int = 2_400
    pools: tuple[tuple[str, int], ...] = ()
    patience: int = 10  # refusals within a minute before the address is banned
    first_ban: int = 2 * MINUTE
    longest_ban: int = 3 * DAY
    visits: int | None = None  # requests in each window of five seconds, of any kind
    visits_ban: int = 10 * MINUTE  # what the first request too many costs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a request: the weight used this minute, and the refusal if it was refused.

    What arrives during a ban is refused without being charged. `told_to_wait` marks what comes
    before the time that an earlier answer named.
    """

    used: int
    refusal: Refusal | None = None
    until: int = 0
    retry_after: int = 0
    charged: bool = True
    told_to_wait: bool = False


@dataclass(slots=True)
class _Account:
    minute: int = -1
    used: int = 0
    refused: int = 0
    bans: int = 0
    banned_until: int = 0
    wait_until: int = 0
    visited: tuple[int, int] = (-1, 0)
    pools: dict[str, tuple[int, int]] = field(default_factory=dict)


class Allowance:
    """Counts what each address uses; the caller says what time it is."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._pool_limits = dict(limits.pools)
        self._accounts: dict[str, _Account] = {}

    def charge(self, address: str, weight: int, pool: str | None, now: int) -> Verdict:
        """Count one request and say whether it may be answered."""
        account = self._accounts.setdefault(address, _Account())
        minute = now // MINUTE
        if account.minute != minute:
            account.minute, account.used, account.refused = minute, 0, 0
        if now < account.banned_until:
            return _refuse(account, Refusal.BANNED, account.banned_until, now, charged=False)
        waiting = now < account.wait_until
        account.used += weight
        if self._visited_too_often(account, now):
            account.banned_until = now + self.limits.visits_ban
            return _refuse(account, Refusal.BANNED, account.banned_until, now, waiting=waiting)
        free_at = self._free_at(account, pool, now)
        if not free_at:
            return Verdict(account.used, told_to_wait=waiting)
        account.refused += 1
        if account.refused > self.limits.patience:
            ban = min(self.limits.first_ban << min(account.bans, 20), self.limits.longest_ban)
            account.bans += 1
            account.banned_until = now + ban
            return _refuse(account, Refusal.BANNED, account.banned_until, now, waiting=waiting)
        account.wait_until = max(account.wait_until, free_at)
        return _refuse(account, Refusal.OVER_LIMIT, free_at, now, waiting=waiting)

    def ban(self, address: str, until: int, now: int) -> Verdict:
        """Ban an address without a reason; whatever it asks before `until` is refused."""
        account = self._accounts.setdefault(address, _Account())
        account.banned_until = until
        return _refuse(account, Refusal.BANNED, until, now)

    def tell_to_wait(self, address: str, until: int) -> None:
        """Remember that an answer asked the address to come back at `until`, not before."""
        account = self._accounts.setdefault(address, _Account())
        account.wait_until = max(account.wait_until, until)

    def _visited_too_often(self, account: _Account, now: int) -> bool:
        if self.limits.visits is None:
            return False
        window = now // VISITS_WINDOW
        known, count = account.visited
        account.visited = (window, count + 1 if known == window else 1)
        return account.visited[1] > self.limits.visits

    def _free_at(self, account: _Account, pool: str | None, now: int) -> int:
        free_at = 0
        if account.used > self.limits.weight_per_minute:
            free_at = (now // MINUTE + 1) * MINUTE
        if pool in self._pool_limits:
            window = now // POOL_WINDOW
            known, count = account.pools.get(pool, (window, 0))
            count = count + 1 if known == window else 1
            account.pools[pool] = (window, count)
            if count > self._pool_limits[pool]:
                free_at = max(free_at, (window + 1) * POOL_WINDOW)
        return free_at


def _refuse(
    account: _Account,
    refusal: Refusal,
    until: int,
    now: int,
    *,
    charged: bool = True,
    waiting: bool = False,
) -> Verdict:
    return Verdict(account.used, refusal, until, -(-(until - now) // _SECOND), charged, waiting)

"""How much an address may ask for: weights a minute, pools of five minutes, refusals and bans."""

from dataclasses import dataclass, field
from enum import Enum

from exchange_sim.core.timeframes import DAY, MINUTE

POOL_WINDOW = 5 * MINUTE

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a request: the weight used this minute, and the refusal if it was refused.

    What arrives during a ban is refused without being charged.
    """

    used: int
    refusal: Refusal | None = None
    until: int = 0
    retry_after: int = 0
    charged: bool = True


@dataclass(slots=True)
class _Account:
    minute: int = -1
    used: int = 0
    refused: int = 0
    bans: int = 0
    banned_until: int = 0
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
        account.used += weight
        free_at = self._free_at(account, pool, now)
        if not free_at:
            return Verdict(account.used)
        account.refused += 1
        if account.refused > self.limits.patience:
            ban = min(self.limits.first_ban << min(account.bans, 20), self.limits.longest_ban)
            account.bans += 1
            account.banned_until = now + ban
            return _refuse(account, Refusal.BANNED, account.banned_until, now)
        return _refuse(account, Refusal.OVER_LIMIT, free_at, now)

    def _free_at(self, account: _Account, pool: str | None, now: int) -> int:
        free_at = 0
        if account.used > self.limits.weight_per_minute:
            free_at = (now // MINUTE + 1) * MINUTE
        if pool is not None:
            window = now // POOL_WINDOW
            known, count = account.pools.get(pool, (window, 0))
            count = count + 1 if known == window else 1
            account.pools[pool] = (window, count)
            if count > self._pool_limits[pool]:
                free_at = max(free_at, (window + 1) * POOL_WINDOW)
        return free_at


def _refuse(
    account: _Account, refusal: Refusal, until: int, now: int, *, charged: bool = True
) -> Verdict:
    return Verdict(account.used, refusal, until, -(-(until - now) // _SECOND), charged)

"""What a venue may be asked by all who share an address: amounts by the window, and stops.

The account is one value that everybody draws from in turn: it says what is spent in each window
of time and until when the venue is not to be asked at all. Times are the venue's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ASTRAY: Final = timedelta(minutes=2)
"""How far clocks behind one address may disagree; an account from later is of another run."""


@dataclass(frozen=True)
class Pool:
    """An amount that a venue allows in each window of time."""

    name: str
    limit: int
    window: timedelta = timedelta(minutes=1)

    def floor(self, instant: datetime) -> datetime:
        """Return when the window began."""
        return instant - (instant - _EPOCH) % self.window

    def share(self, part: float, name: str = "") -> "Pool":
        """Return a part of the pool, at least one, under its own name or another."""
        return Pool(name or self.name, max(1, int(self.limit * part)), self.window)


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spent(_Kept):
    """What has been drawn from a pool in one window."""

    opened: AwareDatetime
    used: int = Field(ge=0)
    free_at: AwareDatetime | None = None
    """Until when the venue has said that nothing is left, whatever we have counted."""


class Stop(_Kept):
    """The venue told us to stay away."""

    until: AwareDatetime
    reason: str
    forbidden: bool = False
    """It refuses this place or address for good, as far as it says; it is asked again rarely."""


class Account(_Kept):
    """One venue's account at one address."""

    at: AwareDatetime
    """When it was last written."""
    spent: Mapping[str, Spent] = Field(default_factory=dict)
    stop: Stop | None = None

    def believed(self, now: datetime) -> "Account":
        """Return the account, or a new one when this one was kept later than now.

        That is another run of a simulated market.
        """
        return Account(at=now) if self.at - now > _ASTRAY else self

    def stop_at(self, now: datetime) -> Stop | None:
        """Return the stop that holds now."""
        return self.stop if self.stop is not None and now < self.stop.until else None

    def stopped(self, stop: Stop) -> "Account":
        """Return the account with a stop, unless a longer one holds already."""
        if self.stop is not None and self.stop.until >= stop.until:
            return self
        return self.model_copy(update={"stop": stop})

    def allowed_again(self) -> "Account":
        """Return the account without the mark that the venue refuses this place."""
        if self.stop is None or not self.stop.forbidden:
            return self
        return self.model_copy(update={"stop": None})

    def in_window(self, pool: Pool, now: datetime) -> Spent:
        """Return what is spent of a pool now."""
        opened, known = pool.floor(now), self.spent.get(pool.name)
        if known is not None and known.opened >= opened:
            return known  # a later window than ours is that of a neighbour whose clock is ahead
        free_at = known.free_at if known is not None else None
        return Spent(opened=opened, used=0, free_at=free_at)

    def with_spent(self, pool: Pool, spent: Spent) -> "Account":
        """Return the account with what is spent of a pool."""
        return self.model_copy(update={"spent": {**self.spent, pool.name: spent}})

    def counted(self, pool: Pool, used: int, opened: datetime) -> "Account":
        """Believe the venue when it has counted more than we did in the window it speaks of."""
        known = self.spent.get(pool.name)
        if known is not None and (known.opened, known.used) >= (opened, used):
            return self
        free_at = known.free_at if known is not None else None
        return self.with_spent(pool, Spent(opened=opened, used=used, free_at=free_at))

    def owing(self, pool: Pool, amount: int, opened: datetime) -> "Account":
        """Return the account with what was spent in a window without being written down then."""
        known = self.spent.get(pool.name)
        if known is not None and known.opened > opened:
            return self
        if known is None or known.opened < opened:
            known = Spent(opened=opened, used=0, free_at=known.free_at if known else None)
        return self.with_spent(pool, known.model_copy(update={"used": known.used + amount}))

    def resting(self, pool: Pool, until: datetime, now: datetime) -> "Account":
        """Return the account with nothing left in a pool until then."""
        known = self.in_window(pool, now)
        if known.free_at is not None and known.free_at >= until:
            return self
        return self.with_spent(pool, known.model_copy(update={"free_at": until}))


@dataclass(frozen=True)
class Drawn:
    """What became of the wish to spend: an amount that may be spent, or when to ask again."""

    account: Account
    granted: int = 0
    again_at: datetime | None = None


def draw(account: Account, pool: Pool, amount: int, now: datetime, *, most: int) -> Drawn:
    """Take at least `amount` and at most `most` out of a pool."""
    spent = account.in_window(pool, now)
    if spent.free_at is not None and now < spent.free_at:
        return Drawn(account, again_at=spent.free_at)
    left = pool.limit - spent.used
    # An amount beyond the whole limit can never fit: it goes alone, in a window of its own.
    if amount > left and spent.used:
        return Drawn(account, again_at=spent.opened + pool.window)
    granted = max(amount, min(most, left))
    taken = spent.model_copy(update={"used": spent.used + granted})
    return Drawn(account.with_spent(pool, taken), granted=granted)


class Retries:
    """How many requests may be sent again: a few at once, then a share of those that succeed.

    While a venue fails everybody's first request, repeating each would multiply its trouble.
    """

    def __init__(self, *, most: float = 20.0, earned: float = 0.2) -> None:
        self._most = most
        self._earned = earned
        self._left = most

    def succeeded(self) -> None:
        """Count a request that was answered."""
        self._left = min(self._most, self._left + self._earned)

    def allow(self) -> bool:
        """Take one repetition if there is one left."""
        if self._left < 1:
            return False
        self._left -= 1
        return True

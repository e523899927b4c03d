"""A venue's account as all who share an address keep it: on the bus, or alone while it is away."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from common.bus import Value, Values
from common.clock import Clock
from common.errors import BusUnavailableError
from fetcher.core.budget import Account, Drawn, Pool, draw

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 5.0  # before a bus that was away is asked again
_MOST_TURNS: Final = 50  # how often others may be faster

Change = Callable[[Account], Account]


@dataclass(frozen=True)
class _Owed:
    pool: Pool
    opened: datetime
    amount: int


class SharedAccount:
    """Draws from the account in turn with the others; what they do not know yet is told later.

    While the bus is away the others cannot be seen: then no more than a share is drawn.
    """

    def __init__(self, values: Values, clock: Clock, *, key: str, share_alone: float) -> None:
        self._values = values
        self._clock = clock
        self._key = key
        self._share_alone = share_alone
        self._turn = asyncio.Lock()
        self._value = Value(b"", 0)
        self._known = Account(at=clock.now())
        self._notes: dict[str, Change] = {}
        self._owed: dict[str, _Owed] = {}
        self._drawn_alone = self._known
        self._away_until = 0.0
        self.away: str | None = None
        """Why nothing can be shared now."""

    @property
    def known(self) -> Account:
        """The account as far as it is known here."""
        return self._known.believed(self._clock.now())

    async def open(self) -> None:
        """Read what was kept; raise BusUnavailableError when the bus is away.

        Whoever starts a fetcher wants a place tried again that was refused before.
        """
        self._take(await self._values.read(self._key))
        if self._known.allowed_again() is not self._known:
            self.note("allowed", Account.allowed_again)
            await self.tell()

    async def follow(self) -> None:
        """Keep up with what the others write, for ever."""
        async for value in self._values.watch(self._key):
            if value.revision > self._value.revision:
                self._take(value)

    def note(self, name: str, change: Change) -> None:
        """Change the account here at once, and for the others when it is written next."""
        changed = change(self._known)
        if changed is not self._known:
            self._known, self._notes[name] = changed, change

    async def tell(self) -> None:
        """Write what the others do not know yet; keep it while the bus is away."""
        if self._notes or self._owed:
            await self._write(Drawn)

    async def draw(self, pool: Pool, amount: int, *, most: int) -> Drawn:
        """Take at least `amount` and at most `most` out of a pool, or learn when to ask again."""

        def take(account: Account) -> Drawn:
            now = self._clock.now()
            account = account.believed(now)
            if account.stop_at(now) is not None:
                return Drawn(account)
            return draw(account, pool, amount, now, most=most)

        drawn = await self._write(take)
        return self._draw_alone(take, pool, amount) if drawn is None else drawn

    async def _write(self, change: Callable[[Account], Drawn]) -> Drawn | None:
        if asyncio.get_running_loop().time() < self._away_until:
            return None
        async with self._turn:
            try:
                drawn = await self._write_in_turn(change)
            except BusUnavailableError as error:
                self._part(str(error))
                return None
        if self.away is not None:
            _log.info("%s: the budget is shared again", self._key)
            self.away = None
        return drawn

    async def _write_in_turn(self, change: Callable[[Account], Drawn]) -> Drawn:
        if self._value.revision == 0 or self.away is not None:
            self._take(await self._values.read(self._key))
        for _ in range(_MOST_TURNS):
            notes, owed, before = dict(self._notes), dict(self._owed), self._value
            drawn = change(self._with_debts(self._known, owed))
            if drawn.account is self._known and not notes:
                return drawn
            account = drawn.account.model_copy(update={"at": self._clock.now()})
            body = account.model_dump_json().encode()
            revision = await self._values.write(self._key, body, revision=before.revision)
            if revision is not None:
                self._settle(notes, owed)
                self._take(Value(body, revision))
                return drawn
            self._take(await self._values.read(self._key))
        raise BusUnavailableError(f"others wrote {self._key} faster {_MOST_TURNS} times")

    def _take(self, value: Value) -> None:
        self._value = value
        account = self._read(value.body)
        for change in self._notes.values():
            account = change(account)
        self._known = account

    def _read(self, body: bytes) -> Account:
        now = self._clock.now()
        if not body:
            return Account(at=now)
        try:
            return Account.model_validate_json(body).believed(now)
        except ValidationError as error:
            _log.warning("the account %s is begun anew, it cannot be read: %s", self._key, error)
            return Account(at=now)

    def _settle(self, notes: dict[str, Change], owed: dict[str, _Owed]) -> None:
        for name, change in notes.items():
            if self._notes.get(name) is change:
                del self._notes[name]
        for name, debt in owed.items():
            if self._owed.get(name) is debt:
                del self._owed[name]

    @staticmethod
    def _with_debts(account: Account, owed: dict[str, _Owed]) -> Account:
        for debt in owed.values():
            account = account.owing(debt.pool, debt.amount, debt.opened)
        return account

    def _draw_alone(self, take: Callable[[Account], Drawn], pool: Pool, amount: int) -> Drawn:
        now = self._clock.now()
        wished = take(self._known)
        if not wished.granted:
            return wished
        own_pool = pool.share(self._share_alone)
        own = draw(self._drawn_alone, own_pool, amount, now, most=wished.granted)
        if not own.granted:
            return own
        self._drawn_alone = own.account
        self._known = draw(self._known, pool, own.granted, now, most=own.granted).account
        opened, debt = pool.floor(now), self._owed.get(pool.name)
        before = debt.amount if debt is not None and debt.opened == opened else 0
        self._owed[pool.name] = _Owed(pool, opened, before + own.granted)
        return own

    def _part(self, reason: str) -> None:
        self._away_until = asyncio.get_running_loop().time() + _PAUSE_SECONDS
        if self.away is None:
            _log.warning(
                "%s: %s; until then no more than %.0f %% of the budget is spent here",
                self._key,
                reason,
                100 * self._share_alone,
            )
        self.away = reason

"""Leave to ask a venue: what may be spent, and the times when nobody may ask at all."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from typing_extensions import override

from common.clock import Clock
from common.errors import VenueCoolingError, VenueForbiddenError
from fetcher.core.budget import Pool, Stop
from fetcher.handlers.account import SharedAccount
from fetcher.ports import Budget

_log = logging.getLogger(__name__)

_PORTIONS: Final = 32  # a limit is drawn in so many parts, lest every request ask the bus
_SHORTEST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=3)  # no venue bans for longer


@dataclass
class _Purse:
    opened: datetime
    left: int


class SharedBudget(Budget):
    """Spends what is drawn from the shared account, portion by portion."""

    def __init__(
        self,
        account: SharedAccount,
        clock: Clock,
        *,
        venue: str,
        share: float,
        cooling: timedelta,
        forbidden_for: timedelta,
    ) -> None:
        self._account = account
        self._clock = clock
        self._venue = venue
        self._share = share
        self._cooling = cooling
        self._forbidden_for = forbidden_for
        self._purses: dict[str, _Purse] = {}
        self._queues: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stopped = False

    async def open(self) -> None:
        """Read what was kept of earlier runs and of others; call it before anything is asked."""
        await self._account.open()

    async def follow(self) -> None:
        """Keep up with the others at this address, for ever."""
        await self._account.follow()

    @override
    def check(self) -> None:
        stop = self._account.known.stop_at(self._clock.now())
        if stop is not None:
            self._stopped = True
            raise _error(stop)

    @override
    async def spend(self, pool: Pool, amount: int) -> None:
        pool = pool.share(self._share)
        async with self._queues[pool.name]:
            while (again_at := await self._spend(pool, amount)) is not None:
                await self._clock.sleep_until(again_at)

    @override
    async def spend_at_once(self, pool: Pool, amount: int) -> bool:
        pool = pool.share(self._share)
        async with self._queues[pool.name]:
            return await self._spend(pool, amount) is None

    @override
    def observe(self, pool: Pool, used: int, sent_at: datetime) -> None:
        pool = pool.share(self._share)
        opened, purse = pool.floor(sent_at), self._purses.get(pool.name)
        if purse is not None and purse.opened == opened:
            purse.left = min(purse.left, max(0, pool.limit - used))
            used += purse.left
        self._account.note(f"used {pool.name}", lambda one: one.counted(pool, used, opened))

    @override
    def rest(self, pool: Pool, until: datetime) -> None:
        self._purses.pop(pool.name, None)
        now = self._clock.now()
        self._account.note(f"rest {pool.name}", lambda one: one.resting(pool, until, now))

    @override
    def stop(self, reason: str, pause: timedelta | None = None) -> VenueCoolingError:
        pause = min(max(self._cooling if pause is None else pause, _SHORTEST), _LONGEST)
        return self._keep(Stop(until=self._clock.now() + pause, reason=reason))

    @override
    def forbid(self, reason: str) -> VenueForbiddenError:
        until = self._clock.now() + self._forbidden_for
        error = self._keep(Stop(until=until, reason=reason, forbidden=True))
        return VenueForbiddenError(str(error), until=error.until)

    @override
    async def tell(self) -> None:
        await self._account.tell()

    @property
    @override
    def probing(self) -> bool:
        return self._stopped

    @override
    def answered(self) -> None:
        self._stopped = False

    def lacking(self) -> str | None:
        """Say in one sentence what the venue or the bus keeps from us, or None."""
        stop = self._account.known.stop_at(self._clock.now())
        if stop is not None:
            return f"{self._venue}: {_error(stop)}"
        if self._account.away is not None:
            return f"{self._venue} is asked within our own share alone: {self._account.away}"
        return None

    async def _spend(self, pool: Pool, amount: int) -> datetime | None:
        while True:
            self.check()
            opened, purse = pool.floor(self._clock.now()), self._purses.get(pool.name)
            left = purse.left if purse is not None and purse.opened == opened else 0
            if amount <= left:
                self._purses[pool.name] = _Purse(opened, left - amount)
                return None
            portion = max(amount - left, pool.limit // _PORTIONS)
            drawn = await self._account.draw(pool, amount - left, most=portion)
            if drawn.again_at is not None:
                return drawn.again_at
            if drawn.granted:
                # What was observed while the bus was asked counts: what is left is read anew.
                purse = self._purses.get(pool.name)
                left = purse.left if purse is not None and purse.opened == opened else 0
                self._purses[pool.name] = _Purse(opened, left + drawn.granted)

    def _keep(self, stop: Stop) -> VenueCoolingError:
        before = self._account.known
        self._account.note("stop", lambda one: one.stopped(stop))
        if self._account.known is not before:
            _log.warning("%s: no request until %s", stop.reason, stop.until.isoformat())
        self._stopped = True
        return _error(self._account.known.stop or stop)


def _error(stop: Stop) -> VenueCoolingError:
    if stop.forbidden:
        return VenueForbiddenError(
            f"{stop.reason}; asked again at {stop.until:%Y-%m-%d %H:%M:%S} UTC", until=stop.until
        )
    return VenueCoolingError(
        f"{stop.reason}: the venue told us to stay away until {stop.until:%H:%M:%S} UTC",
        until=stop.until,
    )

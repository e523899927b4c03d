"""Funding, marks, open interest and positioning: one bulk answer for all, the rest one by one."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from common.clock import Clock
from common.domain import Derivatives, Source, Timeframe
from common.errors import ScannerError, VenueCoolingError
from fetcher.core.derivatives import AccountRatio, Premium, QuadrantRule, describe
from fetcher.core.freshness import is_fresh
from fetcher.core.interest import InterestMemory, InterestPoint
from fetcher.core.parsing import instant
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.sourcing import Sourcing
from fetcher.ports import VenueReader

_log = logging.getLogger(__name__)

_RATIO_AGE: Final = timedelta(minutes=5)  # the venues tell it so often
_KNOWN_FOR: Final = timedelta(minutes=15)  # what is older says nothing of now
_PRICED_HOURS: Final = 30


class DerivativesDesk:
    """Reads derivatives and remembers a day of open interest; what nobody tells stays null.

    A reading that the budget does not allow now is left as it was, with the time it is from:
    candles never wait for it.
    """

    def __init__(
        self,
        reader: VenueReader,
        clock: Clock,
        windows: CandleWindows,
        sourcing: Sourcing,
        *,
        venue: str,
        rule: QuadrantRule,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._windows = windows
        self._sourcing = sourcing
        self._venue = venue
        self._rule = rule
        self._interest: defaultdict[str, InterestMemory] = defaultdict(InterestMemory)
        self._asked: dict[str, datetime] = {}
        """The hour in which a contract's history was read: it grows hourly."""
        self._accounts: dict[str, AccountRatio] = {}
        self._latest: dict[str, Derivatives] = {}
        self._asking = asyncio.Lock()
        self._unknown_until = 0.0

    async def premiums(self) -> Mapping[str, Premium]:
        """Return all contracts' premiums; empty when the venue does not tell them.

        A silent venue is waited for once: who comes while others wait, or for as long after it as
        they have waited, has their answer.
        """
        async with self._asking:
            asked = time.monotonic()
            if self._sourcing.resting or asked < self._unknown_until:
                return {}
            try:
                return await self._reader.premiums()
            except VenueCoolingError:
                raise
            except ScannerError as error:
                _log.warning("funding and marks are unknown now: %s", error)
                self._unknown_until = 2 * time.monotonic() - asked
                return {}

    async def read(self, premium: Premium | None, *, simulated: bool) -> Derivatives | None:
        """Return one contract's derivatives, None when not even its mark is known."""
        if premium is not None:
            await self._read_interest(premium)
            await self._read_ratio(premium.symbol)
        return self.known(premium, simulated=simulated)

    def known(self, premium: Premium | None, *, simulated: bool) -> Derivatives | None:
        """Return the same without asking for anything: what was read before, while it is young."""
        if premium is None:
            return None
        memory, accounts = self._interest[premium.symbol], self._accounts.get(premium.symbol)
        told = describe(
            premium,
            venue=self._venue,
            simulated=simulated,
            rule=self._rule,
            current=self._current(memory),
            past=memory,
            accounts=None if accounts is None or self._is_old(accounts.at) else accounts,
        )
        self._latest[told.symbol] = told
        return told

    def recent(self, symbol: str, *, since: datetime) -> Derivatives | None:
        """Return what was read last of a contract, None when that is older than `since`."""
        known = self._latest.get(symbol)
        until = self._clock.now() + _KNOWN_FOR  # what is from later is of another time: `is_fresh`
        return known if known is not None and since <= known.observed_at < until else None

    async def _read_interest(self, premium: Premium) -> None:
        symbol, memory = premium.symbol, self._interest[premium.symbol]
        try:
            current = await self._reader.open_interest(symbol)
            if current is not None:
                memory.learn(replace(current, price=premium.mark_price))
            hour = Timeframe.H1.floor(self._clock.now())
            if self._asked.get(symbol) != hour:
                history = await self._reader.open_interest_history(symbol)
                if history is not None:
                    memory.learn_history(history)
                    self._asked[symbol] = hour
        except VenueCoolingError:
            raise
        except ScannerError as error:
            _log.warning("open interest of %s is unknown now: %s", symbol, error)
        if not memory.priced:
            memory.price(self._closes(symbol).get)

    def _current(self, memory: InterestMemory) -> InterestPoint | None:
        newest = memory.newest
        return None if newest is None or self._is_old(newest.at) else newest

    def _is_old(self, at: datetime) -> bool:
        return not is_fresh(at, self._clock.now(), age=_KNOWN_FOR)

    def _closes(self, symbol: str) -> Mapping[datetime, float]:
        if self._windows.source(symbol, Timeframe.H1) is not Source.VENUE:
            return {}  # another market's prices would say something else of this one's interest
        frame = self._windows.held(symbol, Timeframe.H1, self._clock.now()).tail(_PRICED_HOURS)
        rows = frame.select("open_time", "close").iter_rows()
        return {instant(opened) + Timeframe.H1.duration: close for opened, close in rows}

    async def _read_ratio(self, symbol: str) -> None:
        known = self._accounts.get(symbol)
        at = None if known is None else known.at
        if is_fresh(at, self._clock.now(), age=_RATIO_AGE):
            return
        try:
            told = await self._reader.account_ratio(symbol)
        except VenueCoolingError:
            raise
        except ScannerError as error:
            _log.warning("the long/short ratio of %s is unknown now: %s", symbol, error)
            return
        if told is not None:
            self._accounts[symbol] = told

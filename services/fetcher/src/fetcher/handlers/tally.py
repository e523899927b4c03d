"""Listening for what became of a scan's contracts: decisions, and messages nobody could handle."""

import asyncio
import time
from collections import defaultdict
from typing import Final

from common.bus import Bus, Start
from common.domain import DeadLetter, Decision, Rejection, TradePlan
from fetcher.core.ledger import Decided, ScanLedger

_DECIDING: Final = frozenset({"indicators", "signals", "planner"})
"""The services on the way from candles to a decision; a recorder's dead letter fails nobody."""


class Tally:
    """Feeds the open scan's ledger from the streams."""

    def __init__(self, bus: Bus, *, venue: str) -> None:
        self._bus = bus
        self._venue = venue
        self._dead: defaultdict[str, dict[str, DeadLetter]] = defaultdict(dict)
        self._ledger: ScanLedger | None = None
        self._started = 0.0
        self._settled = asyncio.Event()

    @property
    def seconds(self) -> float:
        """Wall seconds since the open scan started here."""
        return time.monotonic() - self._started

    def open(self, ledger: ScanLedger) -> None:
        """Count for this ledger from now on."""
        self._ledger, self._started, self._settled = ledger, time.monotonic(), asyncio.Event()
        for letter in self._dead.get(ledger.scan.scan_id, {}).values():
            _bury(ledger, letter)
        self.check()

    def close(self) -> None:
        """Count for no ledger, and forget the messages set aside until now: no later scan's are."""
        self._dead.clear()
        self._ledger = None

    def check(self) -> None:
        """Wake whoever waits when the ledger is complete; call it after failing a contract."""
        if self._ledger is not None and self._ledger.complete:
            self._settled.set()

    async def settled(self) -> None:
        """Return once every contract of the open scan is accounted for."""
        await self._settled.wait()

    async def catch_up(self) -> None:
        """Count what the streams hold by now; a broker that is away is waited for."""
        async for fact in self._bus.latest(TradePlan, Rejection, venue=self._venue):
            if isinstance(fact, Decision):
                self._decide(Decided.of(fact))

    async def follow_decisions(self) -> None:
        """Count decisions as they are told, from the last one of every contract on."""
        async for fact in self._bus.follow(
            TradePlan, Rejection, start=Start.LATEST, venue=self._venue
        ):
            if isinstance(fact, Decision):
                self._decide(Decided.of(fact))

    async def follow_dead_letters(self) -> None:
        """Count messages that were set aside on their way to a decision."""
        async for fact in self._bus.follow(DeadLetter, start=Start.ALL):
            if isinstance(fact, DeadLetter) and fact.service in _DECIDING:
                self._set_aside(fact)

    def _decide(self, decided: Decided) -> None:
        if self._ledger is not None:
            self._ledger.decide(decided, self.seconds)
            self.check()

    def _set_aside(self, letter: DeadLetter) -> None:
        if letter.scan_id is None or letter.symbol is None or letter.venue != self._venue:
            return
        self._dead[letter.scan_id][letter.symbol] = letter.model_copy(update={"body_base64": ""})
        if self._ledger is not None and self._ledger.scan.scan_id == letter.scan_id:
            _bury(self._ledger, letter)
            self.check()


def _bury(ledger: ScanLedger, letter: DeadLetter) -> None:
    if letter.symbol is not None:
        ledger.fail(letter.symbol, letter.service, letter.reason)

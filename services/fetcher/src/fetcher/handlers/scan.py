"""One scan: from its first request to the account of every contract."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.clock import Clock
from common.domain import (
    Cluster,
    Instrument,
    ScanCompleted,
    ScanKind,
    ScanStarted,
    Timeframe,
)
from fetcher.core.clusters import ClusterRule, find_clusters, hourly_returns
from fetcher.core.ledger import ScanLedger
from fetcher.core.schedule import Schedule, deadline
from fetcher.core.universe import Universe
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.choosing import UniverseChoice
from fetcher.handlers.dispatch import Dispatch
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.sharing import Sharing
from fetcher.handlers.tally import Tally
from fetcher.handlers.telling import Teller

_BITCOIN = "BTC"


@dataclass(frozen=True, kw_only=True)
class ScanLimits:
    """How long a scan may take and when it tries again."""

    step: timedelta
    """Venue time between a close and the scan's deadline; see `core.schedule.deadline`."""
    longest_wall: timedelta
    """Wall time after which a scan ends in any case: a simulated clock may stand still."""
    in_flight: timedelta
    """Wall time that decisions made before the deadline may take to arrive after it."""


class Scanner:
    """Starts and finishes scans, one at a time."""

    def __init__(
        self,
        *,
        venue: str,
        clock: Clock,
        schedule: Schedule,
        limits: ScanLimits,
        universe: UniverseChoice,
        windows: CandleWindows,
        dispatch: Dispatch,
        history: ScanHistory,
        tally: Tally,
        teller: Teller,
        sharing: Sharing,
        cluster_rule: ClusterRule,
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._schedule = schedule
        self._limits = limits
        self._universe = universe
        self._windows = windows
        self._dispatch = dispatch
        self._history = history
        self._tally = tally
        self._teller = teller
        self._sharing = sharing
        self._cluster_rule = cluster_rule

    async def start(self, close: datetime, kind: ScanKind) -> ScanStarted:
        """Choose the universe and tell that the scan has started."""
        universe = await self._universe.at(close)
        scan = ScanStarted(
            venue=self._venue,
            simulated=universe.simulated,
            scan_id=self._history.next_id(close, kind),
            kind=kind,
            as_of=close,
            deadline=deadline(close, self._clock.now(), step=self._limits.step),
            symbols=tuple(one.symbol for one in universe.members),
        )
        await self._teller.tell(scan)
        self._history.begin(scan)
        return scan

    async def resume(self, scan: ScanStarted) -> ScanCompleted:
        """Finish a scan that was interrupted: fetch what was not sent, count again, complete."""
        universe: Universe | None = None
        if self._clock.now() < scan.deadline:
            universe = await self._universe.now()
        return await self.finish(scan, universe, interrupted=True)

    async def help(self, scan: ScanStarted) -> None:
        """Send this fetcher's share of a scan that another one has started and will complete."""
        if self._clock.now() < scan.deadline:
            universe = await self._universe.at(scan.as_of)
            await self._send_mine(ScanLedger(scan), universe.listed, self._history.sent_in(scan))

    async def finish(
        self, scan: ScanStarted, universe: Universe | None = None, *, interrupted: bool = False
    ) -> ScanCompleted:
        """Send every contract's candles, wait for the decisions, tell how the scan ended."""
        ledger = ScanLedger(scan)
        self._tally.open(ledger)
        if interrupted:  # no decision comes before its candles: those of a new scan are all to come
            await self._tally.catch_up()
        known = universe or self._universe.last
        listed = known.listed if known is not None else {}
        sent = self._history.sent_in(scan)
        for symbol in sent:
            ledger.sent(symbol, 0.0)
        fetching = asyncio.create_task(self._send_all(ledger, listed, sent))
        try:
            reason = await self._wait(scan, fetching)
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
        if reason is not None:
            ledger.give_up(reason)
        bitcoin = _bitcoin_of(listed.values(), scan.symbols)
        clusters = await self._clusters(ledger, bitcoin)
        completed = ledger.completed(
            duration_seconds=None if interrupted else self._tally.seconds,
            bitcoin=bitcoin,
            clusters=clusters,
            next_close=self._schedule.next_scan(self._clock.now()),
        )
        self._tally.close()
        await self._teller.tell(completed)
        self._history.completed = completed
        return completed

    async def _clusters(self, ledger: ScanLedger, bitcoin: str | None) -> tuple[Cluster, ...]:
        plans, close = ledger.plans, ledger.scan.as_of
        wanted = {plan.symbol for plan in plans} | ({bitcoin} if bitcoin else set())
        await self._sharing.take_over(wanted)
        frames = {name: self._windows.held(name, Timeframe.H1, close) for name in wanted}
        returns = {
            name: hourly_returns(frame["open_time"].to_numpy(), frame["close"].to_numpy())
            for name, frame in frames.items()
        }
        return find_clusters(plans, returns, self._cluster_rule, bitcoin=bitcoin)

    async def _wait(self, scan: ScanStarted, fetching: "asyncio.Task[None]") -> str | None:
        settled = asyncio.create_task(self._tally.settled())
        over = asyncio.create_task(self._clock.sleep_until(scan.deadline))
        waits: set[asyncio.Task[None]] = {settled, over}
        try:
            async with asyncio.timeout(self._limits.longest_wall.total_seconds()):
                await asyncio.wait({*waits, fetching}, return_when=asyncio.FIRST_COMPLETED)
                if fetching.done():
                    await fetching
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                if not settled.done():  # what was decided in time may still be on its way here
                    await self._tally.catch_up()
                    await asyncio.wait({settled}, timeout=self._limits.in_flight.total_seconds())
        except TimeoutError:
            return f"not decided after {self._limits.longest_wall.total_seconds():g} wall seconds"
        finally:
            for task in waits:
                task.cancel()
        if settled.done():
            return None
        return f"not decided until the deadline {scan.deadline:%Y-%m-%d %H:%M:%S} UTC"

    async def _send_all(
        self, ledger: ScanLedger, listed: Mapping[str, Instrument], sent: Collection[str]
    ) -> None:
        await self._send_mine(ledger, listed, sent)
        if self._sharing.others(ledger.missing):
            await self._sharing.wait_for_others()
            await self._dispatch.send(ledger, self._sharing.others(ledger.missing), listed, sent)

    async def _send_mine(
        self, ledger: ScanLedger, listed: Mapping[str, Instrument], sent: Collection[str]
    ) -> None:
        await self._dispatch.send(ledger, self._sharing.mine(ledger.missing), listed, sent)


def _bitcoin_of(listed: Iterable[Instrument], symbols: Collection[str]) -> str | None:
    names = (one.symbol for one in listed if one.base == _BITCOIN and one.symbol in set(symbols))
    return next(names, None)

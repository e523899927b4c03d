"""One scan: from its first request to the account of every contract."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from common.clock import Clock
from common.domain import (
    CandleSet,
    Cluster,
    Derivatives,
    Instrument,
    ScanCompleted,
    ScanKind,
    ScanStarted,
    Timeframe,
)
from common.errors import (
    InvalidDataError,
    ScannerError,
    VenueCoolingError,
    VenueUnavailableError,
)
from common.telemetry import FETCH, work
from fetcher.core.clusters import ClusterRule, find_clusters, hourly_returns
from fetcher.core.derivatives import Premium
from fetcher.core.ledger import FETCHER, ScanLedger
from fetcher.core.schedule import Schedule, deadline
from fetcher.core.sending import new_since
from fetcher.core.universe import Universe
from fetcher.handlers.afterwards import Afterwards
from fetcher.handlers.bars import TOLD, BarTeller
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.choosing import RECENT, UniverseChoice
from fetcher.handlers.closes import Closes
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.pace import Pace
from fetcher.handlers.sharing import Sharing
from fetcher.handlers.tally import Tally
from fetcher.handlers.telling import Teller

_log = logging.getLogger(__name__)

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
    retry_pause: timedelta
    """Wall time after which contracts that the venue did not answer for are tried once more."""


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
        derivatives: DerivativesDesk,
        history: ScanHistory,
        tally: Tally,
        teller: Teller,
        bars: BarTeller,
        pace: Pace,
        afterwards: Afterwards,
        closes: Closes,
        sharing: Sharing,
        cluster_rule: ClusterRule,
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._schedule = schedule
        self._limits = limits
        self._universe = universe
        self._windows = windows
        self._derivatives = derivatives
        self._history = history
        self._tally = tally
        self._teller = teller
        self._bars = bars
        self._pace = pace
        self._afterwards = afterwards
        self._closes = closes
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
        self._history.started = scan
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
            next_close=self._schedule.next_close(self._clock.now()),
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
            await self._send(ledger, self._sharing.others(ledger.missing), listed, sent)

    async def _send_mine(
        self, ledger: ScanLedger, listed: Mapping[str, Instrument], sent: Collection[str]
    ) -> None:
        await self._send(ledger, self._sharing.mine(ledger.missing), listed, sent)

    async def _send(
        self,
        ledger: ScanLedger,
        symbols: Iterable[str],
        listed: Mapping[str, Instrument],
        sent: Collection[str],
    ) -> None:
        left = [symbol for symbol in symbols if symbol not in sent]
        if not left or self._clock.now() >= ledger.scan.deadline:
            return
        told = [symbol for symbol in left if self._told_before(symbol, ledger.scan) is not None]
        premiums = {} if len(told) == len(left) else await self._premiums(ledger.scan)
        errors = await self._send_round(ledger, left, listed, premiums)
        again = [symbol for symbol, error in errors.items() if _may_pass(error)]
        if again:
            # A venue that stumbles for a moment must not cost the contracts of that moment.
            await asyncio.sleep(self._limits.retry_pause.total_seconds())
            errors |= dict.fromkeys(again)
            errors |= await self._send_round(ledger, again, listed, premiums)
        for symbol, error in errors.items():
            if error is not None:
                _log.warning("%s of %s is not sent: %s", symbol, ledger.scan.scan_id, error)
                ledger.fail(symbol, FETCHER, str(error))
        self._tally.check()

    async def _send_round(
        self,
        ledger: ScanLedger,
        symbols: Iterable[str],
        listed: Mapping[str, Instrument],
        premiums: Mapping[str, Premium],
    ) -> dict[str, ScannerError | None]:
        errors: dict[str, ScannerError | None] = {}

        async def send(symbol: str) -> None:
            await self._closes.all_in(symbol, ledger.scan.as_of)
            async with self._pace.place():
                try:
                    await self._send_one(ledger, symbol, listed.get(symbol), premiums.get(symbol))
                except ScannerError as error:
                    errors[symbol] = error
                    ledger.trouble(symbol, str(error))

        if self._closes.heard(ledger.scan.as_of):
            self._afterwards.hold()
        try:
            async with asyncio.TaskGroup() as group:
                for symbol in symbols:
                    group.create_task(send(symbol))
        finally:
            self._afterwards.release()
        return errors

    async def _premiums(self, scan: ScanStarted) -> Mapping[str, Premium]:
        while True:
            try:
                return await self._derivatives.premiums()
            except VenueCoolingError as error:
                if error.until >= scan.deadline or not self._universe.waits_for(error):
                    _log.warning("funding and marks are unknown in this scan: %s", error)
                    return {}
                await self._clock.sleep_until(error.until)

    async def _send_one(
        self,
        ledger: ScanLedger,
        symbol: str,
        instrument: Instrument | None,
        premium: Premium | None,
    ) -> None:
        scan = ledger.scan
        if instrument is None:
            raise InvalidDataError(f"{symbol} must be listed, was missing")
        while True:
            try:
                with work(
                    FETCH.format(venue=self._venue, symbol=symbol),
                    scan_id=scan.scan_id,
                    venue=self._venue,
                    symbol=symbol,
                ):
                    await self._fetch_and_tell(scan, instrument, premium)
            except VenueCoolingError as error:
                if error.until >= scan.deadline:
                    raise
                ledger.trouble(symbol, str(error))
                await self._clock.sleep_until(error.until)
            else:
                ledger.sent(symbol, self._tally.seconds)
                return

    async def _fetch_and_tell(
        self, scan: ScanStarted, instrument: Instrument, premium: Premium | None
    ) -> None:
        reading = await self._windows.read(instrument, scan.as_of)
        if all(frame.is_empty() for frame in reading.frames.values()):
            raise InvalidDataError(
                f"{instrument.symbol} must have closed candles, was none at {scan.as_of:%H:%M} UTC"
            )
        derivatives = self._told_before(instrument.symbol, scan)
        if derivatives is None and not reading.foreign:  # a venue without candles has no time
            derivatives = await self._derivatives.read(premium, simulated=scan.simulated)
        sent = self._history.sent.get(instrument.symbol)
        try:
            candle_set = CandleSet(
                venue=scan.venue,
                symbol=instrument.symbol,
                simulated=scan.simulated,
                scan_id=scan.scan_id,
                as_of=scan.as_of,
                deadline=scan.deadline,
                instrument=instrument,
                quality=reading.quality,
                derivatives=derivatives,
                barometer=self._history.barometer_before(scan.as_of),
                new_since=new_since(sent, reading.frames, scan.as_of, foreign=reading.foreign),
                incomplete=reading.incomplete,
                frames=reading.frames,
            )
        except ValidationError as error:
            raise InvalidDataError(f"{instrument.symbol} cannot be told: {error}") from error
        # Bars first: the planner should know how its plan ended before it sees the next signal.
        # It follows plans at the venue they were made for: bars wait until that answers again.
        hours = None if TOLD in reading.foreign else reading.frames[TOLD]
        if hours is not None and self._bars.awaited(instrument.symbol):
            await self._bars.tell(instrument, hours)
            hours = None
        await self._teller.tell(candle_set)
        self._history.remember(candle_set)
        self._afterwards.put(instrument, hours=hours, derivatives=derivatives)

    def _told_before(self, symbol: str, scan: ScanStarted) -> Derivatives | None:
        """Return derivatives read just before a close which streams have told: it cannot wait."""
        if not self._closes.heard(scan.as_of):
            return None
        return self._derivatives.recent(symbol, since=scan.as_of - RECENT)


def _may_pass(error: ScannerError | None) -> bool:
    return isinstance(error, VenueUnavailableError) and not isinstance(error, VenueCoolingError)


def _bitcoin_of(listed: Iterable[Instrument], symbols: Collection[str]) -> str | None:
    names = (one.symbol for one in listed if one.base == _BITCOIN and one.symbol in set(symbols))
    return next(names, None)

"""A contract's part of a scan: its candles read, judged and told, until the deadline."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

import polars as pl
from pydantic import ValidationError

from common.clock import Clock
from common.domain import CandleSet, Derivatives, Instrument, ScanStarted
from common.errors import (
    InvalidDataError,
    ScannerError,
    VenueCoolingError,
    VenueUnavailableError,
)
from common.telemetry import FETCH, work
from fetcher.core.derivatives import Premium
from fetcher.core.ledger import FETCHER, ScanLedger
from fetcher.core.sending import new_since
from fetcher.handlers.afterwards import Afterwards
from fetcher.handlers.bars import TOLD, BarTeller
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.choosing import RECENT
from fetcher.handlers.closes import Closes
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.pace import Pace
from fetcher.handlers.sourcing import Sourcing
from fetcher.handlers.tally import Tally
from fetcher.handlers.telling import Teller

_log = logging.getLogger(__name__)


class Dispatch:
    """Sends contracts' candles, many at a time; what fails is tried once more, then told."""

    def __init__(
        self,
        *,
        venue: str,
        clock: Clock,
        sourcing: Sourcing,
        windows: CandleWindows,
        derivatives: DerivativesDesk,
        history: ScanHistory,
        tally: Tally,
        teller: Teller,
        bars: BarTeller,
        pace: Pace,
        afterwards: Afterwards,
        closes: Closes,
        retry_pause: timedelta,
    ) -> None:
        """Take what a contract's candles go through.

        `retry_pause` is the wall time after which contracts that the venue did not answer for are
        tried once more.
        """
        self._venue = venue
        self._clock = clock
        self._sourcing = sourcing
        self._windows = windows
        self._derivatives = derivatives
        self._history = history
        self._tally = tally
        self._teller = teller
        self._bars = bars
        self._pace = pace
        self._afterwards = afterwards
        self._closes = closes
        self._retry_pause = retry_pause

    async def send(
        self,
        ledger: ScanLedger,
        symbols: Iterable[str],
        listed: Mapping[str, Instrument],
        sent: Collection[str],
    ) -> None:
        """Send the candles of all `symbols` that are not `sent`; tell the ledger of each."""
        left = [symbol for symbol in symbols if symbol not in sent]
        if not left or self._clock.now() >= ledger.scan.deadline:
            return
        told = [symbol for symbol in left if self._told_before(symbol, ledger.scan) is not None]
        premiums = {} if len(told) == len(left) else await self._premiums(ledger.scan)
        errors = await self._send_round(ledger, left, listed, premiums)
        again = [symbol for symbol, error in errors.items() if _may_pass(error)]
        if again:
            # A venue that stumbles for a moment must not cost the contracts of that moment.
            await asyncio.sleep(self._retry_pause.total_seconds())
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
                if error.until >= scan.deadline or not self._sourcing.waits_for(error):
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
            derivatives = await self._read_derivatives(premium, scan)
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
        source = reading.quality.source_of(TOLD)
        hours: pl.DataFrame | None = reading.frames[TOLD]
        if hours is not None and self._bars.awaited(instrument.symbol):
            await self._bars.tell(instrument, hours, source)
            hours = None
        await self._teller.tell(candle_set)
        self._history.remember(candle_set)
        self._afterwards.put(instrument, hours=hours, source=source, derivatives=derivatives)

    async def _read_derivatives(
        self, premium: Premium | None, scan: ScanStarted
    ) -> Derivatives | None:
        try:
            return await self._derivatives.read(premium, simulated=scan.simulated)
        except VenueCoolingError as error:
            if self._sourcing.soon(error) and error.until < scan.deadline:
                raise
            # The candles are here: a long ban must not cost them.
            return self._derivatives.known(premium, simulated=scan.simulated)

    def _told_before(self, symbol: str, scan: ScanStarted) -> Derivatives | None:
        """Return derivatives read just before a close which streams have told: it cannot wait."""
        if not self._closes.heard(scan.as_of):
            return None
        return self._derivatives.recent(symbol, since=scan.as_of - RECENT)


def _may_pass(error: ScannerError | None) -> bool:
    return isinstance(error, VenueUnavailableError) and not isinstance(error, VenueCoolingError)

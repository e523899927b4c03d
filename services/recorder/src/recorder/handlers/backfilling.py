"""What happens when history is asked for: file after file is read and written, several at once."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from common.clock import Clock
from common.errors import SettingsError, VenueRefusedError, VenueUnavailableError
from recorder.core.archives import (
    METRICS,
    VENUE,
    ArchiveFile,
    MetricsFile,
    Series,
    days_wanted,
    midnight,
    periods_wanted,
)
from recorder.core.backfills import (
    BackfillReport,
    BackfillRequest,
    Contract,
    Filled,
    FilledMetrics,
    check,
    check_kept,
)
from recorder.handlers.filling import Filler
from recorder.ports import CandleReader, History, Ledger, Listing, Progress

_DAY: Final = timedelta(days=1)

_Task = tuple[ArchiveFile | MetricsFile, Contract]


class Backfill:
    """Fills history for one request; what is done stays done wherever it is stopped."""

    def __init__(
        self,
        *,
        filler: Filler,
        venue: CandleReader,
        history: History,
        ledger: Ledger,
        clock: Clock,
        progress: Progress,
        concurrency: int,
        keep_days: Mapping[str, int],
    ) -> None:
        self._filler = filler
        self._venue = venue
        self._history = history
        self._ledger = ledger
        self._clock = clock
        self._progress = progress
        self._concurrency = concurrency
        self._keep_days = keep_days
        self._report = BackfillReport()
        self._listing: Listing | None = None

    async def run(self, request: BackfillRequest) -> BackfillReport:
        """Read and write everything that is not done yet; return the sum.

        Raises SettingsError for what cannot be meant, VenueUnavailableError when the archive does
        not answer, DatabaseUnavailableError when history cannot be written.
        """
        now = self._clock.now()
        check(request, now.date())
        try:
            self._listing = await self._venue.listing()
        except VenueUnavailableError as error:
            self._trouble(f"only files are read, nothing is mended: {error}")
        if self._listing is None or not self._listing.simulated:
            check_kept(request, now.date(), self._keep_days)
        await self._history.prepare()
        symbols = request.symbols or await self._ledger.scanned()
        if not symbols:
            raise SettingsError("symbols must be named until a universe is recorded, was none")
        tasks = [
            task
            for symbol in dict.fromkeys(symbols)
            for task in await self._tasks(symbol, request, now)
        ]
        self._progress.expect(len(tasks))
        await self._work_off(tasks)
        for symbol, candles in self._report.found.items():
            if not candles:
                self._trouble(f"there are no candles of {symbol}: is that how {VENUE} spells it?")
        return self._report

    async def _tasks(self, symbol: str, request: BackfillRequest, now: datetime) -> list[_Task]:
        month = request.since.replace(day=1)  # a month's file is read whole, and mended whole
        contract = await self._contract(symbol, midnight(month))
        since = max(request.since, contract.began.date())
        tomorrow = now.date() + _DAY
        until = tomorrow if request.until is None else min(tomorrow, request.until + _DAY)
        tasks: list[_Task] = []
        for timeframe in dict.fromkeys(request.timeframes):
            done = await self._done(symbol, timeframe, request)
            wanted = periods_wanted(since, until, done)
            series = Series(symbol, timeframe)
            tasks += [(ArchiveFile(series, period), contract) for period in wanted]
        if request.metrics:
            done = await self._done(symbol, METRICS, request)
            days = days_wanted(since, min(until, now.date()), done)
            tasks += [(MetricsFile(symbol, day), contract) for day in days]
        return tasks

    async def _done(self, symbol: str, content: str, request: BackfillRequest) -> frozenset[str]:
        if request.again:
            return frozenset()
        done = await self._ledger.done(symbol, content)
        self._report.done_before += len(done)
        return done

    async def _contract(self, symbol: str, since: datetime) -> Contract:
        if self._listing is None:
            return Contract(symbol=symbol, listed=None, began=since)
        if symbol not in self._listing.symbols:
            return self._unlisted(symbol, since, "the venue does not list it now")
        try:
            first = await self._venue.first_open(symbol, since)
        except VenueRefusedError as error:
            return self._unlisted(symbol, since, str(error))
        except VenueUnavailableError as error:
            self._trouble(f"only files of {symbol} are read: {error}")
            return Contract(symbol=symbol, listed=None, began=since)
        return Contract(symbol=symbol, listed=True, began=first or self._clock.now())

    def _unlisted(self, symbol: str, since: datetime, reason: str) -> Contract:
        self._progress.say(f"only files of {symbol} are read: {reason}")
        return Contract(symbol=symbol, listed=False, began=since)

    async def _work_off(self, tasks: list[_Task]) -> None:
        left = iter(tasks)
        workers = [asyncio.create_task(self._work(left)) for _ in range(self._concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, left: Iterator[_Task]) -> None:
        for file, contract in left:
            await self._fill(file, contract)

    async def _fill(self, file: ArchiveFile | MetricsFile, contract: Contract) -> None:
        now = self._clock.now()
        if isinstance(file, MetricsFile):
            await self._keep(await self._filler.fill_metrics(file, self._listing, now))
            return
        filled = await self._filler.fill(file, contract, self._listing, now)
        if filled is not None:
            await self._keep(filled)
            return
        days = [day for day in file.period.days() if day.first >= contract.began.date()]
        self._progress.expect(len(days) - 1)
        for day in days:
            await self._fill(ArchiveFile(file.series, day), contract)

    async def _keep(self, filled: Filled | FilledMetrics) -> None:
        await self._history.write(filled.batch())
        self._report.add(filled)
        for problem in filled.problems:
            self._trouble(problem)
        self._progress.advance(filled.file.name.removesuffix(".zip"))

    def _trouble(self, sentence: str) -> None:
        if sentence not in self._report.problems:
            self._report.problems.append(sentence)
            self._progress.say(sentence)

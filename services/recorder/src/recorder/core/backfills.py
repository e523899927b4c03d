"""What a backfill is asked for, what became of each file, and the sum of it."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from common.domain import Source, Timeframe
from common.errors import SettingsError
from recorder.core.archives import VENUE, ArchiveFile, Span, milliseconds
from recorder.core.batches import Batch
from recorder.core.candles import CandleBlock
from recorder.core.records import Record

_SYMBOL: Final = re.compile(r"[A-Z0-9]{1,30}(_[A-Z0-9]{1,10})?")


@dataclass(frozen=True, kw_only=True)
class BackfillRequest:
    """Which history is wanted."""

    symbols: tuple[str, ...]
    """Empty: the contracts of the newest snapshot of the universe."""
    timeframes: tuple[Timeframe, ...]
    since: date
    until: date | None
    """The last day wanted; None: up to the newest closed candle."""
    again: bool = False
    """Whether files that are done already are read again."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What is known of a contract before its history is read."""

    symbol: str
    listed: bool | None
    """Whether the venue lists it now; None when the venue cannot be asked."""
    began: datetime
    """When its first minute since the day wanted opened; that day itself when not known."""

    def expected(self, file: ArchiveFile, frame: pl.DataFrame, now: datetime) -> Span:
        """Return the span in which a file's candles should be without a hole.

        Of a contract that cannot be asked for, nobody knows the first and the last candle: what
        lies between those that the file has is expected.
        """
        whole, timeframe = file.period.span, file.series.timeframe
        if self.listed:
            first = milliseconds(timeframe.floor(self.began))
            last = milliseconds(timeframe.floor(now))
            return Span(max(whole.start, first), min(whole.end, last))
        if frame.is_empty():
            return Span(whole.start, whole.start)
        return Span(int(frame["open_time"][0]), int(frame["open_time"][-1]))


def check(request: BackfillRequest, today: date) -> None:
    """Refuse a request that cannot be meant."""
    for symbol in request.symbols:
        if not _SYMBOL.fullmatch(symbol):
            raise SettingsError(f"a symbol must be capital letters and digits, was {symbol!r}")
    if request.since > today:
        raise SettingsError(f"from must not lie after today, {today}, was {request.since}")
    if request.until is not None and request.until < request.since:
        raise SettingsError(f"to must not lie before from, {request.since}, was {request.until}")


def check_kept(request: BackfillRequest, today: date, *, keep_minutes_days: int) -> None:
    """Refuse minutes so old that retention would let go of them again."""
    oldest = today - timedelta(days=keep_minutes_days)
    if keep_minutes_days and Timeframe.M1 in request.timeframes and request.since < oldest:
        raise SettingsError(
            f"with 1m, from must not lie before {oldest} while [recorder] "
            f"keep_minute_candles_days is {keep_minutes_days}, was {request.since}"
        )


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What became of one file."""

    file: ArchiveFile
    frame: pl.DataFrame
    simulated: bool
    checksum: str | None
    faults: Mapping[str, int]
    """Refused rows by kind, those of the file and those of the venue."""
    mended: int
    missing: int
    settled: bool
    """Whether nothing better can be had by reading it again."""
    problems: tuple[str, ...] = ()

    def batch(self) -> Batch:
        """Return what one transaction writes: the candles, and that the file is done.

        A file is told at the end of its days: it replaces what was recorded meanwhile, and what a
        later scan tells replaces it.
        """
        block = CandleBlock(
            venue=VENUE,
            symbol=self.file.series.symbol,
            timeframe=self.file.series.timeframe,
            source=Source.VENUE,
            simulated=self.simulated,
            as_of=self.file.period.end,
            rows=self.frame,
        )
        blocks = (block,) if self.frame.height else ()
        return Batch(candles=blocks, records=(self._record(),) if self.settled else ())

    def _record(self) -> Record:
        series, period = self.file.series, self.file.period.name
        key = VENUE, series.symbol, str(series.timeframe), period
        return Record(
            "backfills",
            key,
            {
                **dict(zip(("venue", "symbol", "timeframe", "period"), key, strict=True)),
                "simulated": self.simulated,
                "checksum": self.checksum,
                "candles": self.frame.height,
                "mended": self.mended,
                "missing": self.missing,
                "faults": json.dumps(dict(self.faults)),
            },
        )


@dataclass
class BackfillReport:
    """The sum of a backfill so far."""

    files: int = 0
    done_before: int = 0
    candles: int = 0
    mended: int = 0
    missing: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    """What was refused or could not be read, one sentence each."""

    def add(self, filled: Filled) -> None:
        """Count a file."""
        self.files += 1
        self.candles += filled.frame.height
        self.mended += filled.mended
        self.missing += filled.missing
        self.faults.update(filled.faults)

    def lines(self) -> list[str]:
        """Return the sum in sentences."""
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        read = f"{self.candles} candles of {self.files} months and days"
        before = f"{self.done_before} of these series had been read before"
        holes = f"{self.mended} candles are from the venue itself, {self.missing} are missing"
        lines = [f"{read}; {before}", f"{holes}; rows refused: {faults or 'none'}"]
        return lines + self.problems

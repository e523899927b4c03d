"""What a backfill is asked for, what became of each file, and the sum of it."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from common.domain import Source, Timeframe
from common.errors import SettingsError
from recorder.core.archived_metrics import ReadMetrics
from recorder.core.archives import (
    METRICS,
    VENUE,
    ArchiveFile,
    MetricsFile,
    Period,
    Span,
    milliseconds,
)
from recorder.core.batches import Batch
from recorder.core.candles import CandleBlock
from recorder.core.records import Record, record_of

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
    metrics: bool = False
    """Whether open interest and who is long are wanted too."""
    again: bool = False
    """Whether files that are done already are read again."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What is known of a contract before its history is read."""

    symbol: str
    listed: bool | None
    """Whether the venue lists it now; None when the venue cannot be asked."""
    began: datetime
    """When its first minute since the month wanted opened; that month itself when not known."""

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


def check_kept(request: BackfillRequest, today: date, keep_days: Mapping[str, int]) -> None:
    """Refuse what is so old that retention would let go of it again; 0 days keep for ever.

    `keep_days` names timeframes and metrics.
    """
    for content in (*request.timeframes, *([METRICS] if request.metrics else [])):
        days = keep_days[content]
        oldest = today - timedelta(days=days)
        if days and request.since < oldest:
            raise SettingsError(
                f"from must not lie before {oldest}, [recorder] keeps {content} for {days} days, "
                f"was {request.since}"
            )


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What became of one file."""

    file: ArchiveFile
    frame: pl.DataFrame
    simulated: bool
    checksum: str | None
    faults: Mapping[str, int]
    """Refused rows of the file by kind."""
    mended: int
    missing: int
    settled: bool
    """Whether nothing better can be had by reading it again."""
    problems: tuple[str, ...] = ()

    def batch(self) -> Batch:
        """Return what one transaction writes: the candles, and that the file is done.

        They are told as of the close of the newest of them: so they replace what was recorded
        before that, and what a later scan tells replaces them.
        """
        series = self.file.series
        if self.frame.is_empty():
            return Batch(records=self._records())
        newest = datetime.fromtimestamp(self.frame["open_time"][-1] / 1000, UTC)
        block = CandleBlock(
            venue=VENUE,
            symbol=series.symbol,
            timeframe=series.timeframe,
            source=Source.VENUE,
            simulated=self.simulated,
            as_of=newest + series.timeframe.duration,
            rows=self.frame,
        )
        return Batch(candles=(block,), records=self._records())

    def _records(self) -> tuple[Record, ...]:
        if not self.settled:
            return ()
        return (
            _done(
                self.file.series.symbol,
                str(self.file.series.timeframe),
                self.file.period,
                simulated=self.simulated,
                checksum=self.checksum,
                kept=self.frame.height,
                mended=self.mended,
                missing=self.missing,
                faults=self.faults,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class FilledMetrics:
    """What became of one file of metrics."""

    file: MetricsFile
    read: ReadMetrics
    simulated: bool
    checksum: str | None
    settled: bool
    """Whether nothing better can be had by reading it again."""
    problems: tuple[str, ...] = ()

    def batch(self) -> Batch:
        """Return what one transaction writes: the readings, and that the file is done."""
        records = [record_of(fact) for fact in self.read.facts]
        if self.settled:
            done = _done(
                self.file.symbol,
                METRICS,
                self.file.period,
                simulated=self.simulated,
                checksum=self.checksum,
                kept=len(records),
                faults=self.read.faults,
            )
            records.append(done)
        return Batch(records=tuple(records))


def _done(
    symbol: str,
    content: str,
    period: Period,
    *,
    simulated: bool,
    checksum: str | None,
    kept: int,
    faults: Mapping[str, int],
    mended: int = 0,
    missing: int = 0,
) -> Record:
    key = VENUE, symbol, content, period.name
    return Record(
        "backfills",
        key,
        {
            **dict(zip(("venue", "symbol", "content", "period"), key, strict=True)),
            "simulated": simulated,
            "checksum": checksum,
            "kept": kept,
            "mended": mended,
            "missing": missing,
            "faults": json.dumps(dict(faults)),
        },
    )


@dataclass
class BackfillReport:
    """The sum of a backfill so far."""

    files: int = 0
    done_before: int = 0
    candles: int = 0
    readings: int = 0
    """Of open interest and who is long, one an hour."""
    mended: int = 0
    missing: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    """Candles by contract."""
    problems: list[str] = field(default_factory=list)
    """What was refused or could not be read, one sentence each."""

    def add(self, filled: Filled | FilledMetrics) -> None:
        """Count a file."""
        self.files += 1
        if isinstance(filled, FilledMetrics):
            self.readings += len(filled.read.facts)
            self.faults.update(filled.read.faults)
            return
        self.candles += filled.frame.height
        self.found[filled.file.series.symbol] += filled.frame.height
        self.mended += filled.mended
        self.missing += filled.missing
        self.faults.update(filled.faults)

    def lines(self) -> list[str]:
        """Return the sum in sentences."""
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        readings = f" and {self.readings} readings of open interest" if self.readings else ""
        read = f"{self.candles} candles{readings} of {self.files} months and days"
        before = f"{self.done_before} of these series had been read before"
        holes = f"{self.mended} candles are from the venue itself, {self.missing} are missing"
        lines = [f"{read}; {before}", f"{holes}; rows refused: {faults or 'none'}"]
        return [*lines, f"problems told above: {len(self.problems)}"] if self.problems else lines

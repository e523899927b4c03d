"""How one archive file becomes candles: downloaded, verified, read, and mended by the venue."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from common.errors import (
    InvalidDataError,
    SettingsError,
    VenueRefusedError,
    VenueUnavailableError,
)
from recorder.core.archived_candles import (
    NOTHING_READ,
    ReadCandles,
    holes,
    read_archive,
    read_rows,
    with_candles,
)
from recorder.core.archived_metrics import NO_METRICS, read_metrics
from recorder.core.archives import ArchiveFile, MetricsFile, Span
from recorder.core.backfills import Contract, Filled, FilledMetrics
from recorder.ports import Archive, CandleReader, Downloaded, Listing

_LATE_MONTH: Final = timedelta(days=45)
"""A month's file comes on the first Monday after it, a day's the next morning; at times later."""
_LATE_DAY: Final = timedelta(days=7)


class Filler:
    """Reads files of one archive, and what they lack from the venue."""

    def __init__(self, archive: Archive, venue: CandleReader) -> None:
        self._archive = archive
        self._venue = venue

    async def fill(
        self, file: ArchiveFile, contract: Contract, listing: Listing | None, now: datetime
    ) -> Filled | None:
        """Return a period's candles; None when it is a month that has to be taken day by day.

        Raises VenueUnavailableError when the archive does not answer: the venue is for what files
        lack, never for all of them.
        """
        problems: list[str] = []
        download, read = None, NOTHING_READ
        try:
            download = await self._download(file, now)
            if download is not None:
                read = await asyncio.to_thread(
                    read_archive, download.packed, file.series.timeframe, file.period.span
                )
        except InvalidDataError as error:
            problems.append(f"{file.name} is refused: {error}")
        else:
            late = _is_late(file, now)
            if download is None and file.period.monthly and not (late and contract.listed is False):
                return None
        frame, faults, trouble = await self._mended(file, contract, read, now)
        problems += [trouble] if trouble else []
        expected = contract.expected(file, frame, now)
        final = download is not None or _is_late(file, now)
        return Filled(
            file=file,
            frame=frame,
            simulated=_simulated(download, listing),
            checksum=download.checksum if download else None,
            faults=faults,
            mended=frame.height - read.frame.height,
            missing=_bars(frame, file, expected),
            settled=final and not problems and _is_sure(file, contract, frame),
            problems=tuple(problems),
        )

    async def fill_metrics(
        self, file: MetricsFile, listing: Listing | None, now: datetime
    ) -> FilledMetrics:
        """Return a day's open interest and who was long; what its file lacks is told nowhere."""
        problems: tuple[str, ...] = ()
        download, read = None, NO_METRICS
        try:
            download = await self._download(file, now)
            if download is not None:
                simulated = _simulated(download, listing)
                read = await asyncio.to_thread(
                    read_metrics, download.packed, file, simulated=simulated
                )
        except InvalidDataError as error:
            problems = (f"{file.name} is refused: {error}",)
        return FilledMetrics(
            file=file,
            read=read,
            simulated=_simulated(download, listing),
            checksum=download.checksum if download else None,
            settled=not problems and (download is not None or _is_late(file, now)),
            problems=problems,
        )

    async def _download(self, file: ArchiveFile | MetricsFile, now: datetime) -> Downloaded | None:
        return await self._archive.fetch(file) if file.period.end <= now else None

    async def _mended(
        self, file: ArchiveFile, contract: Contract, read: ReadCandles, now: datetime
    ) -> tuple[pl.DataFrame, Counter[str], str | None]:
        frame, faults = read.frame, Counter(read.faults)
        if not contract.listed:
            return frame, faults, None
        expected = contract.expected(file, frame, now)
        for hole in holes(frame, file.series.timeframe, expected):
            try:
                rows = await self._venue.rows(file.series, hole)
            except VenueRefusedError:
                break
            except VenueUnavailableError as error:
                return frame, faults, f"holes are left: {error}"
            more = read_rows(rows, file.series.timeframe, hole)
            frame = with_candles(frame, more.frame)
            if more.faults:  # asked again another time, it may say what is true
                told = ", ".join(more.faults)
                return frame, faults, f"holes of {file.name} are left: the venue's rows were {told}"
        return frame, faults, None


def _bars(frame: pl.DataFrame, file: ArchiveFile, span: Span) -> int:
    timeframe = file.series.timeframe
    return sum(hole.bars(timeframe) for hole in holes(frame, timeframe, span))


def _is_late(file: ArchiveFile | MetricsFile, now: datetime) -> bool:
    return now - file.period.end > (_LATE_MONTH if file.period.monthly else _LATE_DAY)


# Without the venue a hole at a file's edge may be a candle that is missing or one that never was.
def _is_sure(file: ArchiveFile, contract: Contract, frame: pl.DataFrame) -> bool:
    return contract.listed is not None or not _bars(frame, file, file.period.span)


def _simulated(download: Downloaded | None, listing: Listing | None) -> bool:
    if download is None:
        return listing is not None and listing.simulated
    if listing is not None and listing.simulated != download.simulated:
        raise SettingsError(
            "[backfill] archive_url and venue_url must both be of a simulated venue or both be "
            f"real, was simulated {download.simulated} and {listing.simulated}"
        )
    return download.simulated

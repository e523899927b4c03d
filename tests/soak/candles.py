"""The candles of Postgres, row for row against the files the venue itself publishes."""

import asyncio
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp

from common.domain import SCANNED
from tests.support.system import System

Row = tuple[float, float, float, float, float]
_TOGETHER: Final = 8
_PUBLISHED: Final = timedelta(days=45)


async def differences(system: System, symbols: Sequence[str], until: datetime) -> list[str]:
    """Compare every candle kept of these contracts; end the fetcher first: time moves on."""
    await system.set_clock(speed=0, venue_origin=until + _PUBLISHED)
    rows = await asyncio.to_thread(
        system.rows,
        "SELECT symbol, timeframe, open_time, open, high, low, close, volume FROM candles "
        "WHERE symbol = ANY(%s)",
        list(symbols),
    )
    kept: dict[tuple[str, str], dict[int, Row]] = {}
    for symbol, timeframe, open_time, *values in rows:
        assert isinstance(open_time, datetime)
        series = kept.setdefault((str(symbol), str(timeframe)), {})
        series[int(open_time.timestamp() * 1000)] = tuple(values)  # type: ignore[assignment]  # five numbers
    found: list[str] = []
    for symbol in symbols:
        for timeframe in SCANNED:
            series = kept.get((symbol, str(timeframe)), {})
            if not series:
                found.append(f"{symbol} has no {timeframe} candles")
                continue
            last = int((timeframe.floor(until) - timeframe.duration).timestamp() * 1000)
            files = await _files(system.venue_url, symbol, str(timeframe), min(series), last)
            found += _compare(f"{symbol} {timeframe}", series, files)
    return found


def _compare(name: str, kept: Mapping[int, Row], files: Mapping[int, Row]) -> Iterator[str]:
    for time in sorted(kept.keys() | files.keys()):
        if kept.get(time) != files.get(time):
            at = datetime.fromtimestamp(time / 1000, UTC)
            yield f"{name} at {at}: {kept.get(time)} in Postgres, {files.get(time)} in the files"


async def _files(
    venue: str, symbol: str, timeframe: str, first: int, last: int
) -> Mapping[int, Row]:
    gate = asyncio.Semaphore(_TOGETHER)
    async with aiohttp.ClientSession() as client:

        async def read(month: str) -> Mapping[int, Row]:
            path = f"{symbol}/{timeframe}/{symbol}-{timeframe}-{month}.zip"
            async with (
                gate,
                client.get(f"{venue}/data/futures/um/monthly/klines/{path}") as answer,
            ):
                return {} if answer.status == 404 else _read(await answer.read())

        months = await asyncio.gather(*map(read, _months(first, last)))
    rows = {time: row for month in months for time, row in month.items()}
    return {time: row for time, row in rows.items() if first <= time <= last}


def _read(packed: bytes) -> Mapping[int, Row]:
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        lines = file.read(file.namelist()[0]).decode().splitlines()
    rows = (line.split(",") for line in lines if line[0].isdigit())
    return {
        int(row[0]): (float(row[1]), float(row[2]), float(row[3]), float(row[4]), float(row[5]))
        for row in rows
    }


def _months(first: int, last: int) -> Iterator[str]:
    month = datetime.fromtimestamp(first / 1000, UTC).replace(day=1, hour=0, minute=0)
    while month.timestamp() * 1000 <= last:
        yield f"{month:%Y-%m}"
        month = (month + timedelta(days=32)).replace(day=1)

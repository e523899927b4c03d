"""Candles as Postgres reads them fastest: one numpy block per contract and timeframe, as bytes.

Every text of a block is the same on each of its rows, so a row has a fixed width and a whole block
is one structured array in the layout of `COPY … (FORMAT BINARY)`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from common.domain import Bar, CandleSet, Source, Timeframe
from common.errors import InvalidDataError

COLUMNS: Final = (
    "venue",
    "symbol",
    "timeframe",
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "source",
    "simulated",
    "as_of",
)
"""The columns in the order the bytes carry them."""

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_MS: Final = int(_EPOCH.timestamp() * 1000)
_LATEST_MS: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000)
_VALUES: Final = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, kw_only=True)
class CandleBlock:
    """Some closed candles of one contract and timeframe, and which fact told them."""

    venue: str
    symbol: str
    timeframe: Timeframe
    source: Source
    simulated: bool
    as_of: datetime
    rows: pl.DataFrame

    @property
    def series(self) -> tuple[str, str, str]:
        """What a candle's key is made of, its open time aside."""
        return self.venue, self.symbol, str(self.timeframe)

    def encode(self) -> bytes:
        """Write the rows as binary COPY tuples, without header and trailer."""
        times = self.rows["open_time"].to_numpy()
        if times.size and (times[0] < 0 or times[-1] > _LATEST_MS):
            raise InvalidDataError(
                f"{self.symbol} {self.timeframe} open_time must lie before the year 9999, "
                f"was {times[0]} to {times[-1]}"
            )
        texts = {
            "venue": self.venue,
            "symbol": self.symbol,
            "timeframe": str(self.timeframe),
            "source": str(self.source),
        }
        packed = np.zeros(self.rows.height, dtype=_row_type(texts))
        packed["fields"] = len(COLUMNS)
        for name, text in texts.items():
            _fill(packed, name, len(text), text.encode())
        _fill(packed, "open_time", 8, (times - _EPOCH_MS) * 1000)
        for name in _VALUES:
            _fill(packed, name, 8, self.rows[name].to_numpy())
        _fill(packed, "simulated", 1, self.simulated)
        _fill(packed, "as_of", 8, _microseconds(self.as_of))
        return packed.tobytes()


def blocks_of(fact: CandleSet | Bar) -> list[CandleBlock]:
    """Return the candles a fact tells for the first time, as blocks that hold at least one row."""
    if isinstance(fact, Bar):
        return [_bar_block(fact)]
    blocks = (
        CandleBlock(
            venue=fact.venue,
            symbol=fact.symbol,
            timeframe=timeframe,
            source=fact.quality.source_of(timeframe),
            simulated=fact.simulated,
            as_of=fact.as_of,
            rows=_new_rows(frame, fact.new_since.get(timeframe)),
        )
        for timeframe, frame in fact.frames.items()
    )
    return [block for block in blocks if block.rows.height]


def _new_rows(frame: pl.DataFrame, since: datetime | None) -> pl.DataFrame:
    if since is None:  # all of them were told before
        return frame.head(0)
    start = frame["open_time"].search_sorted(int(since.timestamp() * 1000))
    return frame.slice(start)


def _bar_block(bar: Bar) -> CandleBlock:
    return CandleBlock(
        venue=bar.venue,
        symbol=bar.symbol,
        timeframe=bar.timeframe,
        source=bar.source,
        simulated=bar.simulated,
        as_of=bar.open_time + bar.timeframe.duration,
        rows=pl.DataFrame(
            {
                "open_time": [int(bar.open_time.timestamp() * 1000)],
                **{name: [getattr(bar, name)] for name in _VALUES},
            }
        ),
    )


def _row_type(texts: dict[str, str]) -> np.dtype[np.void]:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name in COLUMNS:
        if name in texts:
            kind = f"S{len(texts[name])}"
        elif name == "simulated":
            kind = "u1"
        else:
            kind = ">f8" if name in _VALUES else ">i8"
        layout += [(f"{name}_length", ">i4"), (name, kind)]
    return np.dtype(layout)


def _fill(packed: npt.NDArray[Any], name: str, length: int, values: Any) -> None:  # noqa: ANN401 - scalars or arrays
    packed[f"{name}_length"] = length
    packed[name] = values


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


_MICROSECOND: Final = datetime.resolution

"""Longer candles put together from those of an hour, as the venue itself puts them together."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from zlib import crc32

import polars as pl

from common.domain import Timeframe
from fetcher.core.parsing import NO_CANDLES
from fetcher.core.windows import Span

SOURCE: Final = Timeframe.H1
"""The timeframe that longer ones are built from."""

_SLOT: Final = Timeframe.H4
_SLOTS: Final = 5  # the closes of a day but midnight, when every timeframe closes


def build(hours: pl.DataFrame, timeframe: Timeframe, span: Span) -> pl.DataFrame:
    """Return the candles that open in `span`, oldest first, up to the first that lacks an hour.

    Volumes are added as the decimals they were told as: sums of floats would differ from the
    venue's own in the last digit.
    """
    inside = hours.filter(hours["open_time"].is_between(span.start, span.end, closed="left"))
    rows = inside.rows(named=True)
    size = timeframe.milliseconds // SOURCE.milliseconds
    built: list[dict[str, float]] = []
    for number, open_time in enumerate(range(span.start, span.end, timeframe.milliseconds)):
        part = rows[number * size : (number + 1) * size]
        expected = [open_time + place * SOURCE.milliseconds for place in range(size)]
        if [row["open_time"] for row in part] != expected:
            break
        built.append(
            {
                "open_time": open_time,
                "open": part[0]["open"],
                "high": max(row["high"] for row in part),
                "low": min(row["low"] for row in part),
                "close": part[-1]["close"],
                "volume": float(sum(Decimal(str(row["volume"])) for row in part)),
            }
        )
    return pl.DataFrame(built, schema=NO_CANDLES.schema) if built else NO_CANDLES


def compares_at(symbol: str, close: datetime) -> bool:
    """Say whether what was built of a contract is compared with the venue's own at this close.

    Each contract has its close of the day, so that the comparisons are spread; none is at midnight.
    """
    slot = close.hour * Timeframe.H1.milliseconds // _SLOT.milliseconds
    return slot == 1 + crc32(symbol.encode()) % _SLOTS

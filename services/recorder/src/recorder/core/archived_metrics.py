"""The archive's days of open interest and of who is long, as the facts a live scan would tell.

Of the file's readings, one every five minutes, those on the hour are kept: what a backtest of 1h
candles can use, at a twelfth of the rows. Rows are not in order, and older files name a day only.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from common.domain import Derivatives
from common.errors import InvalidDataError
from recorder.core.archived_candles import RowFault
from recorder.core.archives import VENUE, MetricsFile, Span, milliseconds
from recorder.core.packed import unpacked

_TIME: Final = "create_time"
_INTEREST: Final = "sum_open_interest"
_VALUE: Final = "sum_open_interest_value"
_RATIO: Final = "count_long_short_ratio"
_COLUMNS: Final = (_TIME, "symbol", _INTEREST, _VALUE, _RATIO)


@dataclass(frozen=True)
class ReadMetrics:
    """What a file tells, oldest first, and what was wrong with the rest, counted."""

    facts: Sequence[Derivatives]
    faults: Mapping[str, int]


NO_METRICS: Final = ReadMetrics((), {})


def read_metrics(packed: bytes, file: MetricsFile, *, simulated: bool) -> ReadMetrics:
    """Return the readings of a zip file; refuse what is no file of metrics."""
    return read_metrics_csv(unpacked(packed), file.symbol, file.period.span, simulated=simulated)


def read_metrics_csv(text: bytes, symbol: str, span: Span, *, simulated: bool) -> ReadMetrics:
    """Return the readings of a file's text that lie on the hour and in `span`."""
    rows = csv.DictReader(io.StringIO(text.decode(errors="replace")), quoting=csv.QUOTE_NONE)
    if not set(_COLUMNS) <= set(rows.fieldnames or ()):
        raise InvalidDataError(f"columns must hold {_COLUMNS}, was {rows.fieldnames}")
    faults: Counter[str] = Counter()
    believed: dict[datetime, Derivatives | None] = {}
    for row in rows:
        fact = _read(row, symbol, span, simulated=simulated)
        if isinstance(fact, RowFault):
            faults[fact] += 1
        elif fact.observed_at in believed:
            faults[RowFault.DUPLICATE] += 1
            if believed[fact.observed_at] != fact:
                believed[fact.observed_at] = None
        else:
            believed[fact.observed_at] = fact
    on_the_hour = [
        fact
        for at, fact in sorted(believed.items())
        if fact is not None and at.minute == at.second == 0
    ]
    return ReadMetrics(on_the_hour, faults)


def _read(
    row: Mapping[str, str | None], symbol: str, span: Span, *, simulated: bool
) -> Derivatives | RowFault:
    try:
        at = datetime.fromisoformat(row[_TIME] or "").replace(tzinfo=UTC)
        interest, value, ratio = (_number(row[name]) for name in (_INTEREST, _VALUE, _RATIO))
    except ValueError:
        return RowFault.MALFORMED
    known = [number for number in (interest, value, ratio) if number is not None]
    if row["symbol"] != symbol or not known:
        return RowFault.MALFORMED
    if not all(map(math.isfinite, known)):
        return RowFault.NOT_FINITE
    if any(number < 0 for number in known):
        return RowFault.INCONSISTENT
    if not span.start <= milliseconds(at) < span.end:
        return RowFault.OUTSIDE
    return Derivatives(
        venue=VENUE,
        symbol=symbol,
        simulated=simulated,
        observed_at=at,
        open_interest=interest,
        open_interest_usd=value,
        open_interest_at=at,
        long_share=None if ratio is None else ratio / (1 + ratio),
        long_short_ratio=ratio,
        long_short_at=None if ratio is None else at,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text and text.strip() else None

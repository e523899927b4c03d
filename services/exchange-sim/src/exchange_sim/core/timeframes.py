"""The venue's timeframes and where their candles open, in UTC milliseconds since the epoch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MONDAY = 4 * DAY  # the epoch was a Thursday: weekly candles open on Mondays
_LONGEST_MONTH = 31 * DAY

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timeframe:
    """A candle length; `milliseconds` is the longest month for the calendar month."""

    name: str
    milliseconds: int
    phase: int = 0
    calendar: bool = False

    def open_times(self, times: Times) -> Times:
        """Return the open time of the candle that each time falls into."""
        if self.calendar:
            months = times.astype("datetime64[ms]").astype("datetime64[M]")
            return months.astype("datetime64[ms]").astype(np.int64)
        return (times - self.phase) // self.milliseconds * self.milliseconds + self.phase

    def open_time(self, time: int) -> int:
        """Return the open time of the candle that `time` falls into."""
        if not self.calendar:
            return (time - self.phase) // self.milliseconds * self.milliseconds + self.phase
        return int(self.open_times(np.array([time], dtype=np.int64))[0])

    def close_times(self, open_times: Times) -> Times:
        """Return the first millisecond after each candle."""
        if self.calendar:
            months = open_times.astype("datetime64[ms]").astype("datetime64[M]") + 1
            return months.astype("datetime64[ms]").astype(np.int64)
        return open_times + self.milliseconds

    def close_time(self, open_time: int) -> int:
        """Return the first millisecond after the candle that opens at `open_time`."""
        if not self.calendar:
            return open_time + self.milliseconds
        return int(self.close_times(np.array([open_time], dtype=np.int64))[0])


TIMEFRAMES = {
    timeframe.name: timeframe
    for timeframe in (
        Timeframe("1m", MINUTE),
        Timeframe("3m", 3 * MINUTE),
        Timeframe("5m", 5 * MINUTE),
        Timeframe("15m", 15 * MINUTE),
        Timeframe("30m", 30 * MINUTE),
        Timeframe("1h", HOUR),
        Timeframe("2h", 2 * HOUR),
        Timeframe("4h", 4 * HOUR),
        Timeframe("6h", 6 * HOUR),
        Timeframe("8h", 8 * HOUR),
        Timeframe("12h", 12 * HOUR),
        Timeframe("1d", DAY),
        Timeframe("3d", 3 * DAY),
        Timeframe("1w", 7 * DAY, phase=_MONDAY),
        Timeframe("1M", _LONGEST_MONTH, calendar=True),
    )
}

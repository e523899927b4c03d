"""Which candles close between two moments."""

from exchange_sim.core.timeframes import Timeframe

MOST = 60
"""Closes of one stream that a jump of the clock sends; those before are found over REST."""


def closings(timeframe: Timeframe, after: int, until: int) -> list[int]:
    """Return the open times of the candles that close in (after, until], the newest sixty."""
    opened: list[int] = []
    candle = timeframe.open_time(until)
    while len(opened) < MOST:
        close = candle
        candle = timeframe.open_time(close - 1)
        if close <= after:
            break
        opened.append(candle)
    return opened[::-1]

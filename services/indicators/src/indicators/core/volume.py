"""What volume says: on-balance volume and volume against its own average."""

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.smoothing import sma


@compiled
def on_balance_volume(close: Array, volume: Array) -> Array:
    """Return the running sum of volume signed by the close's change; null on the first bar.

    Its level depends on where the window starts: only changes and slopes mean anything.
    """
    result = np.full((1, close.size), np.nan)
    total = 0.0
    for row in range(1, close.size):
        if close[row] > close[row - 1]:
            total += volume[row]
        elif close[row] < close[row - 1]:
            total -= volume[row]
        result[0, row] = total
    return result


@compiled
def relative_volume(volume: Array, length: int, first_row: int) -> Array:
    """Return the average volume and this bar's volume as a multiple of it (null when it is 0)."""
    start = max(first_row - length + 1, 0)
    result = np.full((2, volume.size - first_row), np.nan)
    average = sma(volume[start:], length)[0]
    for row in range(first_row, volume.size):
        usual = average[row - start]
        result[0, row - first_row] = usual
        if usual > 0.0:
            result[1, row - first_row] = volume[row] / usual
    return result

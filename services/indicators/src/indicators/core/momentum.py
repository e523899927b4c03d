"""How fast and how one-sided price moves: MACD, RSI and the stochastic of the RSI."""

import numpy as np

from indicators.core.compiled import Array, compiled
from indicators.core.smoothing import ema, rma, sma

_SAME_RSI = 1e-9
"""RSI points below which a range is rounding noise of an unchanged RSI."""


@compiled
def macd(close: Array, fast: int, slow: int, smoothing: int) -> Array:
    """Return the MACD line, its signal line and the histogram; every average has its own seed."""
    result = np.empty((3, close.size))
    quick = ema(close, fast)[0]
    slack = ema(close, slow)[0]
    for row in range(close.size):
        result[0, row] = quick[row] - slack[row]
    signal = ema(result[0], smoothing)[0]
    for row in range(close.size):
        result[1, row] = signal[row]
        result[2, row] = result[0, row] - signal[row]
    return result


@compiled
def rsi(close: Array, length: int) -> Array:
    """Return the share of gains in all moves, 0–100, by Wilder's averages; null before any move."""
    result = np.full((1, close.size), np.nan)
    gains = np.full(close.size, np.nan)
    losses = np.full(close.size, np.nan)
    for row in range(1, close.size):
        change = close[row] - close[row - 1]
        gains[row] = max(change, 0.0)
        losses[row] = max(-change, 0.0)
    gain = rma(gains, length)[0]
    loss = rma(losses, length)[0]
    for row in range(length, close.size):
        moves = gain[row] + loss[row]
        if moves > 0.0:
            result[0, row] = 100.0 * gain[row] / moves
    return result


@compiled
def stochastic_rsi(
    rsi: Array, length: int, k_smoothing: int, d_smoothing: int, first_row: int
) -> Array:
    """Return K and D: where the RSI stands in its own range of `length` bars, smoothed twice.

    Null, not 0, where that range is 0, and wherever a smoothing window holds such a bar.
    """
    earlier = k_smoothing + d_smoothing - 2  # raw values before the first row wanted
    raw = np.full(rsi.size - first_row + earlier, np.nan)
    for place in range(raw.size):
        row = first_row - earlier + place
        if row < length - 1 or np.isnan(rsi[row - length + 1]):
            continue
        lowest = highest = rsi[row]
        for value in rsi[row - length + 1 : row]:
            lowest = min(lowest, value)
            highest = max(highest, value)
        if highest - lowest > _SAME_RSI:
            raw[place] = 100.0 * (rsi[row] - lowest) / (highest - lowest)
    k = sma(raw, k_smoothing)[0]
    d = sma(k, d_smoothing)[0]
    result = np.empty((2, raw.size - earlier))
    for place in range(raw.size - earlier):
        result[0, place] = k[place + earlier]
        result[1, place] = d[place + earlier]
    return result

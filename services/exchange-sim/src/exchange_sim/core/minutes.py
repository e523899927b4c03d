"""What happens inside an hour: sixty minutes that add up to it, and the path inside each minute.

Only the hour is given; the minutes are drawn from a key, so asking twice gives the same answer.
"""

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.bars import Bars, Column
from exchange_sim.core.noise import generator, uniforms
from exchange_sim.core.timeframes import HOUR, MINUTE

_MINUTES = 60
_WOBBLE = 0.18  # how far the path strays from its line, in hourly ranges
_AGAINST = 0.2  # of the hours and minutes touch their extremes in the unlikelier order
_WICK = 0.04  # an average minute's wick, in hourly ranges


def expand(hours: Bars, key: int) -> Bars:
    """Return the sixty minutes of each hour; they aggregate exactly back to the hours."""
    count = len(hours)
    draws = np.empty((count, 5, _MINUTES))
    for row, open_time in enumerate(hours.open_time.tolist()):
        draws[row] = generator(key, open_time // HOUR).random((5, _MINUTES))
    path, top, bottom = _paths(hours, draws)
    spread = (hours.high - hours.low)[:, None]
    opened, closed = path[:, :-1], path[:, 1:]
    wicks = np.rint(spread * _WICK * -np.log1p(-draws[:, 2:4].transpose(1, 0, 2))).astype(np.int64)
    high = np.minimum(np.maximum(opened, closed) + wicks[0], hours.high[:, None])
    low = np.maximum(np.minimum(opened, closed) - wicks[1], hours.low[:, None])
    rows = np.arange(count)
    high[rows, top] = hours.high
    low[rows, bottom] = hours.low
    weights = 0.3 - np.log1p(-draws[:, 4]) + 8.0 * (high - low) / np.maximum(spread, 1)
    shares = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    times = hours.open_time[:, None] + MINUTE * np.arange(_MINUTES)
    summed = (_distribute(column, shares) for column in hours.columns()[5:])
    prices = (column.ravel() for column in (times, opened, high, low, closed))
    return Bars(*prices, *(column.ravel() for column in summed))


def so_far(minute: Bars, key: int, now: int) -> Bars:
    """Return a one-minute candle as it stands at `now`, inside that minute."""
    start, opened, elapsed = int(minute.open_time[0]), int(minute.open[0]), _elapsed(minute, now)
    knots, marks = _knots(minute, key)
    price = round(float(np.interp(elapsed, knots, marks)))
    seen = [mark for knot, mark in zip(knots, marks, strict=True) if knot <= elapsed] + [price]
    sums = (np.floor(column * elapsed).astype(np.int64) for column in minute.columns()[5:])
    values = (start, opened, max(seen), min(seen), price)
    return Bars(*(np.array([value], dtype=np.int64) for value in values), *sums)


def price_inside(minute: Bars, key: int, now: int) -> int:
    """Return the last price at `now`, inside a one-minute candle: the close of `so_far`."""
    return round(float(np.interp(_elapsed(minute, now), *_knots(minute, key))))


def _elapsed(minute: Bars, now: int) -> float:
    return (now - int(minute.open_time[0])) / MINUTE


def _knots(minute: Bars, key: int) -> tuple[list[float], list[int]]:
    opened, high, low, close = (
        int(column[0]) for column in (minute.open, minute.high, minute.low, minute.close)
    )
    position = int(minute.open_time[0]) // MINUTE * 3
    one, two, flip = uniforms(key, np.arange(position, position + 3)).tolist()
    against = flip < _AGAINST
    first, second = (low, high) if (close >= opened) != against else (high, low)
    return [0.0, 0.1 + 0.35 * one, 0.55 + 0.35 * two, 1.0], [opened, first, second, close]


def _paths(hours: Bars, draws: NDArray[np.float64]) -> tuple[Column, Column, Column]:
    count = len(hours)
    rising = (hours.close >= hours.open) == (draws[:, 0, 0] > _AGAINST)
    early = 1 + (draws[:, 0, 1] * 25).astype(np.int64)
    late = 32 + (draws[:, 0, 2] * 26).astype(np.int64)
    first = np.where(rising, hours.low, hours.high)
    second = np.where(rising, hours.high, hours.low)
    steps = np.arange(_MINUTES + 1)[None, :]
    early_, late_ = early[:, None], late[:, None]
    line = np.where(
        steps <= early_,
        hours.open[:, None] + (first - hours.open)[:, None] * steps / early_,
        np.where(
            steps <= late_,
            first[:, None] + (second - first)[:, None] * (steps - early_) / (late_ - early_),
            second[:, None]
            + (hours.close - second)[:, None] * (steps - late_) / (_MINUTES - late_),
        ),
    )
    wobble = np.zeros((count, _MINUTES + 1))
    wobble[:, 1:] = np.cumsum(draws[:, 1] - 0.5, axis=1)
    wobble -= wobble[:, -1:] * steps / _MINUTES
    line += wobble * (hours.high - hours.low)[:, None] * _WOBBLE
    path = np.rint(np.clip(line, hours.low[:, None], hours.high[:, None])).astype(np.int64)
    path[:, 0], path[:, -1] = hours.open, hours.close
    return path, np.where(rising, late, early), np.where(rising, early, late)


def _distribute(totals: Column, shares: NDArray[np.float64]) -> Column:
    marks = np.floor(totals[:, None] * shares).astype(np.int64)
    marks[:, -1] = totals
    return np.diff(marks, axis=1, prepend=0)

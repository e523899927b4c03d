"""The hours of a synthetic price, drawn month by month between the ends of its days."""

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.bars import Bars, complete
from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import generator
from exchange_sim.core.synthetic.days import DailyPath
from exchange_sim.core.synthetic.listing import GENESIS, Character
from exchange_sim.core.timeframes import HOUR

MONTH_DAYS = 60
MONTH_HOURS = MONTH_DAYS * 24

_BUSY = 1.0 + 0.35 * np.sin((np.arange(24) - 8.5) / 24 * 2 * np.pi)  # busiest about 14:30 UTC
_RESTLESS = 0.45  # how much the hourly volatility varies
_JUMP_ODDS, _JUMP = 0.004, 4.0
_SPIKE_ODDS, _SPIKE = 0.02, 4.0  # wicks that traders hate
_WICK = 0.42  # an average wick in hourly volatilities


def relative_hours(path: DailyPath, key: int, month: int) -> NDArray[np.float64]:
    """Return the log price at the open of each hour of a month and at its end, from the path."""
    first = month * MONTH_DAYS
    path.reach(first + MONTH_DAYS)
    draws = generator(key, month)
    shape = (MONTH_DAYS, 24)
    shocks = draws.standard_normal(shape)
    restless = np.cumsum(draws.standard_normal(shape), axis=1) / np.sqrt(np.arange(1, 25))
    loudness = _BUSY * np.exp(_RESTLESS * restless)
    loudness *= np.where(draws.random(shape) < _JUMP_ODDS, _JUMP, 1.0)
    daily = path.volatilities[first : first + MONTH_DAYS, None] / np.sqrt(24.0)
    walk = np.cumsum(shocks * loudness * daily, axis=1)
    share = np.cumsum(loudness**2, axis=1)
    share /= share[:, -1:]
    ends = path.levels[first : first + MONTH_DAYS + 1]
    walk += (ends[1:, None] - ends[:-1, None] - walk[:, -1:]) * share + ends[:-1, None]
    return np.concatenate([ends[:1], walk.ravel()])


def month_of_bars(
    contract: Contract,
    character: Character,
    log_prices: NDArray[np.float64],
    volatilities: NDArray[np.float64],
    *,
    key: int,
    month: int,
) -> Bars:
    """Return a month of hourly candles around the given log prices at the hours' edges."""
    draws = generator(key, month)
    hourly = np.repeat(volatilities, 24) / np.sqrt(24.0)
    scale = 10.0**contract.price_decimals
    edges = np.maximum(np.rint(np.exp(log_prices) * scale), 1).astype(np.int64)
    opened, closed = edges[:-1], edges[1:]
    wicks = draws.standard_exponential((2, MONTH_HOURS)) * _WICK
    wicks *= np.where(draws.random((2, MONTH_HOURS)) < _SPIKE_ODDS, _SPIKE, 1.0)
    wicks *= hourly
    high = np.ceil(np.maximum(opened, closed) * (1.0 + wicks[0])).astype(np.int64)
    low = np.floor(np.minimum(opened, closed) * np.exp(-wicks[1])).astype(np.int64)
    low = np.maximum(low, 1)
    travelled = np.log(high / low) / np.maximum(hourly, 1e-9)
    busy = np.tile(_BUSY, MONTH_DAYS) * np.exp(0.4 * draws.standard_normal(MONTH_HOURS))
    quote = character.daily_quote_volume / 24.0 * busy * (0.25 + 0.45 * travelled)
    quote *= np.repeat(volatilities / character.volatility, 24) ** 0.6
    volume = quote / np.exp(log_prices[1:]) * 10.0**contract.quantity_decimals
    open_time = GENESIS + (month * MONTH_HOURS + np.arange(MONTH_HOURS)) * HOUR
    return complete(
        open_time.astype(np.int64),
        (opened, high, low, closed),
        np.maximum(volume, 1).astype(np.int64),
        quote_decimals=contract.price_decimals + contract.quantity_decimals,
    )

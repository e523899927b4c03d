"""What surrounds a perpetual's price: premium over the index, funding, open interest, spread.

Everything is a pure function of a key and a time, so the past of each is as fixed as its candles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import Keys, key_of, uniforms, waves
from exchange_sim.core.timeframes import DAY, HOUR, MINUTE

INTEREST = 0.0001  # per eight hours

_PREMIUM = 0.0016
_DAMPER = 0.0005  # Binance: rate = premium + clamp(interest - premium, ±0.05 %)
_MARK_NOISE = 0.0003
_BOOK_SHARE = 10_000

Times = NDArray[np.int64]
Ratios = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of the book in price units, and the volumes behind them in units."""

    bid: int
    ask: int
    bid_volume: int
    ask_volume: int


def premium(key: int, contract: Contract, times: Times) -> Ratios:
    """Return how far a perpetual stands above its index at each time, as a ratio."""
    return _premium(key_of(key, contract.root, "premium"), times)


def premiums(key: int, contracts: Sequence[Contract], time: int) -> Ratios:
    """Return how far each perpetual stands above its index at one time, as a ratio."""
    return _premium(_keys(key, contracts, "premium"), np.full(len(contracts), time))


def funding_rates(contract: Contract, above_index: Ratios) -> Ratios:
    """Return the rate that a settlement under each premium would pay, by Binance's formula."""
    share = contract.funding_hours / 8.0
    above = above_index * share
    interest = INTEREST * share
    rates = above + np.clip(interest - above, -_DAMPER * share, _DAMPER * share)
    return np.clip(rates, -contract.funding_cap, contract.funding_cap)


def mark_offsets(key: int, contracts: Sequence[Contract], time: int) -> Ratios:
    """Return how far each mark price stands from the last price, as a ratio."""
    times = np.full(len(contracts), time)
    return _MARK_NOISE * waves(_keys(key, contracts, "mark"), times, (10 * MINUTE, MINUTE))


def mark_path(key: int, contract: Contract, times: Times) -> Ratios:
    """Return how far one mark price stands from the last price at each time, as a ratio."""
    return _MARK_NOISE * waves(key_of(key, contract.root, "mark"), times, (10 * MINUTE, MINUTE))


def long_shares(key: int, contract: Contract, times: Times) -> Ratios:
    """Return the share of accounts that are long at each time."""
    wave = waves(key_of(key, contract.root, "accounts"), times, (9 * DAY, 2 * DAY, 8 * HOUR, HOUR))
    return 0.56 + 0.22 * wave


def lateness(key: int, contract: Contract, times: Times) -> Times:
    """Return by how many milliseconds each settlement is stamped late, as Binance does."""
    draws = uniforms(key_of(key, contract.root, "late"), times // HOUR)
    return np.maximum((draws * 20).astype(np.int64) - 10, 0)


def open_interest(key: int, contract: Contract, times: Times) -> Times:
    """Return the open interest in volume units: tides and waves around what is usual."""
    periods = (60 * DAY, 14 * DAY, 3 * DAY, 12 * HOUR, 2 * HOUR, 15 * MINUTE)
    wave = waves(key_of(key, contract.root, "open interest"), times, periods)
    amount = contract.typical_open_interest * np.exp(0.9 * wave) * 10.0**contract.quantity_decimals
    return np.maximum(amount, 1).astype(np.int64)


def quote(key: int, contract: Contract, last: int, time: int) -> Quote:
    """Return the best bid and ask around the last price."""
    tick = 10 ** (contract.price_decimals - contract.tick_decimals)
    draws = uniforms(key_of(key, contract.root, "book"), time // 1000 * 4 + np.arange(3))
    width = max(1, round(last * contract.spread_ratio * (0.6 + 0.8 * draws[0]) / tick))
    bid = max((last - tick * (width // 2)) // tick * tick, tick)
    size = contract.typical_open_interest * 10.0**contract.quantity_decimals / _BOOK_SHARE
    volumes = [max(1, int(size * -np.log1p(-draw) * 3)) for draw in draws[1:]]
    return Quote(bid, bid + tick * width, *volumes)


def _premium(keys: Keys, times: Times) -> Ratios:
    wave = waves(keys, times, (5 * DAY, DAY, 6 * HOUR, HOUR, 5 * MINUTE))
    return _PREMIUM * wave * np.abs(wave)


def _keys(key: int, contracts: Sequence[Contract], what: str) -> NDArray[np.uint64]:
    keys = [key_of(key, contract.root, what) for contract in contracts]
    return np.array(keys, dtype=np.uint64)

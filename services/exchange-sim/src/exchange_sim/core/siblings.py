"""The same contract on another venue: the same moves, a few basis points and other volumes apart.

Prices shift by a basis that wanders; because it is drawn at the hours' edges, an hour still opens
where the last one closed, and everything inside the hours adds up as on the first venue.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.bars import Bars, Column, complete
from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import key_of, waves
from exchange_sim.core.timeframes import DAY, HOUR

_BASIS_PERIODS = (12 * HOUR, 3 * HOUR, HOUR)
_VOLUME_PERIODS = (7 * DAY, DAY, 5 * HOUR, HOUR)

_DIGITS = "0123456789"
_LEAST_BUNDLE = 1_000  # 1INCH and LUNA2 are names


@dataclass(frozen=True, slots=True)
class Distance:
    """How a venue differs from the first: mean basis, its swing, and its share of the volume."""

    basis: float
    swing: float
    volume_share: float
    volume_swing: float = 0.5


def sibling_hours(
    hours: Bars, source: Contract, sibling: Contract, distance: Distance, *, key: int
) -> Bars:
    """Return the hours of a contract as another venue traded them."""
    if not len(hours):
        return hours
    price_unit = 10.0 ** (sibling.price_decimals - source.price_decimals) * _parts(source, sibling)
    opening = _basis(key, sibling, hours.open_time, distance) * price_unit
    closing = _basis(key, sibling, hours.open_time + HOUR, distance) * price_unit
    opened = _units(hours.open * opening)
    closed = _units(hours.close * closing)
    between = (opening + closing) / 2.0
    high = np.maximum(_units(hours.high * between), np.maximum(opened, closed))
    low = np.minimum(_units(hours.low * between), np.minimum(opened, closed))
    waved = waves(key_of(key, sibling.root, "volume"), hours.open_time, _VOLUME_PERIODS)
    share = distance.volume_share * np.exp(distance.volume_swing * waved)
    volume_unit = 10.0 ** (sibling.quantity_decimals - source.quantity_decimals)
    volume = hours.volume * share * volume_unit / _parts(source, sibling)
    return complete(
        hours.open_time,
        (opened, high, low, closed),
        np.where(hours.volume > 0, np.maximum(volume, 1), 0).astype(np.int64),
        quote_decimals=sibling.price_decimals + sibling.quantity_decimals,
    )


def multiplier(base: str) -> int:
    """Return how many coins a unit of the base asset bundles: 1000 for 1000PEPE and SHIB1000."""
    if base.startswith("1M") and base[2:3].isalpha():
        return 1_000_000
    before = base[: len(base) - len(base.lstrip(_DIGITS))]
    after = base[len(base.rstrip(_DIGITS)) :]
    bundled = int(before or after or 1)
    return bundled if bundled >= _LEAST_BUNDLE else 1


def _parts(source: Contract, sibling: Contract) -> float:
    return multiplier(sibling.base) / multiplier(source.base)


def _basis(key: int, contract: Contract, times: Column, distance: Distance) -> NDArray[np.float64]:
    wave = waves(key_of(key, contract.root, "basis"), times, _BASIS_PERIODS)
    return 1.0 + distance.basis + distance.swing * wave


def _units(values: NDArray[np.float64]) -> Column:
    return np.maximum(np.rint(values), 1).astype(np.int64)

"""Randomness with random access: the same (seed, name, position) always gives the same draw."""

from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_ONE = np.uint64(0xBF58476D1CE4E5B9)
_MIX_TWO = np.uint64(0x94D049BB133111EB)


Keys = int | NDArray[np.uint64]


@lru_cache(maxsize=16_384)
def key_of(seed: int, *names: object) -> int:
    """Return 64 bits that stand for a seed and names, the same on every machine."""
    text = "\x1f".join(str(name) for name in (seed, *names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def generator(key: int, position: int = 0) -> np.random.Generator:
    """Return the stream of draws that belongs to a key and a position."""
    words = np.array([key, position], dtype=np.uint64)  # a plain list would become floats
    return np.random.Generator(np.random.Philox(key=words))


def uniforms(keys: Keys, positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return one draw in [0, 1) for each key and position (splitmix64)."""
    mixed = _unsigned(keys) + positions.astype(np.uint64) * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_ONE
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_TWO
    mixed ^= mixed >> np.uint64(31)
    drawn: NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return drawn


def waves(keys: Keys, times: NDArray[np.int64], periods: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a smooth wandering value in [-1, 1]: one octave a period, later ones weaker."""
    total = np.zeros(len(times))
    weight, weights = 1.0, 0.0
    for octave, period in enumerate(periods):
        position, into = np.divmod(times, period)
        ratio = into / period
        ease = ratio * ratio * (3.0 - 2.0 * ratio)
        octave_keys = _unsigned(keys) ^ np.uint64(octave * 0x51_7C_C1_B7)
        left, right = uniforms(octave_keys, position), uniforms(octave_keys, position + 1)
        total += weight * (2.0 * (left + (right - left) * ease) - 1.0)
        weights += weight
        weight *= 0.6
    return total / weights


def _unsigned(keys: Keys) -> NDArray[np.uint64]:
    return np.atleast_1d(np.asarray(keys, dtype=np.uint64))

"""The daily skeleton of a synthetic price: regimes, volatility that clusters, a market factor.

A path is a chain of days from the genesis on. A day depends on the days before it and on draws
of its own, never on later ones, so a path can be continued and its past never changes.
"""

import math
from bisect import bisect
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.noise import generator

BLOCK = 256  # days drawn at once

_STAY = 0.9  # a regime lasts ten days on average
_NEXT = (0.3, 0.55, 0.87, 1.0)  # cumulated odds of the regime that follows
_HEAVY_TAILS = 4.0  # degrees of freedom of a day's shock
_MEMORY = 0.93  # of yesterday's log-volatility
_VOLATILITY_OF_VOLATILITY = 0.16
_HOMESICK = 0.004  # pull to the starting price per day: half-life of about half a year


class Regime(IntEnum):
    """What a stretch of days feels like."""

    UP = 0
    DOWN = 1
    RANGE = 2
    STORM = 3


_LOUDNESS = (0.9, 1.0, 0.65, 2.1)  # by regime, like the two below
_TREND = (0.55, -0.55, 0.0, 0.0)  # drift a day in volatilities
_PULL = (0.0, 0.0, 0.3, 0.0)  # a day, to the level where the regime began


@dataclass(slots=True)
class DailyPath:
    """The end-of-day log prices and volatilities of one source of movement, drawn on demand."""

    key: int
    volatility: float
    levels: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    volatilities: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    regimes: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    _mood: float = 0.0
    _home: float = 0.0

    def reach(self, day: int) -> None:
        """Draw on until `day` (counted from the genesis) is known."""
        while len(self.volatilities) <= day:
            self._continue()

    def _continue(self) -> None:
        block = len(self.volatilities) // BLOCK
        draws = generator(self.key, block)
        switches, choices = draws.random((2, BLOCK)).tolist()
        shocks = np.clip(draws.standard_t(_HEAVY_TAILS, BLOCK) / np.sqrt(2.0), -6, 6).tolist()
        moods = (draws.standard_normal(BLOCK) * _VOLATILITY_OF_VOLATILITY).tolist()
        level, mood, home = float(self.levels[-1]), self._mood, self._home
        regime = int(self.regimes[-1]) if len(self.regimes) else int(Regime.RANGE)
        levels, volatilities, regimes = [], [], []
        for switch, choice, shock, swing in zip(switches, choices, shocks, moods, strict=True):
            if switch > _STAY:
                regime = bisect(_NEXT, choice)
                home = level
            mood = _MEMORY * mood + swing
            volatility = self.volatility * _LOUDNESS[regime] * math.exp(mood)
            drift = _TREND[regime] * volatility - _PULL[regime] * (level - home)
            level += volatility * shock + drift - _HOMESICK * level
            levels.append(level)
            volatilities.append(volatility)
            regimes.append(regime)
        self._mood, self._home = mood, home
        self.levels = np.concatenate([self.levels, levels])
        self.volatilities = np.concatenate([self.volatilities, volatilities])
        self.regimes = np.concatenate([self.regimes, np.array(regimes, dtype=np.int8)])

"""Faults by chance: a seed decides which requests go wrong and how, the same way every time.

A request's fate depends on the seed, its route, its symbol and how many like it came before, so
the order in which different symbols are asked changes nothing.
"""

from collections import Counter

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from exchange_sim.core.fault import (
    ANSWER_KINDS,
    CANDLE_KINDS,
    CLOCK_KINDS,
    CONNECTION_KINDS,
    FailedStatus,
    Fault,
    FaultKind,
)
from exchange_sim.core.noise import key_of, uniforms

_EXTREME: frozenset[str] = frozenset({"ban", "timeout"})  # only where they are asked for
_USUAL_KINDS = tuple(
    sorted((ANSWER_KINDS | CANDLE_KINDS | CLOCK_KINDS | CONNECTION_KINDS) - _EXTREME)
)


class FaultOdds(BaseModel):
    """How often requests go wrong, and how: every fault of a seeded plan is transient."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    seed: int
    rate: float = Field(ge=0, le=1)
    """The share of requests and close messages that meet a fault; connections meet one a minute."""
    route: str = "*"
    kinds: tuple[FaultKind, ...] = Field(default=_USUAL_KINDS, min_length=1)  # type: ignore[arg-type]  # checked by validation
    statuses: tuple[FailedStatus, ...] = Field(default=(429, 500, 502, 503), min_length=1)
    seconds: float = Field(default=0.5, ge=0)
    retry_after: int = Field(default=1, ge=0)
    offset: int = 1_500


class SeededFaults:
    """Draws the fate of one request after the other."""

    def __init__(self, odds: FaultOdds) -> None:
        self.odds = odds
        self._asked: Counter[tuple[str, str | None]] = Counter()
        self._pattern = Fault(kind="status", route=odds.route)

    def next(self, route: str, symbol: str | None, kinds: frozenset[str]) -> Fault | None:
        """Return the fault that strikes the next request like this one, or None."""
        possible = [kind for kind in self.odds.kinds if kind in kinds]
        if not possible or not self._pattern.strikes(route, symbol):
            return None
        asked = self._asked[route, symbol]
        self._asked[route, symbol] += 1
        key = key_of(self.odds.seed, route, symbol)
        strikes, which, detail = uniforms(key, np.arange(3) + 3 * asked).tolist()
        if strikes >= self.odds.rate:
            return None
        status = self.odds.statuses[int(detail * len(self.odds.statuses))]
        return Fault.model_validate(
            {
                "kind": possible[int(which * len(possible))],
                "status": status,
                "retry_after": self.odds.retry_after if status in (418, 429) else None,
                "seconds": self.odds.seconds,
                "offset": self.odds.offset if detail < 0.5 else -self.odds.offset,  # noqa: PLR2004 (as often fast as slow)
            }
        )

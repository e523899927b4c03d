"""What the venue needs from outside: a market to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exchange_sim.core.bars import Bars
from exchange_sim.core.contracts import Contract


@dataclass(frozen=True, slots=True)
class Settlement:
    """One funding payment: when it was due and its rate."""

    time: int
    rate: float


class Market(Protocol):
    """Everything that ever trades here; the caller decides what is already known at its time."""

    @property
    def key(self) -> int:
        """The key of all that is drawn inside the hours: minutes, spreads, open interest."""

    def every(self) -> Sequence[Contract]:
        """Return what is ever listed."""

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what the venue lists at `now`, ended contracts included."""

    def contract(self, symbol: str) -> Contract | None:
        """Return the contract of that name, listed now or not, or None."""

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return the one-hour candles that open in [start, end), the future included."""

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return the recorded funding payments in [start, end]; None where none are recorded."""

"""A venue that lists nothing: where a folder of recorded candles has no sibling for it."""

from collections.abc import Sequence

from exchange_sim.core.bars import Bars, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.ports import Settlement


class NoMarket:
    """Nothing ever trades here."""

    key = 0

    def every(self) -> Sequence[Contract]:
        """Return nothing."""
        return ()

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return nothing."""
        del now
        return ()

    def contract(self, symbol: str) -> Contract | None:
        """Return None."""
        del symbol
        return None

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return no candles."""
        del symbol, start, end
        return no_bars()

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return None."""
        del symbol, start, end
        return None

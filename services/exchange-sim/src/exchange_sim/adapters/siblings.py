"""Another venue's market, made of the first one's: the same moves under its own terms."""

from collections.abc import Callable, Sequence

from exchange_sim.core.bars import Bars, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.siblings import Distance, sibling_hours
from exchange_sim.ports import Market, Settlement


class SiblingMarket:
    """Lists what `listed_as` makes of the first market's contracts, a distance away."""

    def __init__(
        self,
        source: Market,
        *,
        listed_as: Callable[[Contract], Contract | None],
        distance: Distance,
        key: int,
    ) -> None:
        self._source = source
        self._distance = distance
        self._key = key
        pairs = ((contract, listed_as(contract)) for contract in source.every())
        self._pairs = {
            sibling.symbol: (contract, sibling) for contract, sibling in pairs if sibling
        }
        self._sibling_of = {contract.symbol: sibling for contract, sibling in self._pairs.values()}

    @property
    def key(self) -> int:
        """The key of all that is drawn inside the hours: the first market's."""
        return self._source.key

    def every(self) -> Sequence[Contract]:
        """Return what is ever listed here."""
        return [sibling for _, sibling in self._pairs.values()]

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what is listed here at `now`."""
        known = (self._sibling_of.get(contract.symbol) for contract in self._source.contracts(now))
        return [sibling for sibling in known if sibling is not None]

    def contract(self, symbol: str) -> Contract | None:
        """Return the contract of that name, or None."""
        pair = self._pairs.get(symbol)
        return None if pair is None else pair[1]

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return the hours that open in [start, end) as they traded here."""
        pair = self._pairs.get(symbol)
        if pair is None:
            return no_bars()
        source, sibling = pair
        hours = self._source.hours(source.symbol, start, end)
        return sibling_hours(hours, source, sibling, self._distance, key=self._key)

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return None: rates are drawn here."""
        del symbol, start, end
        return None

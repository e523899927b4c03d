"""Another venue's market, made of the first one's: the same moves under its own terms."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from exchange_sim.core.bars import Bars, join, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.siblings import Distance, sibling_hours
from exchange_sim.core.timeframes import HOUR
from exchange_sim.ports import Market, Settlement

_BLOCK = 256 * HOUR
_BLOCKS_KEPT = 2_048  # 20 kB each


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
        self._blocks: OrderedDict[tuple[str, int], Bars] = OrderedDict()
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
        if end - start > _BLOCK:
            return self._moved(pair, start, end)
        first, last = start // _BLOCK, max(end - 1, start) // _BLOCK
        blocks = [self._block(pair, block) for block in range(first, last + 1)]
        return (blocks[0] if len(blocks) == 1 else join(blocks)).between(start, end)

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return None: rates are drawn here."""
        del symbol, start, end
        return None

    def _block(self, pair: tuple[Contract, Contract], block: int) -> Bars:
        key = (pair[1].symbol, block)
        kept = self._blocks.get(key)
        if kept is None:
            kept = self._moved(pair, block * _BLOCK, (block + 1) * _BLOCK)
            self._blocks[key] = kept
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        return kept

    def _moved(self, pair: tuple[Contract, Contract], start: int, end: int) -> Bars:
        source, sibling = pair
        hours = self._source.hours(source.symbol, start, end)
        return sibling_hours(hours, source, sibling, self._distance, key=self._key)

"""A market whose contracts may be delisted in mid-run, as an ordered fault announces."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from exchange_sim.core.bars import Bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.faults import FaultPlan
from exchange_sim.core.timeframes import HOUR
from exchange_sim.ports import Market, Settlement


class DelistableMarket:
    """Another market, with the announced ends of its contracts laid over it.

    A `delisted` fault is meant for this market when its pattern matches `route`.
    """

    def __init__(self, market: Market, faults: FaultPlan, *, route: str) -> None:
        self._market = market
        self._faults = faults
        self._route = route

    @property
    def key(self) -> int:
        """The key of all that is drawn inside the hours."""
        return self._market.key

    def every(self) -> Sequence[Contract]:
        """Return what is ever listed."""
        return self._market.every()

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what is listed, ended contracts included."""
        listed = self._market.contracts(now)
        return [self._ended(contract) for contract in listed] if self._faults.left else listed

    def contract(self, symbol: str) -> Contract | None:
        """Return the contract of that name, or None."""
        contract = self._market.contract(symbol)
        return contract if contract is None else self._ended(contract)

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return the hours that open in [start, end) and before the contract's end."""
        contract = self.contract(symbol)
        last = end if contract is None else min(end, contract.settles)
        return self._market.hours(symbol, start, max(start, last))

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return the recorded payments, or None."""
        return self._market.settlements(symbol, start, end)

    def _ended(self, contract: Contract) -> Contract:
        if not self._faults.left:
            return contract
        fault = self._faults.delisting(self._route, contract.symbol)
        if fault is None or fault.at is None:
            return contract
        settles = min(_full_hour(fault.at), contract.settles)
        return replace(contract, settles=settles, delisting_announced=True)


def _full_hour(time: datetime) -> int:
    return -(-int(time.timestamp() * 1000) // HOUR) * HOUR

"""The faults that are still to come: ordered one by one, or drawn by a seed."""

from fnmatch import fnmatchcase

from exchange_sim.core.fault import ANSWER_KINDS, Fault
from exchange_sim.core.seeded import SeededFaults

__all__ = ["Fault", "FaultPlan"]


class FaultPlan:
    """The faults that are still to come: those ordered, oldest first, and those a seed draws."""

    def __init__(self) -> None:
        self._left: list[Fault] = []
        self._drawn: SeededFaults | None = None

    @property
    def left(self) -> tuple[Fault, ...]:
        """The faults that have not struck as often as ordered."""
        return tuple(self._left)

    @property
    def drawn(self) -> SeededFaults | None:
        """The plan whose faults strike by chance, if there is one."""
        return self._drawn

    def order(self, *faults: Fault) -> None:
        """Add faults behind those already ordered."""
        self._left.extend(faults)

    def draw(self, drawn: SeededFaults | None) -> None:
        """Let faults strike by a seed's chance from now on, or stop it."""
        self._drawn = drawn

    def clear(self) -> None:
        """Forget every fault, drawn ones too."""
        self._left.clear()
        self._drawn = None

    def take(
        self, route: str, symbol: str | None, kinds: frozenset[str] = ANSWER_KINDS
    ) -> Fault | None:
        """Return the fault of these kinds that strikes this request, counting it, or None."""
        ordered = self.take_ordered(route, symbol, kinds)
        if ordered is not None or self._drawn is None:
            return ordered
        return self._drawn.next(route, symbol, kinds)

    def take_ordered(self, route: str, symbol: str | None, kinds: frozenset[str]) -> Fault | None:
        """Return the ordered fault that strikes, leaving chance out."""
        for place, fault in enumerate(self._left):
            if fault.kind in kinds and fault.strikes(route, symbol):
                self._count_down(place, fault)
                return fault
        return None

    def delisting(self, route: str, symbol: str) -> Fault | None:
        """Return the announced end of a contract; it is no event and is never used up."""
        for fault in self._left:
            meant = fault.kind == "delisted" and fault.symbol == symbol
            if meant and fnmatchcase(route, fault.route):
                return fault
        return None

    def _count_down(self, place: int, fault: Fault) -> None:
        if fault.count == 1:
            del self._left[place]
        elif fault.count is not None:
            self._left[place] = fault.model_copy(update={"count": fault.count - 1})

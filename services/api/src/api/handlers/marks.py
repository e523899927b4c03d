"""The newest mark prices of each venue, heard from the bus."""

from api.core.answers import Page
from api.core.queries import MarksQuery
from common.bus import Bus
from common.domain import Marks


class LatestMarks:
    """Remembers each venue's newest marks; late ones never replace newer ones."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._newest: dict[str, Marks] = {}

    async def follow(self) -> None:
        """Listen until cancelled."""
        async for marks in self._bus.follow(Marks):
            if isinstance(marks, Marks):
                self._keep(marks)

    def page(self, query: MarksQuery) -> Page[Marks]:
        """Return what is known, cut down to what was asked for."""
        chosen = (
            _narrowed(marks, query.symbol)
            for venue, marks in sorted(self._newest.items())
            if query.venue in {None, venue}
        )
        items = tuple(marks for marks in chosen if marks.prices)
        simulated = any(marks.simulated for marks in items) if items else None
        return Page[Marks](items=items, simulated=simulated)

    def _keep(self, marks: Marks) -> None:
        known = self._newest.get(marks.venue)
        if known is None or known.observed_at <= marks.observed_at:
            self._newest[marks.venue] = marks


def _narrowed(marks: Marks, symbol: str | None) -> Marks:
    if symbol is None:
        return marks
    prices = {name: price for name, price in marks.prices.items() if name == symbol}
    return marks.model_copy(update={"prices": prices})

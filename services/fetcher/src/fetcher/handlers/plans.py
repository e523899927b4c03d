"""Which contracts have an open plan: their hourly candles are read between scans too."""

from datetime import datetime

from common.bus import Bus, Start
from common.domain import Outcome, TradePlan


class OpenPlans:
    """Follows plans and their outcomes; a plan is open from its proposal to its final step."""

    def __init__(self, bus: Bus, *, venue: str) -> None:
        self._bus = bus
        self._venue = venue
        self._open: dict[tuple[str, str], TradePlan] = {}
        self._ended: set[tuple[str, str]] = set()

    def symbols(self, now: datetime) -> dict[str, datetime]:
        """Return the contracts with an open plan, and since when the oldest of them is open.

        A plan past its expiry is still followed for as long again: its end may not be told yet.
        """
        since: dict[str, datetime] = {}
        for plan in self._open.values():
            if now <= plan.expires_at + (plan.expires_at - plan.as_of):
                since[plan.symbol] = min(plan.as_of, since.get(plan.symbol, plan.as_of))
        return since

    async def follow(self) -> None:
        """Follow both streams from their beginning on."""
        async for fact in self._bus.follow(TradePlan, Outcome, start=Start.ALL, venue=self._venue):
            if isinstance(fact, TradePlan):
                self._opened(fact)
            elif isinstance(fact, Outcome) and fact.step.final:
                self._closed(fact)

    def _opened(self, plan: TradePlan) -> None:
        identity = (plan.symbol, plan.scan_id)
        if identity not in self._ended:  # the two streams keep no order between them
            self._open[identity] = plan

    def _closed(self, outcome: Outcome) -> None:
        identity = (outcome.symbol, outcome.scan_id)
        self._ended.add(identity)
        self._open.pop(identity, None)

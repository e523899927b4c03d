"""What happens when signals and candles arrive, when candles stop coming, and after a restart."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from common.bus import Bus
from common.clock import Clock
from common.domain import Bar, Delisting, Fact, Outcome, Rejection, Signal, TradePlan, WatchList
from common.errors import InvalidMessageError
from planner.core.page import Answer, Page
from planner.core.rules import PlanRules
from planner.core.watching import Watching

logger = logging.getLogger(__name__)

_SILENCE_CHECKED_EVERY: Final = timedelta(hours=1)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

Contract = tuple[str, str]
"""Venue and symbol."""


class Planner:
    """One decision per signal, one life per plan; the book of all contracts in memory."""

    def __init__(self, *, bus: Bus, clock: Clock, rules: PlanRules) -> None:
        self._bus = bus
        self._clock = clock
        self._rules = rules
        self._book: dict[Contract, Page] = {}
        self._watching = Watching()

    @property
    def open_plans(self) -> tuple[TradePlan, ...]:
        """Every plan whose end has not been seen."""
        return tuple(plan for page in self._book.values() for plan in page.open_plans)

    async def decide(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        """Return each signal's decision and its consequences; nothing once its deadline passed."""
        answers = [await self._decide(_signal(fact)) for fact in facts]
        await self._tell_watched(answers)
        return answers

    async def follow(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        """Return what each closed candle did to the open plans of its contract."""
        answers = [self._page(bar.venue, bar.symbol).answer_bar(bar) for bar in map(_bar, facts)]
        await self._tell_watched(answers)
        return answers

    async def watch_silence(self) -> None:
        """End plans whose candles have stopped coming, checked once an hour of venue time."""
        while True:
            now = self._clock.now()
            ends = await self._announced_ends(now) if self.open_plans else {}
            for contract, page in list(self._book.items()):
                ended = page.silent(now, ends.get(contract))
                for outcome in ended:
                    await self._bus.publish(outcome)
                page.close_silent(now, ends.get(contract))
                await self._tell_watched((ended,))
            await self._clock.sleep_until(now + _SILENCE_CHECKED_EVERY)

    async def rebuild(self) -> None:
        """Take up every open plan from what was published, as if the planner had never stopped."""
        plans: defaultdict[Contract, list[TradePlan]] = defaultdict(list)
        outcomes: defaultdict[Contract, list[Outcome]] = defaultdict(list)
        self._book.clear()
        self._watching = Watching()
        alive_at = _LONG_AGO
        async for fact in self._bus.replay(Outcome):
            if isinstance(fact, Outcome):
                outcomes[fact.venue, fact.symbol].append(fact)
                self._watching.learn((fact,))
        async for fact in self._bus.replay(TradePlan):
            if isinstance(fact, TradePlan):
                plans[fact.venue, fact.symbol].append(fact)
        recent = [fact async for fact in self._bus.latest(TradePlan, Rejection)]
        for fact in recent:
            if isinstance(fact, TradePlan | Rejection):
                alive_at = max(alive_at, fact.as_of)
                self._watching.learn((fact,))
        for contract, proposed in plans.items():
            await self._restore(contract, proposed, outcomes[contract], alive_at)
        for fact in recent:
            if isinstance(fact, TradePlan | Rejection):
                self._page(fact.venue, fact.symbol).recall(fact)
        await self._tell_watched_again()
        logger.info("following %d open plans", len(self.open_plans))

    async def _announced_ends(self, now: datetime) -> Mapping[Contract, datetime]:
        """Return when contracts end or have ended, as their venues have announced it last."""
        return {
            (fact.venue, fact.symbol): fact.ends_at
            async for fact in self._bus.latest(Delisting)
            if isinstance(fact, Delisting) and fact.observed_at <= now
        }

    async def _restore(
        self,
        contract: Contract,
        plans: Sequence[TradePlan],
        outcomes: Sequence[Outcome],
        alive_at: datetime,
    ) -> None:
        venue, symbol = contract
        ended = {outcome.scan_id for outcome in outcomes if outcome.step.final}
        bars: list[Bar] = []
        if any(plan.scan_id not in ended for plan in plans):
            kept = self._bus.replay(Bar, venue=venue, symbol=symbol)
            bars = [fact async for fact in kept if isinstance(fact, Bar)]
        for outcome in self._page(venue, symbol).restore(plans, outcomes, bars, alive_at):
            await self._bus.publish(outcome)
            self._watching.learn((outcome,))

    async def _tell_watched_again(self) -> None:
        async for fact in self._bus.latest(WatchList):
            if isinstance(fact, WatchList):
                self._watching.told(fact)
        for watch_list in self._watching.lists(self.open_plans):
            await self._publish_list(watch_list)

    async def _tell_watched(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            self._watching.learn(answer)
        for watch_list in self._watching.changes(self.open_plans):
            await self._publish_list(watch_list)

    async def _publish_list(self, watch_list: WatchList) -> None:
        await self._bus.publish(watch_list)
        self._watching.told(watch_list)

    async def _decide(self, signal: Signal) -> Answer:
        page = self._page(signal.venue, signal.symbol)
        if self._clock.now() <= signal.deadline:
            return page.answer_signal(signal)
        logger.warning("signal came after its deadline", extra={"scan_id": signal.scan_id})
        if page.answered(signal) and not await self._published(signal):
            page.forget(signal)
        return ()

    async def _published(self, signal: Signal) -> bool:
        told = self._bus.replay(TradePlan, Rejection, venue=signal.venue, symbol=signal.symbol)
        return any([fact.key.endswith(signal.scan_id) async for fact in told])

    def _page(self, venue: str, symbol: str) -> Page:
        page = self._book.get((venue, symbol))
        if page is None:
            page = self._book[venue, symbol] = Page(self._rules)
        return page


def _signal(fact: Fact) -> Signal:
    if not isinstance(fact, Signal):
        raise InvalidMessageError(f"planner decides on a Signal, was {fact.name()}")
    return fact


def _bar(fact: Fact) -> Bar:
    if not isinstance(fact, Bar):
        raise InvalidMessageError(f"planner follows plans by Bars, was {fact.name()}")
    return fact

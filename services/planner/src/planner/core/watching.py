"""Which contracts have open plans, told as one list a venue whenever that changes."""

from collections.abc import Iterable
from datetime import datetime

from common.domain import Decision, Outcome, Symbol, TradePlan, Venue, WatchList


class Watching:
    """What was told last of each venue, and how new the planner's knowledge is."""

    def __init__(self) -> None:
        self._told: dict[Venue, WatchList] = {}
        self._known: dict[Venue, tuple[datetime, bool]] = {}

    def learn(self, facts: Iterable[Decision | Outcome | WatchList]) -> None:
        """Take note of how new the planner's knowledge of a venue is; it never grows older."""
        for fact in facts:
            newest, _ = self._known.get(fact.venue, (fact.as_of, fact.simulated))
            self._known[fact.venue] = max(newest, fact.as_of), fact.simulated

    def told(self, watch_list: WatchList) -> None:
        """Remember what was told."""
        self.learn((watch_list,))
        self._told[watch_list.venue] = watch_list

    def lists(self, open_plans: Iterable[TradePlan]) -> tuple[WatchList, ...]:
        """Return every known venue's list: a new one where it has changed."""
        by_venue: dict[Venue, dict[Symbol, datetime]] = {venue: {} for venue in self._known}
        for plan in open_plans:
            since = by_venue[plan.venue]
            since[plan.symbol] = min(plan.as_of, since.get(plan.symbol, plan.as_of))
        return tuple(
            self._list(venue, dict(sorted(since.items()))) for venue, since in by_venue.items()
        )

    def changes(self, open_plans: Iterable[TradePlan]) -> tuple[WatchList, ...]:
        """Return the lists that were not told yet."""
        return tuple(one for one in self.lists(open_plans) if one != self._told.get(one.venue))

    def _list(self, venue: Venue, since: dict[Symbol, datetime]) -> WatchList:
        last = self._told.get(venue)
        if last is not None and last.since == since:
            return last
        as_of, simulated = self._known[venue]
        return WatchList(
            venue=venue,
            simulated=simulated,
            as_of=as_of,
            revision=0 if last is None else last.revision + 1,
            since=since,
        )

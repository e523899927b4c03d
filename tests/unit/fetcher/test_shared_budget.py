import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.errors import VenueCoolingError, VenueForbiddenError
from common.streams import BUDGETS
from fetcher.core.budget import Account, Pool
from fetcher.handlers.budget import SharedBudget
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import following

NOW = datetime(2026, 3, 10, 8, 0, 5, tzinfo=UTC)
POOL = Pool("weight", 100)
KEY = "default.binance"


@dataclass
class Address:
    """Where several fetchers ask from: one bus, one clock."""

    bus: MemoryBus = field(default_factory=MemoryBus)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))

    def budget(self, **settings: Any) -> SharedBudget:
        return budget_on(self.clock, self.bus, **{"weight_share": 1.0, **settings})

    @asynccontextmanager
    async def fetcher(self, **settings: Any) -> AsyncIterator[SharedBudget]:
        """A fetcher's budget that keeps up with the others while inside."""
        budget = self.budget(**settings)
        await budget.open()
        async with following(budget.follow):
            yield budget

    async def account(self, key: str = KEY) -> Account:
        return Account.model_validate_json((await self.bus.values(BUDGETS).read(key)).body)


async def spent_at_once(*budgets: SharedBudget, amount: int = 1) -> int:
    """Spend from all in turn until each has to wait; return what was spent."""
    spent = 0
    for budget in budgets:
        while await _at_once(budget.spend(POOL, amount)):
            spent += amount
    return spent


async def _at_once(work: Awaitable[None]) -> bool:
    task = asyncio.ensure_future(work)
    for _ in range(200):
        await asyncio.sleep(0)
        if task.done():
            await task
            return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


async def test_two_fetchers_of_one_venue_draw_from_one_budget() -> None:
    address = Address()
    one, two = address.budget(), address.budget()

    first = await spent_at_once(one, two, amount=3)
    address.clock.advance(timedelta(minutes=1))
    second = await spent_at_once(two, one)

    assert 90 <= first <= 100  # portions that only the other could spend are lost for a minute
    assert second == 100


async def test_many_who_spend_at_the_same_moment_do_not_exceed_the_limit() -> None:
    address = Address()
    budgets = [address.budget() for _ in range(4)]
    done: list[None] = []

    async def spend(budget: SharedBudget) -> None:
        await budget.spend(POOL, 1)
        done.append(None)

    waiting = [asyncio.create_task(spend(budget)) for budget in budgets for _ in range(50)]
    await eventually(lambda: len(done) >= 90)
    for _ in range(500):
        await asyncio.sleep(0)
    used = (await address.account()).spent["weight"].used
    first = len(done)
    address.clock.advance(timedelta(minutes=1))
    await eventually(lambda: len(done) >= 190)
    address.clock.advance(timedelta(minutes=1))
    await asyncio.gather(*waiting)

    assert first <= used <= 100
    assert len(done) == 200


async def test_other_venues_and_other_addresses_have_budgets_of_their_own() -> None:
    address = Address()
    await spent_at_once(address.budget())

    assert await spent_at_once(address.budget(venue="bybit")) == 100
    assert await spent_at_once(address.budget(egress="second")) == 100


async def test_what_the_venue_counts_is_believed_by_all() -> None:
    address = Address()
    one, two = address.budget(), address.budget()
    await one.spend(POOL, 1)

    one.observe(POOL, 95, NOW)
    rest = await spent_at_once(one, two)

    assert rest <= 5


async def test_a_ban_of_one_stops_all_at_that_address_until_it_ends() -> None:
    address = Address()
    async with address.fetcher() as one, address.fetcher() as two:
        await two.spend(POOL, 1)  # a portion is left that needs no bus
        raised = one.stop("HTTP 418", timedelta(seconds=120))
        await one.tell()
        await eventually(lambda: two.lacking() is not None)
        with pytest.raises(VenueCoolingError, match="HTTP 418") as told:
            await two.spend(POOL, 1)
        address.clock.advance(timedelta(seconds=120))
        await two.spend(POOL, 1)

    assert raised.until == told.value.until == NOW + timedelta(seconds=120)
    assert two.lacking() is None


async def test_a_ban_is_remembered_over_a_restart() -> None:
    address = Address()
    async with address.fetcher() as before:
        before.stop("HTTP 418", timedelta(minutes=10))
        await before.tell()

    async with address.fetcher() as after:
        address.clock.advance(timedelta(minutes=9))
        with pytest.raises(VenueCoolingError):
            after.check()
        address.clock.advance(timedelta(minutes=1))
        after.check()


async def test_a_place_that_was_refused_is_tried_again_after_a_restart() -> None:
    address = Address()
    async with address.fetcher() as neighbour, address.fetcher() as before:
        error = before.forbid("HTTP 451: the venue refuses this location")
        await before.tell()
        await eventually(lambda: neighbour.lacking() is not None)
        with pytest.raises(VenueForbiddenError):
            neighbour.check()
        told = neighbour.lacking()

        async with address.fetcher() as after:
            after.check()
            await eventually(lambda: neighbour.lacking() is None)

    assert error.until == NOW + timedelta(hours=1)
    assert told == (
        "binance: HTTP 451: the venue refuses this location; asked again at 2026-03-10 09:00:05 UTC"
    )


@pytest.mark.parametrize(
    ("pause", "held"),
    [(0, timedelta(seconds=1)), (10**7, timedelta(days=3)), (None, timedelta(seconds=60))],
)
def test_a_pause_that_cannot_be_meant_is_kept_within_reason(
    pause: int | None, held: timedelta
) -> None:
    told = None if pause is None else timedelta(seconds=pause)

    assert Address().budget().stop("HTTP 429", told).until == NOW + held


async def test_without_the_bus_a_fetcher_keeps_to_its_own_share_and_says_so() -> None:
    address = Address()
    one, two = address.budget(), address.budget(share_alone=0.4)
    await spent_at_once(one, amount=50)
    await two.open()
    await address.bus.close()
    address.clock.advance(timedelta(minutes=1))

    alone = await spent_at_once(two)

    assert alone == 40
    assert two.lacking() == ("binance is asked within our own share alone: the bus is closed")


async def test_without_the_bus_what_others_were_seen_to_spend_still_counts() -> None:
    address = Address()
    one, two = address.budget(), address.budget()
    await spent_at_once(one, amount=25)
    await two.open()
    await address.bus.close()

    assert await spent_at_once(two) == 0


async def test_a_ban_seen_while_the_bus_was_away_is_told_when_it_is_back() -> None:
    address = Address()
    budget = address.budget()
    await budget.open()
    address.bus._closed = True  # away
    budget.stop("HTTP 418", timedelta(minutes=10))
    await budget.tell()
    with pytest.raises(VenueCoolingError):
        budget.check()
    address.bus._closed = False
    budget._account._away_until = 0.0  # the pause is over
    await budget.tell()

    kept = (await address.account()).stop
    assert kept is not None
    assert kept.reason == "HTTP 418"


async def test_an_account_that_cannot_be_read_is_begun_anew() -> None:
    address = Address()
    await address.bus.values(BUDGETS).write(KEY, b'{"at": "yesterday"}', revision=0)
    budget = address.budget()
    await budget.open()

    assert await spent_at_once(budget) == 100


async def test_a_clock_that_is_set_back_leaves_neither_bans_nor_windows_behind() -> None:
    there = Address()
    async with there.fetcher() as budget:
        assert await spent_at_once(budget) == POOL.limit
        budget.stop("HTTP 418", timedelta(hours=1))
        await budget.tell()
        there.clock.move_to(NOW - timedelta(hours=3))

        assert await spent_at_once(budget) == POOL.limit

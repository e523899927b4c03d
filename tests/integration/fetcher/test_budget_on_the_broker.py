"""The budget on the real broker: shared while it is there, careful while it is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from common.bus.nats import NatsBus
from common.clock import ManualClock
from common.errors import VenueCoolingError
from common.sections import BusSettings
from fetcher.core.budget import Pool
from standalone.adapters.nats_server import NatsServer
from tests.support.budgets import budget_on
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import following

pytestmark = pytest.mark.connected

NOW = datetime(2026, 3, 10, 8, 0, 5, tzinfo=UTC)
POOL = Pool("weight", 320)


async def test_two_fetchers_share_limits_and_bans_and_are_careful_while_the_broker_is_away(
    own_nats_server: NatsServer,
) -> None:
    clock = ManualClock(NOW)
    buses = [NatsBus(BusSettings(url=own_nats_server.url)) for _ in range(2)]
    for bus in buses:
        await bus.connect()
    one, two = (budget_on(clock, bus, weight_share=1.0) for bus in buses)
    spent = 0

    async def spend(number: int) -> None:
        nonlocal spent
        await (one, two)[number % 2].spend(POOL, 2)
        spent += 2

    async with following(one.follow), following(two.follow):
        waiting = [asyncio.create_task(spend(number)) for number in range(200)]
        await eventually(lambda: spent >= 300, within=20)
        first = spent
        clock.advance(timedelta(minutes=1))
        await asyncio.gather(*waiting)

        own_nats_server.kill()
        await eventually(lambda: buses[1].unavailable() is not None, within=20)
        clock.advance(timedelta(minutes=1))
        await two.spend(POOL, 160)
        alone = asyncio.create_task(two.spend(POOL, 2))
        await eventually(lambda: two.lacking() is not None)
        two.stop("HTTP 418", timedelta(minutes=9))
        await asyncio.to_thread(own_nats_server.start)
        await eventually(lambda: buses[1].unavailable() is None, within=20)

        async def told() -> bool:
            await two.tell()
            return one.lacking() is not None

        await eventually(told, within=30)
        clock.advance(timedelta(minutes=1))
        with pytest.raises(VenueCoolingError, match="HTTP 418"):
            await one.spend(POOL, 1)
        with pytest.raises(VenueCoolingError):
            await alone
    for bus in buses:
        await bus.close()

    assert 300 <= first <= 320
    assert spent == 400

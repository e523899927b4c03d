"""A contract with an open plan is delisted in mid-run: fetcher, planner and recorder together."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

import fetcher.app
import planner.app
import recorder.app
from common.bus.nats import NatsBus
from common.domain import Bar, Delisting, Outcome, OutcomeStep, WatchList
from common.running import running
from common.runtime import Runtime
from common.sections import BusSettings
from common.settings import SettingsSource
from dashboard.core.standing import State, standing
from exchange_sim.core.fault import Fault
from standalone.adapters.nats_server import NatsServer
from tests.integration.fetcher.surroundings import EVERYTHING, SWIFT
from tests.integration.recorder.postgres import opened
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.servers import Database
from tests.support.venue import A_CLOSE, RunningVenue, running_venue
from tests.unit.planner.rules import CONFIG

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

HOUR = timedelta(hours=1)
ENDS_AT = A_CLOSE + 3 * HOUR
WIRED = {"fetcher": fetcher.app.wire, "planner": planner.app.wire, "recorder": recorder.app.wire}


@asynccontextmanager
async def service(
    name: str, bus: NatsBus, venue: RunningVenue, database: Database
) -> AsyncIterator[None]:
    tables: dict[str, Any] = {
        **tomllib.loads(CONFIG.read_text()),
        "universe": EVERYTHING,
        "fetcher": SWIFT | {"base_url": venue.base_url, "bars": {"1d": 20, "4h": 40, "1h": 40}},
        "scan": {"on_start": False},
        "database": {"url": database.url, "password": database.password},
    }
    runtime = Runtime(
        name=name, instance="test", bus=bus, clock=venue.clock, settings=SettingsSource(tables)
    )
    async with running(runtime, WIRED[name](runtime)):
        yield


async def test_its_plan_ends_once_as_delisted_on_the_bus_in_postgres_and_on_screen(
    nats_server: NatsServer, postgres: Database
) -> None:
    plan = facts.plan("BTCUSDT", as_of=A_CLOSE, price=105_000.0, atr=30_000.0)
    bus = NatsBus(BusSettings(url=nats_server.url))
    await bus.connect()

    async def told(kind: type[Any], count: int, **where: str) -> list[Any]:
        found: list[Any] = []

        async def seen() -> bool:
            found[:] = [fact async for fact in bus.replay(kind, venue=plan.venue, **where)]
            return len(found) >= count

        await eventually(seen, within=30, saying=f"{count} {kind.__name__}")
        return found

    async with (
        running_venue(symbols=3) as venue,
        opened(postgres.url, postgres.password) as place,
        service("recorder", bus, venue, postgres),
    ):
        venue.faults.order(Fault(kind="delisted", symbol="BTCUSDT", at=ENDS_AT))
        await bus.publish(plan)
        async with (
            service("planner", bus, venue, postgres),
            service("fetcher", bus, venue, postgres),
        ):
            [delisting] = await told(Delisting, 1)
            for hour in range(1, 4):
                venue.move_to(A_CLOSE + hour * HOUR + timedelta(seconds=30))
                await told(Bar, hour, timeframe="1h")
            venue.move_to(ENDS_AT + 5 * HOUR)
            outcomes, bars = await told(Outcome, 2), await told(Bar, 3)
        async with service("planner", bus, venue, postgres):  # and none is told again
            venue.move_to(ENDS_AT + 7 * HOUR)
            lists = await told(WatchList, 2)

        async def recorded() -> bool:
            rows = await place.rows(
                "SELECT step, final, gross_r, net_r FROM outcomes ORDER BY final"
            )
            return rows == [("filled", False, None, None), ("delisted", True, None, None)]

        await eventually(recorded, within=30)
    await bus.close()

    assert delisting.ends_at == ENDS_AT
    assert [one.step for one in outcomes] == [OutcomeStep.FILLED, OutcomeStep.DELISTED]
    assert outcomes[-1].occurred_at == ENDS_AT
    assert float(outcomes[-1].price) in {bar.close for bar in bars}
    assert standing(plan, outcomes, 110_000.0, ENDS_AT).state is State.DELISTED
    assert not lists[-1].since

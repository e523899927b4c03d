"""A plan made on another venue's candles is followed by them, and says so; no other plan is."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

from common.domain import Bar, CandleSet, Outcome, OutcomeStep, Source, Timeframe, TradePlan
from common.running import running
from common.runtime import Runtime
from common.settings import SettingsSource
from exchange_sim.core.fault import Fault
from planner.app import wire
from tests.integration.fetcher.surroundings import Surroundings
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, running_venue
from tests.unit.planner.rules import CONFIG

SMALL = {"bars": {Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 40}}


async def test_where_a_venue_refuses_this_place_plans_live_by_the_candles_they_were_made_of() -> (
    None
):
    async with running_venue(symbols=6) as venue:
        venue.faults.order(Fault(kind="status", route="/fapi/*", status=451))
        around = Surroundings(venue)
        async with around.planner(), around.fetcher(fetcher=SMALL):
            sets = await around.sent((await around.completed()).scan_id)
            lent, own = sorted(sets)[:2]
            await around.bus.publish(_plan(sets[lent], Source.OTHER_VENUE))
            await around.bus.publish(_plan(sets[own], Source.VENUE))
            venue.move_to(venue.now(), speed=600.0)
            async with _planner(around):
                await eventually(
                    lambda: _ended(around, lent), within=60, saying="the end of the lent plan"
                )
                venue.move_to(venue.now())
        outcomes = [one async for one in around.bus.replay(Outcome) if isinstance(one, Outcome)]
        bars = [one async for one in around.bus.replay(Bar) if isinstance(one, Bar)]

    filled, *steps = [one for one in outcomes if one.symbol == lent]
    assert (filled.step, filled.source) == (OutcomeStep.FILLED, None)
    assert {one.source for one in steps} == {Source.OTHER_VENUE}
    assert {one.resolution for one in steps} <= {Timeframe.M1, Timeframe.H1}
    assert [one.step for one in outcomes if one.symbol == own] == [OutcomeStep.FILLED]
    assert {bar.source for bar in bars} == {Source.OTHER_VENUE}
    minutes = [one.open_time for one in bars if (one.symbol, one.timeframe) == (lent, "1m")]
    assert minutes[0] == A_CLOSE
    assert {after - before for before, after in pairwise(minutes)} == {timedelta(minutes=1)}


async def _ended(around: Surroundings, symbol: str) -> bool:
    told = [one async for one in around.bus.replay(Outcome) if isinstance(one, Outcome)]
    return any(one.symbol == symbol and one.step.final for one in told)


def _plan(candles: CandleSet, source: Source) -> TradePlan:
    """A plan at the last price with levels so near that some minute reaches one of them."""
    price = float(candles.frames[Timeframe.H1]["close"][-1])
    plan = facts.plan(
        candles.symbol,
        price=price,
        atr=price / 1_000,
        tick=str(candles.instrument.tick_size),
        as_of=A_CLOSE,
        venue=candles.venue,
        number=1,  # the scan has its decision
        source=source,
    )
    assert isinstance(plan, TradePlan)
    return plan


@asynccontextmanager
async def _planner(around: Surroundings) -> AsyncIterator[None]:
    runtime = Runtime(
        name="planner",
        instance="test",
        bus=around.bus,
        clock=around.venue.clock,
        settings=SettingsSource(tomllib.loads(CONFIG.read_text(encoding="utf-8"))),
    )
    async with running(runtime, wire(runtime)):
        yield

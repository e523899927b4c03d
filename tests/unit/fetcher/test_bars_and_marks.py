from datetime import timedelta

from common.domain import Bar, Marks, OutcomeStep
from common.errors import VenueUnavailableError
from fetcher.handlers.plans import OpenPlans
from tests.support import facts
from tests.support.eventually import eventually
from tests.unit.fetcher.harness import CLOSE, Stage, following


async def test_contracts_with_an_open_plan_get_their_bar_every_hour() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher():
        await stage.completed()
        await stage.bus.publish(facts.plan("BTCUSDT", as_of=CLOSE, number=7))
        stage.venue.asked.clear()
        await eventually(lambda: _hour_passes(stage), saying="the hourly bar")

    assert {symbol for symbol, *_ in stage.venue.asked} == {"BTCUSDT"}
    fresh = [bar for bar in await stage.told(Bar) if bar.open_time >= CLOSE]
    assert {bar.symbol for bar in fresh} == {"BTCUSDT"}


async def _hour_passes(stage: Stage) -> bool:
    if stage.clock.now() < CLOSE + timedelta(hours=3):
        stage.clock.advance(timedelta(minutes=20))
    return any(bar.open_time == CLOSE for bar in await stage.told(Bar))


async def test_a_plan_is_open_until_its_final_step() -> None:
    stage = Stage()
    plans = OpenPlans(stage.bus, venue="binance")
    btc, eth = facts.plan("BTCUSDT", as_of=CLOSE), facts.plan("ETHUSDT", as_of=CLOSE)
    for fact in (
        btc,
        eth,
        facts.outcome(btc, OutcomeStep.FILLED),
        facts.outcome(eth, OutcomeStep.FILLED),
        facts.outcome(eth, OutcomeStep.STOPPED),
    ):
        await stage.bus.publish(fact)

    async with following(plans.follow):
        await eventually(lambda: set(plans.symbols(stage.clock.now())) == {"BTCUSDT"})

    assert plans.symbols(stage.clock.now()) == {"BTCUSDT": CLOSE}
    assert not plans.symbols(btc.expires_at + timedelta(days=60))


async def test_marks_of_all_contracts_are_told_in_turn() -> None:
    stage = Stage()
    heard: list[Marks] = []

    async def listen() -> None:
        async for fact in stage.bus.follow(Marks):
            assert isinstance(fact, Marks)
            heard.append(fact)

    stage.venue.errors["premiums"] = [VenueUnavailableError("HTTP 500")]
    async with following(listen), stage.planner(), stage.fetcher():
        await eventually(lambda: len(heard) >= 2, saying="two rounds of marks")

    assert heard[0].prices == {"BTCUSDT": 100.0, "ETHUSDT": 100.0, "SOLUSDT": 100.0}
    assert heard[0].simulated

"""The whole decision in memory: candles in, indicators, signals, planner, a plan out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
import pytest

import indicators.app
import planner.app
import signals.app
from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.domain import (
    SCANNED,
    CandleSet,
    GateName,
    Origin,
    Outcome,
    OutcomeStep,
    Quality,
    Rejection,
    Signal,
    Source,
    Timeframe,
    TradePlan,
)
from common.service import Runtime, running
from common.settings import SettingsSource
from tests.support.eventually import eventually
from tests.support.facts import scan_of
from tests.unit.signals.frames import CONFIG
from tests.unit.signals.markets import candle_set, closes, real_hours

Decision = TradePlan | Rejection

SERVICES: Final = {
    "indicators": indicators.app.wire,
    "signals": signals.app.wire,
    "planner": planner.app.wire,
}
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
SLOWLY: Final = 30.0
"""Seconds a scan may take here: the first one compiles the indicators."""


@asynccontextmanager
async def scanner(bus: MemoryBus, now: datetime) -> AsyncIterator[None]:
    """Run the three stages on one bus."""
    settings = SettingsSource.load({"SCANNER_CONFIG": str(CONFIG)})
    async with AsyncExitStack() as stack:
        for name, wire in SERVICES.items():
            runtime = Runtime(
                name=name, instance="1", bus=bus, clock=ManualClock(now), settings=settings
            )
            await stack.enter_async_context(running(runtime, wire(runtime)))
        yield


async def scan(bus: MemoryBus, sets: Sequence[CandleSet]) -> list[Decision]:
    """Publish the candles and return one decision for each, in their order."""
    for one in sets:
        await bus.publish(one)
    keys = [f"decision.{one.venue}.{one.symbol}.{one.scan_id}" for one in sets]

    async def decided() -> bool:
        return keys == [key for key in keys if key in await _decisions(bus)]

    await eventually(decided, within=SLOWLY, saying="every symbol's decision")
    told = await _decisions(bus)
    return [told[key] for key in keys]


async def _decisions(bus: MemoryBus) -> dict[str, Decision]:
    told = [fact async for fact in bus.replay(TradePlan, Rejection)]
    return {fact.key: fact for fact in told if isinstance(fact, TradePlan | Rejection)}


def _rising_market(hours: int = 2400) -> pl.DataFrame:
    """A market that climbs in waves and ends at the foot of one, near its average."""
    turn = 2 * np.pi * ((np.arange(hours) - hours) / 96 + 0.75)
    close = 100.0 * np.exp(0.0006 * np.arange(hours) + 0.012 * np.sin(turn))
    open_ = np.concatenate(([100.0], close[:-1]))
    first = int(START.timestamp() * 1000)
    return pl.DataFrame(
        {
            "open_time": first + np.arange(hours, dtype=np.int64) * 3_600_000,
            "open": open_,
            "high": np.maximum(open_, close) * 1.012,
            "low": np.minimum(open_, close) * 0.988,
            "close": close,
            "volume": 1000.0 + 50.0 * np.sin(turn),
        }
    )


async def test_candles_go_in_and_a_plan_that_explains_itself_comes_out() -> None:
    hours = _rising_market()
    as_of = closes(hours)[-1]
    bus = MemoryBus()

    async with scanner(bus, as_of):
        (decision,) = await scan(bus, [candle_set("SOLUSDT", hours, as_of)])

    assert isinstance(decision, TradePlan), decision
    assert decision.direction == "long"
    assert decision.stop < decision.entry.price < decision.targets[0].price
    assert {gate.verdict for gate in decision.gates} <= {"passed", "not_evaluated"}
    assert [gate.name for gate in decision.gates] == list(GateName)
    assert [fact.step async for fact in bus.replay(Outcome) if isinstance(fact, Outcome)] == [
        OutcomeStep.FILLED
    ]
    scores = [fact.score async for fact in bus.replay(Signal) if isinstance(fact, Signal)]
    assert scores == [decision.score]


async def test_spot_candles_make_a_plan_of_spot_levels_that_believes_no_volume() -> None:
    hours = _rising_market()
    as_of = closes(hours)[-1]
    bus = MemoryBus()
    spot = Quality(
        score=1.0,
        source=Source.SPOT,
        origins=tuple(
            Origin(timeframe=one, source=Source.SPOT, place="binance-spot", newest_close=as_of)
            for one in SCANNED
        ),
    )

    async with scanner(bus, as_of):
        (decision,) = await scan(
            bus, [candle_set("SOLUSDT", hours, as_of, quality=spot, derivatives=None)]
        )

    assert isinstance(decision, TradePlan), decision
    assert decision.source is Source.SPOT
    assert "spot levels: candles are from the spot market" in decision.warnings
    (signal,) = [fact async for fact in bus.replay(Signal) if isinstance(fact, Signal)]
    assert {one.name: one.value for one in signal.confidence_factors}["source"] == 0.7
    obv = [vote for one in signal.timeframes for vote in one.votes if vote.name == "obv"]
    assert [vote.value for vote in obv] == [None] * len(SCANNED)
    assert signal.quality == spot


async def test_twenty_candles_are_a_rejection_with_a_reason_not_an_exception() -> None:
    hours = _rising_market(20)
    as_of = closes(hours, Timeframe.H1)[-1]
    bus = MemoryBus()

    async with scanner(bus, as_of):
        (decision,) = await scan(bus, [candle_set("NEWUSDT", hours, as_of)])

    assert isinstance(decision, Rejection)
    assert decision.kind == "no_data"
    assert "20" in decision.reason


@pytest.mark.real
async def test_a_real_market_is_decided_symbol_by_symbol_and_again_with_the_same_bytes() -> None:
    symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "1000PEPEUSDT", "DOGEUSDT", "LINKUSDT")
    markets = {symbol: real_hours(symbol) for symbol in symbols}
    as_of = min(closes(hours)[-1] for hours in markets.values())
    bus = MemoryBus()
    sets = [candle_set(symbol, hours, as_of) for symbol, hours in markets.items()]
    forced = [one.model_copy(update={"scan_id": scan_of(as_of, number=1)}) for one in sets]

    async with scanner(bus, as_of + timedelta(seconds=30)):
        first = await scan(bus, sets)
        second = await scan(bus, forced)

    assert [decision.symbol for decision in first] == list(symbols)
    assert [
        one.model_copy(update={"scan_id": scan_of(as_of)}).model_dump_json() for one in second
    ] == [one.model_dump_json() for one in first]

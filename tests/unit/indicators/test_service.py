"""The service put together as it runs, on the bus in memory."""

from datetime import timedelta

import pytest

from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.codec import decode
from common.domain import FrameRequest, IndicatorFrame, Timeframe
from common.errors import SettingsError
from common.service import Runtime, running
from common.settings import SettingsSource
from indicators.app import wire
from tests.support.eventually import eventually
from tests.support.facts import AS_OF
from tests.unit.indicators.test_handlers import candle_set


def _runtime(bus: MemoryBus, **indicators: object) -> Runtime:
    return Runtime(
        name="indicators",
        instance="1",
        bus=bus,
        clock=ManualClock(AS_OF),
        settings=SettingsSource({"indicators": indicators}),
    )


async def _told(bus: MemoryBus) -> list[IndicatorFrame]:
    frames = [fact async for fact in bus.replay(IndicatorFrame)]
    return [frame for frame in frames if isinstance(frame, IndicatorFrame)]


async def test_every_candle_set_told_becomes_a_frame_and_a_chart() -> None:
    bus = MemoryBus()
    runtime = _runtime(bus, batch=2, last_rows=32)
    symbols = ["BTCUSDT", "ETHUSDT", "1000PEPEUSDT"]
    for number, symbol in enumerate(symbols):
        await bus.publish(candle_set(symbol, seed=number))

    async with running(runtime, wire(runtime)):

        async def all_told() -> bool:
            return len(await _told(bus)) == len(symbols)

        await eventually(all_told, within=30, saying="a frame per symbol")
        reply = await bus.ask(
            FrameRequest(venue="binance", symbol="ETHUSDT", timeframe=Timeframe.D1, rows=100),
            within=timedelta(seconds=10),
        )

    assert sorted(frame.symbol for frame in await _told(bus)) == sorted(symbols)
    assert {frame.frames[Timeframe.H4].height for frame in await _told(bus)} == {32}
    chart = decode(IndicatorFrame.name(), reply.body)
    assert isinstance(chart, IndicatorFrame)
    assert chart.frames[Timeframe.D1].height == 100


async def test_a_question_about_an_unknown_contract_gets_a_sentence() -> None:
    bus = MemoryBus()
    runtime = _runtime(bus)

    async with running(runtime, wire(runtime)):
        reply = await bus.ask(
            FrameRequest(venue="binance", symbol="NOPEUSDT", timeframe=Timeframe.D1)
        )

    assert reply.error is not None
    assert "NOPEUSDT" in reply.error


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="last_rows"):
        wire(_runtime(MemoryBus(), last_row=32))

import pytest

from common.bus.memory import MemoryBus
from common.clock import SystemClock
from common.domain import Signal
from common.errors import InvalidMessageError, SettingsError
from common.service import Runtime, running
from common.settings import SettingsSource
from signals.app import wire
from signals.handlers import FrameHandler
from tests.support.eventually import eventually
from tests.support.facts import signal
from tests.unit.signals.frames import CONFIG, frame, load_rules


def _runtime(bus: MemoryBus, settings: SettingsSource) -> Runtime:
    return Runtime(name="signals", instance="1", bus=bus, clock=SystemClock(), settings=settings)


async def test_every_frame_of_a_batch_becomes_its_one_signal_in_order() -> None:
    frames = [frame(symbol=symbol) for symbol in ("SOLUSDT", "ETHUSDT", "BTCUSDT")]

    told = await FrameHandler(load_rules()).handle(frames)

    assert [[fact.symbol for fact in facts if isinstance(fact, Signal)] for facts in told] == [
        ["SOLUSDT"],
        ["ETHUSDT"],
        ["BTCUSDT"],
    ]


async def test_the_same_frame_gives_the_same_bytes_on_any_replica() -> None:
    first = await FrameHandler(load_rules()).handle([frame()])
    second = await FrameHandler(load_rules()).handle([frame()])

    assert [one.model_dump_json() for one in first[0]] == [
        one.model_dump_json() for one in second[0]
    ]


async def test_another_fact_is_an_invalid_message() -> None:
    with pytest.raises(InvalidMessageError, match="signals reads IndicatorFrame"):
        await FrameHandler(load_rules()).handle([signal()])


async def test_the_service_turns_frames_on_the_bus_into_signals() -> None:
    bus = MemoryBus()
    settings = SettingsSource.load({"SCANNER_CONFIG": str(CONFIG)})
    sent = frame()
    runtime = _runtime(bus, settings)

    async with running(runtime, wire(runtime)):
        await bus.publish(sent)

        async def told() -> bool:
            return [fact.key async for fact in bus.latest(Signal)] == [
                sent.key.replace("frame", "signal")
            ]

        await eventually(told)


def test_a_missing_number_is_a_settings_error_that_names_it() -> None:
    runtime = _runtime(MemoryBus(), SettingsSource({"signals": {}}))

    with pytest.raises(SettingsError, match="timeframes"):
        wire(runtime)

import logging

import pytest

from common.bus.memory import MemoryBus
from common.clock import Clock, SystemClock
from common.running import running
from common.runtime import Runtime
from common.settings import SettingsSource
from exchange_sim.core.faults import Fault
from fetcher.app import wire
from standalone.adapters.ports import free_port
from tests.integration.fetcher.surroundings import EVERYTHING, SWIFT
from tests.support.eventually import eventually
from tests.support.venue import running_venue


def runtime_of(venue: str, base_url: str, clock: Clock | None = None) -> Runtime:
    tables = {
        "universe": EVERYTHING,
        "fetcher": SWIFT | {"venue": venue, "base_url": base_url},
        "scan": {"retry_seconds": 0.05},
    }
    return Runtime(
        name="fetcher",
        instance="test",
        bus=MemoryBus(),
        clock=clock or SystemClock(),
        settings=SettingsSource(tables),
    )


@pytest.mark.parametrize("venue", ["binance", "bybit"])
async def test_a_venue_that_cannot_be_reached_is_named_and_asked_again(
    venue: str, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = runtime_of(venue, f"http://127.0.0.1:{free_port()}")
    service = wire(runtime)
    assert service.ready is not None
    sentence = f"{venue} cannot be reached: "

    def tried_again() -> bool:
        warned = [one for one in caplog.messages if "no scan can be run" in one]
        return len(warned) >= 2 and all(sentence in one for one in warned)

    with caplog.at_level(logging.WARNING, logger="fetcher"):
        before = await service.ready()
        async with running(runtime, service):
            await eventually(tried_again, within=20)
            after = await service.ready()

    assert before == "the venue has not answered yet"
    assert after is not None
    assert sentence in after
    assert "\n" not in after


async def test_a_venue_that_answers_again_makes_the_fetcher_ready_by_itself() -> None:
    async with running_venue(symbols=3) as venue:
        runtime = runtime_of("binance", venue.base_url, clock=venue.clock)
        venue.faults.order(Fault(kind="status", status=503))
        service = wire(runtime)
        ready = service.ready
        assert ready is not None

        async def refused() -> bool:
            return "HTTP 503" in (await ready() or "")

        async def answers() -> bool:
            return await ready() is None

        async with running(runtime, service):
            await eventually(refused, within=20)
            venue.faults.clear()
            await eventually(answers, within=20)

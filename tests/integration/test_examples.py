"""The examples run as they are printed."""

import asyncio
import sys
from itertools import count
from pathlib import Path

import pytest

from common.bus.nats import NatsBus
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from tests.support.facts import plan

pytestmark = pytest.mark.connected

EXAMPLE = Path(__file__).parents[2] / "examples" / "subscribe_plans.py"


async def test_the_consumer_in_twenty_lines_prints_a_plan(nats_server: NatsServer) -> None:
    bus = NatsBus(BusSettings(url=nats_server.url), name="test")
    await bus.connect()
    consumer = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), nats_server.url, stdout=asyncio.subprocess.PIPE
    )
    assert consumer.stdout is not None
    line = asyncio.ensure_future(consumer.stdout.readline())
    told = plan()

    for number in count():  # the example subscribes when it is ready; what was told before is gone
        scan = f"{told.scan_id.rpartition('.')[0]}.{number}"
        await bus.publish(told.model_copy(update={"scan_id": scan}))
        if (await asyncio.wait([line], timeout=0.1))[0]:
            break
    consumer.terminate()
    await consumer.wait()
    await bus.close()

    printed = (await line).decode()
    assert told.symbol in printed
    assert f"stop {told.stop} " in printed
    assert len(EXAMPLE.read_text().splitlines()) <= 30

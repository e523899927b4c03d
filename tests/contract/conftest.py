"""The contract suite runs over the bus in memory and over a real nats-server."""

from collections.abc import AsyncIterator

import pytest

from common.bus import Bus
from tests.support.brokers import Broker, MemoryBroker, NatsBroker


@pytest.fixture(params=["memory", pytest.param("nats", marks=pytest.mark.connected)])
def _server_url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    url: str = request.getfixturevalue("nats_server").url
    return url


@pytest.fixture
async def broker(_server_url: str | None) -> AsyncIterator[Broker]:
    broker: Broker = NatsBroker(_server_url) if _server_url else MemoryBroker()
    yield broker
    await broker.close()


@pytest.fixture
async def bus(broker: Broker) -> Bus:
    return await broker.connect()

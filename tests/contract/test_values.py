"""What every bus promises about values that services share."""

import asyncio
from contextlib import aclosing

from common.bus import Bus, Value
from common.streams import BUDGETS
from tests.support.brokers import Broker


async def test_a_key_that_nobody_wrote_has_no_value_and_the_revision_zero(bus: Bus) -> None:
    assert await bus.values(BUDGETS).read("default.binance") == Value(b"", 0)


async def test_a_value_is_written_over_the_revision_its_writer_has_seen(bus: Bus) -> None:
    values = bus.values(BUDGETS)

    first = await values.write("default.binance", b"one", revision=0)
    await values.write("default.bybit", b"other", revision=0)
    assert first is not None
    second = await values.write("default.binance", b"two", revision=first)

    assert second is not None
    assert second > first
    assert await values.read("default.binance") == Value(b"two", second)


async def test_of_writers_who_saw_the_same_only_the_first_writes(broker: Broker) -> None:
    clients = [(await broker.connect()).values(BUDGETS) for _ in range(3)]
    seen = [await client.read("default.binance") for client in clients]

    written = await asyncio.gather(
        *(
            client.write("default.binance", b"%d" % number, revision=value.revision)
            for number, (client, value) in enumerate(zip(clients, seen, strict=True))
        )
    )

    (winner,) = (number for number, revision in enumerate(written) if revision is not None)
    assert (await clients[0].read("default.binance")).body == b"%d" % winner


async def test_nothing_is_written_over_what_is_not_there(bus: Bus) -> None:
    assert await bus.values(BUDGETS).write("default.binance", b"one", revision=7) is None


async def test_who_watches_sees_what_is_kept_and_what_replaces_it(broker: Broker) -> None:
    here, there = [(await broker.connect()).values(BUDGETS) for _ in range(2)]
    revision = await there.write("default.binance", b"one", revision=0)
    await there.write("default.bybit", b"other", revision=0)

    seen: list[Value] = []
    async with asyncio.timeout(10), aclosing(here.watch("default.binance")) as values:  # type: ignore[type-var]  # both watch with generators
        async for value in values:
            seen.append(value)
            if len(seen) == 2:
                break
            assert revision is not None
            revision = await there.write("default.binance", b"two", revision=revision)

    assert [value.body for value in seen] == [b"one", b"two"]
    assert seen[1].revision == revision

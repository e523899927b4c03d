"""What every bus promises about publishing and durable consumers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.bus import Bus, Consumer, Delivery
from common.bus.messages import FACT, MESSAGE_ID, SCAN_ID
from common.domain import Rejection, TradePlan
from common.errors import InvalidDataError, InvalidMessageError, StreamFullError, TransientError
from common.streams import STREAMS, Stream, stream_of
from tests.support.brokers import Broker
from tests.support.eventually import eventually
from tests.support.facts import AS_OF, chart_frame, plan, rejection, scan_of

SOON = timedelta(milliseconds=1)
WAIT = timedelta(milliseconds=300)
READER = Consumer(name="reader", facts=(TradePlan, Rejection), ack_wait=WAIT, max_deliveries=3)


async def take(bus: Bus, consumer: Consumer, count: int) -> list[Delivery]:
    """Take `count` deliveries without acknowledging them, then leave."""
    taken: list[Delivery] = []
    async with asyncio.timeout(10), aclosing(_generator(bus.consume(consumer))) as batches:
        async for batch in batches:
            taken += batch
            if len(taken) >= count:
                break
    return taken


async def test_a_fact_arrives_as_it_was_told(bus: Bus) -> None:
    told = plan("ETHUSDT")
    await bus.publish(told)

    (delivery,) = await take(bus, READER, 1)

    assert delivery.fact() == told
    assert delivery.subject == "plans.proposed.binance.ETHUSDT"
    assert delivery.attempt == 1
    assert delivery.stream_sequence == 1
    assert {
        FACT: "TradePlan/1",
        MESSAGE_ID: told.key,
        SCAN_ID: scan_of(),
    }.items() <= delivery.headers.items()


async def test_the_same_key_is_stored_once(bus: Bus) -> None:
    for _ in range(3):
        await bus.publish(rejection("AAAUSDT"))
    await bus.publish(plan("AAAUSDT"))  # plan and rejection share the decision's key
    await bus.publish(rejection("BBBUSDT"))

    taken = await take(bus, READER, 2)

    assert [type(delivery.fact()) for delivery in taken] == [Rejection, Rejection]
    assert [delivery.stream_sequence for delivery in taken] == [1, 2]


async def test_a_key_is_stored_again_after_the_duplicate_window(broker: Broker) -> None:
    bus = await broker.connect(duplicate_window=timedelta(milliseconds=200))
    await bus.publish(rejection("AAAUSDT"))
    await asyncio.sleep(0.3)  # the window is the broker's own time: nothing tells when it is over
    await bus.publish(rejection("AAAUSDT"))

    assert len(await take(bus, READER, 2)) == 2


async def test_many_publishers_lose_nothing(bus: Bus) -> None:
    told = [rejection(f"A{number}USDT") for number in range(300)]
    await asyncio.gather(*map(bus.publish, told))

    taken = await take(bus, READER, 300)

    assert {delivery.fact().key for delivery in taken} == {fact.key for fact in told}


async def test_batches_hold_no_more_than_asked_for(bus: Bus) -> None:
    for number in range(10):
        await bus.publish(rejection(f"A{number}USDT"))

    sizes: list[int] = []
    async with aclosing(_generator(bus.consume(replace(READER, batch=4)))) as batches:
        async for batch in batches:
            sizes.append(len(batch))
            await asyncio.gather(*(delivery.ack() for delivery in batch))
            if sum(sizes) == 10:
                break

    assert sizes == [4, 4, 2]


async def test_an_acknowledged_message_never_comes_back(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))
    (delivery,) = await take(bus, READER, 1)
    await delivery.ack()
    await asyncio.sleep(2 * WAIT.total_seconds())  # longer than it would take to come back
    await bus.publish(rejection("BBBUSDT"))

    (following,) = await take(bus, READER, 1)

    assert following.subject.endswith("BBBUSDT")


async def test_an_unacknowledged_message_comes_back_counted(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))
    (first,) = await take(bus, READER, 1)
    (second,) = await take(bus, READER, 1)

    assert (first.attempt, second.attempt) == (1, 2)
    assert first.fact() == second.fact()


async def test_a_message_put_back_comes_after_its_pause(bus: Bus) -> None:
    patient = replace(READER, ack_wait=timedelta(seconds=30))
    await bus.publish(rejection("AAAUSDT"))
    loop = asyncio.get_running_loop()

    seen: list[tuple[int, float]] = []
    async with asyncio.timeout(10), aclosing(_generator(bus.consume(patient))) as batches:
        async for batch in batches:
            seen.append((batch[0].attempt, loop.time()))
            if len(seen) == 2:
                break
            await batch[0].nak(timedelta(milliseconds=400))

    assert [attempt for attempt, _ in seen] == [1, 2]
    assert 0.35 < seen[1][1] - seen[0][1] < 5


async def test_a_terminated_message_is_gone(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))
    await bus.publish(rejection("BBBUSDT"))
    first, second = await take(bus, READER, 2)
    await first.terminate()

    (back,) = await take(bus, READER, 1)

    assert back.stream_sequence == second.stream_sequence


async def test_work_in_progress_restarts_the_wait(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))
    (delivery,) = await take(bus, READER, 1)

    with bus.working([delivery]):
        await asyncio.sleep(3 * WAIT.total_seconds())
        await bus.publish(rejection("BBBUSDT"))
        (other,) = await take(bus, READER, 1)
        await delivery.ack()

    assert other.subject.endswith("BBBUSDT")


async def test_a_message_nobody_survives_is_reported_once(bus: Bus) -> None:
    killer = rejection("BADUSDT")
    await bus.publish(killer)
    for _ in range(READER.max_deliveries):
        await take(bus, READER, 1)

    idle = asyncio.create_task(take(bus, READER, 1))
    async with asyncio.timeout(10), aclosing(_generator(bus.given_up())) as reports:
        (report,) = await anext(reports)
        await report.ack()
    idle.cancel()

    assert report.consumer == READER.name
    assert report.deliveries == READER.max_deliveries
    assert report.subject == "plans.rejected.binance.BADUSDT"
    assert report.headers[SCAN_ID] == killer.scan_id
    assert report.body


async def test_a_consumer_that_retries_for_ever_is_never_given_up_on(bus: Bus) -> None:
    patient = replace(READER, ack_wait=timedelta(milliseconds=50), retry_forever=True)
    await bus.publish(rejection("AAAUSDT"))

    attempts = [(await take(bus, patient, 1))[0].attempt for _ in range(6)]

    assert attempts == [1, 2, 3, 4, 5, 6]


async def test_after_a_crash_messages_come_one_at_a_time(bus: Bus) -> None:
    for number in range(6):
        await bus.publish(rejection(f"A{number}USDT"))
    await take(bus, READER, 6)  # and the process dies

    sizes: list[int] = []
    async with asyncio.timeout(10), aclosing(_generator(bus.consume(READER))) as batches:
        async for batch in batches:
            sizes.append(len(batch))
            await asyncio.gather(*(delivery.ack() for delivery in batch))
            if sum(sizes) == 6:
                break

    assert sizes == [1] * 6


async def test_replicas_share_the_work(broker: Broker) -> None:
    buses = [await broker.connect() for _ in range(3)]
    told = [rejection(f"A{number}USDT") for number in range(60)]
    seen: list[str] = []
    shares: list[int] = []

    async def replica(bus: Bus) -> None:
        mine = 0
        shares.append(0)
        position = len(shares) - 1
        async for batch in bus.consume(replace(READER, batch=4, ack_wait=timedelta(seconds=30))):
            for delivery in batch:
                seen.append(delivery.fact().key)
                mine += 1
                await delivery.ack()
            shares[position] = mine
            await asyncio.sleep(0)

    replicas = [asyncio.create_task(replica(bus)) for bus in buses]
    await asyncio.gather(*map(buses[0].publish, told))
    async with asyncio.timeout(10):
        while len(seen) < len(told):
            await asyncio.sleep(0.01)
    for task in replicas:
        task.cancel()

    assert sorted(seen) == sorted(fact.key for fact in told)
    assert sum(share > 0 for share in shares) > 1


async def test_consumers_with_other_names_each_get_everything(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))

    both = [await take(bus, replace(READER, name=name), 1) for name in ("one", "two")]

    assert [taken[0].attempt for taken in both] == [1, 1]


async def test_a_consumer_gets_only_its_facts(bus: Bus) -> None:
    await bus.publish(rejection("AAAUSDT"))
    await bus.publish(plan("BBBUSDT"))

    (delivery,) = await take(bus, replace(READER, facts=(TradePlan,)), 1)

    assert isinstance(delivery.fact(), TradePlan)


async def test_a_full_stream_refuses_and_keeps_what_it_has(broker: Broker) -> None:
    bus = await broker.connect(streams=_with_decisions_of(3000))

    await bus.publish(rejection("AAAUSDT"))
    with pytest.raises(StreamFullError, match="bytes"):
        await bus.publish(rejection("BBBUSDT"))
    kept = [fact async for fact in bus.replay(Rejection)]

    assert kept == [rejection("AAAUSDT")]


async def test_a_fact_too_large_for_the_broker_is_refused_with_its_size(bus: Bus) -> None:
    with pytest.raises(InvalidDataError, match=r"must fit in 1,048,576 bytes, was \d,\d{3},\d{3}"):
        await bus.publish(chart_frame(rows=20_000))


@pytest.mark.parametrize(
    ("headers", "body", "sentence"),
    [
        ({}, b"{}", "has no Fact header"),
        ({FACT: "Rumour/1"}, b"{}", "unknown fact, was 'Rumour/1'"),
        ({FACT: "Rejection/1"}, b"{", "Rejection/1 cannot be read"),
        ({FACT: "Rejection/1"}, b"\xff\xfe", "Rejection/1 cannot be read"),
        ({FACT: "CandleSet/1"}, b"not arrow", "CandleSet/1 is not an Arrow stream"),
    ],
)
async def test_a_message_that_is_no_fact_is_delivered_and_says_why(
    broker: Broker, bus: Bus, headers: dict[str, str], body: bytes, sentence: str
) -> None:
    await broker.publish_raw("plans.rejected.binance.BADUSDT", headers, body)

    (delivery,) = await take(bus, READER, 1)

    with pytest.raises(InvalidMessageError, match=sentence):
        delivery.fact()
    assert delivery.body == body


async def test_a_fact_on_a_strange_subject_is_refused(broker: Broker, bus: Bus) -> None:
    body = rejection("AAAUSDT", as_of=AS_OF).model_dump_json().encode()
    await broker.publish_raw("plans.rejected.binance.BBBUSDT", {FACT: "Rejection/1"}, body)

    (delivery,) = await take(bus, READER, 1)

    with pytest.raises(InvalidMessageError, match=r"belongs on .*AAAUSDT, was told on .*BBBUSDT"):
        delivery.fact()


async def test_a_second_start_finds_the_streams_as_they_are(broker: Broker) -> None:
    first = await broker.connect()
    await first.publish(rejection("AAAUSDT"))

    second = await broker.connect()

    assert len([fact async for fact in second.replay(Rejection)]) == 1


def _with_decisions_of(max_bytes: int) -> tuple[Stream, ...]:
    decisions = stream_of(Rejection)
    return tuple(
        replace(stream, max_bytes=max_bytes) if stream is decisions else stream
        for stream in STREAMS
    )


def _generator(batches: AsyncIterator[Sequence[Any]]) -> Any:
    return batches  # both buses consume with generators, which can be closed


async def test_what_waits_and_what_is_in_hand_is_pending_until_it_is_acknowledged(
    bus: Bus,
) -> None:
    with pytest.raises(TransientError):
        await bus.pending(READER)
    for symbol in ("AAAUSDT", "BBBUSDT", "CCCUSDT"):
        await bus.publish(rejection(symbol))

    taken = await take(bus, replace(READER, batch=1, ack_wait=timedelta(seconds=30)), 1)
    before = await bus.pending(READER)
    await taken[0].ack()

    async def settled() -> bool:
        return await bus.pending(READER) == before - 1

    assert before == 3
    await eventually(settled)

"""What every bus promises about questions and answers."""

import asyncio
from datetime import timedelta

import pytest

from common.bus import Bus, Reply
from common.domain import ClockRequest, ScanReply, ScanRequest
from common.errors import BusUnavailableError, InvalidDataError
from tests.support.brokers import Broker
from tests.support.facts import scan_of

QUESTION = ScanRequest(venue="binance")


async def test_a_question_is_answered(bus: Bus) -> None:
    async def answer(body: bytes) -> Reply:
        asked = ScanRequest.model_validate_json(body)
        scan = ScanReply(scan_id=scan_of(venue=asked.venue), reused=asked.force)
        return Reply(body=scan.model_dump_json().encode(), headers={"Kind": "scan"})

    await bus.answer(ScanRequest.subject, answer, target="binance")
    reply = await bus.ask(QUESTION, target="binance")

    assert ScanReply.model_validate_json(reply.body).scan_id == scan_of()
    assert reply.error is None
    assert reply.headers["Kind"] == "scan"


async def test_a_question_nobody_answers_fails_at_once(bus: Bus) -> None:
    with pytest.raises(BusUnavailableError, match=r"nobody answers fetcher\.request\.scan\.bybit"):
        await bus.ask(QUESTION, target="bybit")


async def test_a_question_answered_too_late_fails(bus: Bus) -> None:
    async def never(_: bytes) -> Reply:
        await asyncio.Event().wait()
        return Reply()

    await bus.answer(ScanRequest.subject, never)

    with pytest.raises(BusUnavailableError, match=r"was not answered within 0\.2 s"):
        await bus.ask(QUESTION, within=timedelta(milliseconds=200))


async def test_an_error_comes_back_as_a_sentence(bus: Bus) -> None:
    async def refuse(_: bytes) -> Reply:
        raise InvalidDataError("symbol must be listed, was 'XYZ'\nsecond line")

    await bus.answer(ClockRequest.subject, refuse)
    reply = await bus.ask(ClockRequest(venue="binance"))

    assert reply.error is not None
    assert reply.error.startswith("symbol must be listed, was 'XYZ'")
    assert reply.body == b""


async def test_targets_are_answered_apart(bus: Bus) -> None:
    for venue in ("binance", "bybit"):

        async def answer(_: bytes, venue: str = venue) -> Reply:
            return Reply(body=venue.encode())

        await bus.answer(ScanRequest.subject, answer, target=venue)

    replies = [await bus.ask(QUESTION, target=venue) for venue in ("bybit", "binance")]

    assert [reply.body for reply in replies] == [b"bybit", b"binance"]


async def test_a_slow_answer_delays_no_other(bus: Bus) -> None:
    release = asyncio.Event()

    async def answer(body: bytes) -> Reply:
        if ScanRequest.model_validate_json(body).force:
            await release.wait()
        return Reply(body=body)

    await bus.answer(ScanRequest.subject, answer)
    slow = asyncio.create_task(bus.ask(ScanRequest(venue="binance", force=True)))
    quick = await bus.ask(QUESTION)
    release.set()

    assert quick.body
    assert (await slow).body


async def test_replicas_share_the_questions(broker: Broker) -> None:
    asker = await broker.connect()
    answered: list[int] = []
    for number in range(2):
        bus = await broker.connect()

        async def answer(_: bytes, number: int = number) -> Reply:
            answered.append(number)
            return Reply()

        await bus.answer(ScanRequest.subject, answer)
    for _ in range(30):
        await asker.ask(QUESTION)

    assert len(answered) == 30
    assert set(answered) == {0, 1}

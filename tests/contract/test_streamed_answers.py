"""What every bus promises about answers in parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from common.bus import Bus, Reply
from common.domain import ChatRequest
from common.errors import BusUnavailableError, InvalidDataError
from tests.support.brokers import Broker
from tests.support.eventually import eventually

QUESTION = ChatRequest(conversation="mine", text="why is SOL long?")


def asked(bus: Bus, **choices: Any) -> Any:
    """The parts as the generator both buses return."""
    return bus.ask_stream(QUESTION, **choices)


async def test_parts_come_in_order_and_then_end(bus: Bus) -> None:
    async def count(body: bytes) -> AsyncIterator[Reply]:
        assert ChatRequest.model_validate_json(body) == QUESTION
        for number in range(200):
            yield Reply(body=str(number).encode(), headers={"Kind": "text"})

    await bus.answer_stream(ChatRequest.subject, count)
    parts = [part async for part in asked(bus)]

    assert [int(part.body) for part in parts] == list(range(200))
    assert parts[0].headers["Kind"] == "text"


async def test_a_question_nobody_streams_fails_at_once(bus: Bus) -> None:
    with pytest.raises(BusUnavailableError, match=r"nobody answers analyst\.request\.chat"):
        await anext(asked(bus))


async def test_an_error_comes_as_the_last_part(bus: Bus) -> None:
    async def fail(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(body=b"so far")
        raise InvalidDataError("conversation must exist, was 'mine'")

    await bus.answer_stream(ChatRequest.subject, fail)
    parts = [part async for part in asked(bus)]

    assert [part.body for part in parts] == [b"so far", b""]
    assert parts[-1].error == "conversation must exist, was 'mine'"


async def test_leaving_early_stops_the_answerer(bus: Bus) -> None:
    stopped = asyncio.Event()

    async def endless(_: bytes) -> AsyncIterator[Reply]:
        try:
            while True:
                yield Reply(body=b"word")
                await asyncio.sleep(0)
        finally:
            stopped.set()

    await bus.answer_stream(ChatRequest.subject, endless)
    async with aclosing(asked(bus)) as parts:
        async for part in parts:
            assert part.body == b"word"
            break

    await eventually(stopped.is_set, saying="the answerer stops")


async def test_a_silent_answerer_is_given_up(bus: Bus) -> None:
    stopped = asyncio.Event()

    async def silent(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(body=b"first")
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await bus.answer_stream(ChatRequest.subject, silent)
    parts = asked(bus, silence=timedelta(milliseconds=200))

    assert (await anext(parts)).body == b"first"
    with pytest.raises(BusUnavailableError, match="has been silent for"):
        await anext(parts)
    await eventually(stopped.is_set, saying="the answerer stops")


async def test_askers_do_not_hear_each_other(broker: Broker) -> None:
    answering, first, second = [await broker.connect() for _ in range(3)]

    async def echo(body: bytes) -> AsyncIterator[Reply]:
        for _ in range(20):
            yield Reply(body=ChatRequest.model_validate_json(body).text.encode())
            await asyncio.sleep(0)

    await answering.answer_stream(ChatRequest.subject, echo)

    async def ask(bus: Bus, text: str) -> set[bytes]:
        question = ChatRequest(conversation="mine", text=text)
        return {part.body async for part in bus.ask_stream(question)}

    one, two = await asyncio.gather(ask(first, "one"), ask(second, "two"))

    assert (one, two) == ({b"one"}, {b"two"})


async def test_a_part_that_is_too_long_is_an_error_sentence(bus: Bus) -> None:
    async def long(_: bytes) -> AsyncIterator[Reply]:
        yield Reply(body=b"x" * (2 * 1024 * 1024))

    await bus.answer_stream(ChatRequest.subject, long)
    (part,) = [part async for part in asked(bus)]

    assert part.error is not None
    assert "must fit in" in part.error

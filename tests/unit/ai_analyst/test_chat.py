"""A chat from question to checked answer, over the bus, with a stand-in for the model's server."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from common.bus.memory import MemoryBus
from common.domain import (
    AnsweredBy,
    ChatPart,
    ChatRequest,
)
from tests.support.analyst_rig import analyst
from tests.support.eventually import eventually

GOOD = "BTCUSDT is long from 97,250 [BTCUSDT.plan.entry]. The stop is 95,479.4."
BAD = "BTCUSDT is long from 97,250. The stop is 90,000."


async def test_an_answer_streams_and_ends_checked() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        chunks = await rig.ask("Why is BTCUSDT long?")

    text = "".join(one.text for one in chunks if one.part is ChatPart.TEXT)
    end = chunks[-1].end
    assert chunks[0].part is ChatPart.STATE
    assert text.strip() == GOOD
    assert end is not None
    assert end.text == GOOD
    assert end.by is AnsweredBy.MODEL
    assert end.struck == ()
    assert {fact.id for fact in end.cited} >= {"BTCUSDT.plan.entry", "BTCUSDT.plan.stop"}
    assert end.cited[0].age_seconds >= 0


async def test_every_fact_in_brackets_can_be_opened() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: "It has two targets [BTCUSDT.plan.tp1, `btcusdt.plan.tp2`]."
        chunks = await rig.ask("Why is BTCUSDT long?")

    end = chunks[-1].end
    assert end is not None
    assert [fact.id for fact in end.cited] == ["BTCUSDT.plan.tp1", "BTCUSDT.plan.tp2"]


async def test_thoughts_are_kept_apart_from_the_answer() -> None:
    async with analyst() as rig:
        rig.model.thinking = "The stop could be 90,000?"
        rig.model.answer = lambda _: f"<think>or 91,000</think>{GOOD}"
        chunks = await rig.ask("Why is BTCUSDT long?")

    thoughts = "".join(one.text for one in chunks if one.part is ChatPart.THINKING)
    assert "90,000?" in thoughts
    assert "91,000" in thoughts
    assert chunks[-1].end is not None
    assert chunks[-1].end.text == GOOD


@pytest.mark.parametrize(
    "written",
    [
        f"The stop could be 90,000?</think>\n\n{GOOD}",  # DeepSeek's template opens the thought
        f"<<<MESSAGE 1a2b3c4d\n{GOOD}\nMESSAGE 1a2b3c4d>>>",
        f"{GOOD[:20]}\0{GOOD[20:]}",
    ],
)
async def test_what_is_no_part_of_an_answer_is_neither_kept_nor_checked(written: str) -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: written
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.text == GOOD
    assert end.struck == ()
    assert not end.asked_again


async def test_a_digit_repeated_without_end_is_struck_like_any_number() -> None:
    async with analyst(ask_again=False) as rig:
        rig.model.answer = lambda _: f"{GOOD} The target is {'1' * 500}."
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.text == GOOD
    assert [one.sentence for one in end.struck] == [f"The target is {'1' * 40}…."]


async def test_a_fabricated_number_is_asked_for_again_once() -> None:
    answers = iter([BAD, GOOD])
    async with analyst() as rig:
        rig.model.answer = lambda _: next(answers)
        end = await rig.answer("Why is BTCUSDT long?")

        assert end.text == GOOD
        assert end.asked_again
        assert "90,000 matches no fact" in rig.prompt()


async def test_what_stays_false_is_struck_and_said() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: BAD
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.text == "BTCUSDT is long from 97,250."
    assert [one.sentence for one in end.struck] == ["The stop is 90,000."]


async def test_a_second_ask_that_comes_to_nothing_leaves_the_first_answer_with_its_check() -> None:
    def break_off() -> None:
        rig.model.break_after = 3

    def be_slow() -> None:
        rig.model.pause_seconds = 3600

    for second, said in ((break_off, "broke off"), (be_slow, "took longer than 3 s")):
        then = iter([lambda: None, second])

        def write(_: Sequence[dict[str, str]], then: Iterator[Callable[[], None]] = then) -> str:
            next(then)()
            return BAD

        async with analyst(answer_seconds=3) as rig:
            rig.model.answer = write
            end = await rig.answer("Why is BTCUSDT long?")
            await eventually(lambda: not rig.model.writing, saying="the model is free")
            talk = await rig.memory.conversation("mine")

        assert (end.by, end.text) == (AnsweredBy.MODEL, "BTCUSDT is long from 97,250.")
        assert [one.sentence for one in end.struck] == ["The stop is 90,000."]
        assert end.asked_again
        assert end.notice.startswith("asking again came to nothing: ")
        assert said in end.notice
        assert talk is not None
        assert talk.messages[-1].end == end


async def test_an_answer_with_nothing_left_is_replaced_by_the_facts() -> None:
    async with analyst(ask_again=False) as rig:
        rig.model.answer = lambda _: "The stop is 90,000."
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.by is AnsweredBy.TEMPLATE
    assert "95479.4" in end.text
    assert end.struck


async def test_a_model_that_is_absent_is_named_with_its_command() -> None:
    async with analyst(model="deepseek-r1:8b") as rig:
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.by is AnsweredBy.TEMPLATE
    assert "ollama pull deepseek-r1:8b" in end.notice
    assert "Entry 97250" in end.text


async def test_a_server_that_is_down_leaves_the_facts_in_the_questions_language() -> None:
    async with analyst() as rig:
        await rig.model.stop()
        end = await rig.answer("Kenapa BTCUSDT long dan apa yang salah?")

    assert end.by is AnsweredBy.TEMPLATE
    assert "does not answer" in end.notice
    assert "rencana long" in end.text


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"error": "out of memory"}, "out of memory"),
        ({"error_after": 3}, "unexpectedly stopped"),
        ({"break_after": 3}, "broke off"),
        ({"says_prompt_count": False}, "does not say how much"),
    ],
)
async def test_every_fault_of_the_server_is_said(fault: dict[str, Any], said: str) -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        for name, value in fault.items():
            setattr(rig.model, name, value)
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.by is AnsweredBy.TEMPLATE
    assert said in end.notice


async def test_a_prompt_that_was_cut_is_no_answer() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        rig.model.window = 512  # the server's own, whatever num_ctx says
        end = await rig.answer("Why is BTCUSDT long?")

    assert end.by is AnsweredBy.TEMPLATE
    assert "the model read 512 tokens of about" in end.notice


async def test_a_slow_model_is_given_up_in_time() -> None:
    async with analyst(answer_seconds=0.3) as rig:
        rig.model.answer = lambda _: "word " * 500
        rig.model.pause_seconds = 0.05
        end = await rig.answer("Why is BTCUSDT long?")
        await eventually(lambda: rig.model.writing == 0, saying="the model is free")

    assert "took longer than 0.3 s" in end.notice


async def test_an_asker_who_leaves_frees_the_model() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: "word " * 5000
        rig.model.pause_seconds = 0.01
        question = ChatRequest(conversation="mine", text="Why is BTCUSDT long?")
        async with aclosing(rig.bus.ask_stream(question)) as parts:  # type: ignore[type-var]  # the buses' are generators
            async for _ in parts:
                if rig.model.writing:
                    break

        await eventually(lambda: rig.model.writing == 0, saying="the model is free")


async def test_fifty_chats_are_kept_apart() -> None:
    def echo(messages: Sequence[dict[str, str]]) -> str:
        name = messages[-1]["content"].split("marker ")[1].split()[0]
        return f"You said {name}."

    async with analyst(parallel=4, history_messages=6) as rig:
        rig.model.answer = echo
        names = [f"guest{place:02d}x" for place in range(50)]
        ends = await asyncio.gather(
            *(
                rig.answer(f"Why is BTCUSDT long? marker {name}", conversation=name)
                for name in names
            )
        )

        assert [end.text for end in ends] == [f"You said {name}." for name in names]
        assert rig.model.most_writing <= 4


async def test_too_many_waiting_chats_are_answered_by_the_facts() -> None:
    async with analyst(parallel=1, waiting=1) as rig:
        rig.model.answer = lambda _: "word " * 20
        rig.model.pause_seconds = 0.01
        ends = await asyncio.gather(
            *(rig.answer("Why is BTCUSDT long?", conversation=f"c{place}") for place in range(4))
        )

    assert {end.by for end in ends} == {AnsweredBy.MODEL, AnsweredBy.TEMPLATE}


async def test_a_question_that_is_none_is_refused() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        assert isinstance(rig.bus, MemoryBus)
        (answer,) = rig.bus.questions.streaming["analyst.request.chat"]
        answers = [part async for part in answer(b"{}")]

    assert answers[-1].error is not None
    assert answers[-1].error.startswith("not a ChatRequest")


async def test_before_any_scan_the_answer_says_so() -> None:
    async with analyst(told=False) as rig:
        await rig.model.stop()
        end = await rig.answer("what are the best longs?")

    assert end.text.startswith("Nothing is known about this yet")


async def test_without_a_model_the_service_is_ready_and_says_what_it_lacks() -> None:
    async with analyst(model="deepseek-r1:8b") as rig:
        assert rig.service.ready is not None
        ready = await rig.service.ready()
        lacks = await rig.trouble()

    assert ready is None
    assert "ollama pull deepseek-r1:8b" in lacks

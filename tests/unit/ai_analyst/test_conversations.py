"""Conversations over the bus: resumed, summarised after answers, recalled, deleted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from ai_analyst.adapters.memory_plain import PlainMemory
from ai_analyst.ports import Memory
from common.domain import (
    ConversationReply,
    ConversationRequest,
    Conversations,
    ConversationsRequest,
    ForgetRequest,
    RenameRequest,
)
from tests.support import analyst_market as market
from tests.support.analyst_rig import analyst
from tests.support.eventually import eventually

GOOD = "BTCUSDT is long from 97,250 [BTCUSDT.plan.entry]. The stop is 95,479.4."


def summarised(memory: Memory, summary: str) -> Callable[[], Awaitable[bool]]:
    """Whether the conversation has come to this summary."""

    async def so() -> bool:
        talk = await memory.conversation("mine")
        return talk is not None and talk.summary == summary

    return so


def covered(memory: Memory) -> Callable[[], Awaitable[bool]]:
    """Whether a summary covers all but the last two messages."""

    async def so() -> bool:
        return await memory.unsummarised("mine") == 2

    return so


async def test_a_conversation_goes_on_where_it_was() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        await rig.answer("Why is BTCUSDT long?")
        await rig.answer("and its stop?")

        assert "Why is BTCUSDT long?" in rig.prompt()
        assert "[BTCUSDT.plan.stop]" in rig.prompt()


async def test_conversations_are_listed_exported_renamed_and_forgotten() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: GOOD
        await rig.answer("Why is BTCUSDT long?")
        listed = Conversations.model_validate_json((await rig.bus.ask(ConversationsRequest())).body)
        await rig.bus.ask(RenameRequest(conversation="mine", title="The BTC trade"))
        whole = ConversationReply.model_validate_json(
            (await rig.bus.ask(ConversationRequest(conversation="mine"))).body
        )
        await rig.bus.ask(ForgetRequest(conversation="mine"))
        gone = await rig.bus.ask(ConversationRequest(conversation="mine"))

    assert [(one.name, one.title, one.messages) for one in listed.conversations] == [
        ("mine", "Why is BTCUSDT long?", 2)
    ]
    assert whole.title == "The BTC trade"
    assert [one.role for one in whole.messages] == ["user", "analyst"]
    assert whole.messages[1].end is not None
    assert gone.error == "conversation must exist, was 'mine'"


async def test_a_long_conversation_is_summarised_without_its_numbers() -> None:
    def write(messages: Sequence[dict[str, str]]) -> str:
        if messages[0]["content"].startswith("Summarise"):
            return "They spoke of the stop. It was 95,479.4. They agreed to wait."
        return GOOD

    async with analyst(summarise_after=4, history_messages=2) as rig:
        rig.model.answer = write
        for _ in range(4):
            await rig.answer("Why is BTCUSDT long?")
        await eventually(summarised(rig.memory, "They spoke of the stop. They agreed to wait."))
        await rig.answer("and now BTCUSDT?")

        assert any("They agreed to wait." in rig.prompt(place) for place in (-1, -2))


async def test_a_summary_is_made_of_what_fits_and_nothing_never_replaces_it() -> None:
    said = ["They spoke of the stop.", "It was 95,479.4."]
    written: list[str] = []

    def write(messages: Sequence[dict[str, str]]) -> str:
        if not messages[0]["content"].startswith("Summarise"):
            return GOOD
        written.append(said[len(written)])
        return written[-1]

    async with analyst(
        summarise_after=14, history_messages=2, num_ctx=1600, answer_tokens=200
    ) as rig:
        rig.model.answer = write
        for place in range(13):
            await rig.memory.say("mine", "user", f"question {place} " + "why? " * 80, at=market.NOW)
        for _ in said:
            while await rig.memory.unsummarised("mine") < 14:
                await rig.answer("Why is BTCUSDT long?")
            await eventually(covered(rig.memory), saying="the summary is kept")
        talk = await rig.memory.conversation("mine")

    assert written == said
    assert talk is not None
    assert talk.summary == "They spoke of the stop."


async def test_no_answer_waits_for_a_summary_and_one_cut_short_is_made_up_for() -> None:
    def never_ends(messages: Sequence[dict[str, str]]) -> str:
        if messages[0]["content"].startswith("Summarise"):
            rig.model.pause_seconds = 3600
            return "They spoke of the stop."
        return GOOD

    memory = PlainMemory()
    async with analyst(memory=memory, summarise_after=4, history_messages=2) as rig:
        rig.model.answer = never_ends
        ends = [await rig.answer("Why is BTCUSDT long?") for _ in range(2)]
        await eventually(lambda: rig.model.writing == 1, saying="the summary is being written")
    assert [end.text for end in ends] == [GOOD, GOOD]

    async with analyst(memory=memory, summarise_after=4, history_messages=2) as rig:
        rig.model.answer = lambda _: "They spoke of the stop."
        await rig.answer("and its stop?")
        await eventually(summarised(memory, "They spoke of the stop."))


async def test_without_an_embedding_model_words_are_searched_and_people_told_what_to_pull() -> None:
    async with analyst() as rig:
        rig.model.models = {"qwen3:4b"}
        rig.model.answer = lambda _: GOOD
        await rig.answer("How crowded is BTCUSDT funding?", conversation="other")
        rig.clock.advance(timedelta(minutes=1))
        end = await rig.answer("Is funding crowded?")
        lacks = await rig.trouble()
        prompt = rig.prompt()

    assert end.text == GOOD
    assert "asked before: How crowded is BTCUSDT funding?" in prompt
    for told in (end.notice, lacks):
        assert "run: ollama pull nomic-embed-text" in told
        assert "found by words meanwhile" in told


async def test_a_conversation_deleted_while_its_answer_is_written_stays_deleted() -> None:
    async with analyst() as rig:
        rig.model.answer = lambda _: "word " * 20
        rig.model.pause_seconds = 0.01
        asking = asyncio.create_task(rig.answer("Why is BTCUSDT long?"))
        await eventually(lambda: rig.model.writing == 1, saying="the answer is being written")
        await rig.bus.ask(ForgetRequest(conversation="mine"))
        end = await asking

        assert end.text
        assert await rig.memory.conversations() == ()

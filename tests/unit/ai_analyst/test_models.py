"""Both kinds of servers, as the analyst's adapters meet them."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from ai_analyst.adapters.ollama import OllamaModel
from ai_analyst.adapters.openai_style import OpenAiStyleModel
from ai_analyst.core.gauge import PROBE, Gauge, weight
from ai_analyst.core.pace import Pace
from ai_analyst.core.prompts import CHAT_RULES, Message, chat_messages
from ai_analyst.core.retrieval import within
from ai_analyst.ports import (
    Model,
    ModelMissingError,
    ModelUnavailableError,
    Piece,
    PromptTruncatedError,
    Usage,
)
from ai_analyst.settings import AnalystSettings
from tests.support.analyst_market import table
from tests.support.ollama import OllamaStandIn, meaning
from tests.support.openai_style import OpenAiStandIn

ASKED = (Message("system", "Be short."), Message("user", "Why is BTCUSDT long at 97,250?"))
LONG = (Message("system", "Be short."), Message("user", "[BTCUSDT.4h.rsi] 57.6\n" * 400))


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaStandIn]:
    server = OllamaStandIn()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def openai() -> AsyncIterator[OpenAiStandIn]:
    server = OpenAiStandIn()
    await server.start()
    yield server
    await server.stop()


def settings(url: str, **choices: Any) -> AnalystSettings:
    fields: dict[str, Any] = {"url": url, "num_ctx": 16_384}
    return AnalystSettings(**(fields | choices))


@asynccontextmanager
async def closing(model: Model) -> AsyncIterator[Model]:
    """Let go of the model's connections in any case."""
    try:
        yield model
    finally:
        await model.close()


async def heard(model: Model, messages: tuple[Message, ...] = ASKED) -> tuple[str, str, Usage]:
    """Everything an answer consisted of: words, thoughts, usage."""
    text = thinking = ""
    usage = Usage(0, 0)
    async with closing(model), aclosing(model.chat(messages)) as parts:  # type: ignore[type-var]  # models are generators
        async for part in parts:
            if isinstance(part, Piece):
                text, thinking = text + part.text, thinking + part.thinking
            else:
                usage = part
    return text.strip(), thinking.strip(), usage


async def test_ollama_is_asked_natively_with_its_window_and_kept_alive(
    ollama: OllamaStandIn,
) -> None:
    ollama.answer = lambda _: "Long it is."
    text, _, usage = await heard(OllamaModel(settings(ollama.url, thinking="off")))

    (chat,) = ollama.chats
    assert text == "Long it is."
    assert usage.prompt_tokens > 0
    assert chat["options"]["num_ctx"] == 16_384
    assert chat["options"]["num_predict"] == 700
    assert chat["keep_alive"] == "10m"
    assert chat["think"] is False
    assert "tools" not in chat or not chat["tools"]


async def test_a_model_is_left_to_think_as_it_likes_where_that_is_wanted(
    ollama: OllamaStandIn,
) -> None:
    ollama.thinking, ollama.answer = "Hmm, 90,000.", lambda _: "Long."
    text, thinking, _ = await heard(OllamaModel(settings(ollama.url, thinking="default")))

    assert (text, thinking) == ("Long.", "Hmm, 90,000.")
    assert "think" not in ollama.chats[0] or ollama.chats[0]["think"] is None


async def test_thoughts_that_leave_no_room_for_an_answer_are_an_error(
    ollama: OllamaStandIn,
) -> None:
    ollama.thinking, ollama.answer, ollama.done_reason = "Hmm " * 9, lambda _: "", "length"

    with pytest.raises(ModelUnavailableError, match="before its answer began"):
        await heard(OllamaModel(settings(ollama.url, thinking="on")))


async def test_a_cut_prompt_is_an_error_on_ollama(ollama: OllamaStandIn) -> None:
    ollama.window = 2048
    with pytest.raises(PromptTruncatedError, match="the model read 2048 tokens of about"):
        await heard(OllamaModel(settings(ollama.url)), LONG)


async def test_a_window_that_is_full_is_an_error(ollama: OllamaStandIn) -> None:
    with pytest.raises(PromptTruncatedError, match="must leave room in 2048 tokens"):
        await heard(OllamaModel(settings(ollama.url, num_ctx=2048)), LONG)


async def test_a_missing_model_names_the_command(ollama: OllamaStandIn) -> None:
    model = OllamaModel(settings(ollama.url, model="llama9"))

    async with closing(model):
        assert await model.problem() == "llama9 is not on this Ollama; run: ollama pull llama9"
        with pytest.raises(ModelMissingError, match="ollama pull llama9"):
            await heard(model)


async def test_a_server_that_is_away_is_said_to_be(ollama: OllamaStandIn) -> None:
    async with closing(OllamaModel(settings(ollama.url))) as model:
        assert await model.problem() is None
        await ollama.stop()
        problem = await model.problem()

    assert problem is not None
    assert problem.startswith("Ollama does not answer at http://127.0.0.1")


async def test_texts_are_given_meaning_by_ollama(ollama: OllamaStandIn) -> None:
    async def embedded(model: str) -> list[list[float]]:
        async with closing(OllamaModel(settings(ollama.url, embedding_model=model))) as one:
            return await one.embed(["funding of SOL"])

    assert await embedded("nomic-embed-text") == [pytest.approx(meaning("funding of SOL"))]
    assert await embedded("") == []
    with pytest.raises(ModelMissingError, match="ollama pull other"):
        await embedded("other")


async def test_an_openai_style_answer_streams(openai: OpenAiStandIn) -> None:
    openai.answer, openai.reasoning = "Long it is.", "Hmm."
    # pragma: allowlist nextline secret
    text, thinking, usage = await heard(OpenAiStyleModel(settings(openai.url, api_key="secret")))

    assert (text, thinking) == ("Long it is.", "Hmm.")
    assert usage.prompt_tokens > 0
    assert openai.requests[0]["stream_options"] == {"include_usage": True}


async def test_an_openai_style_model_is_told_whether_to_think(openai: OpenAiStandIn) -> None:
    for thinking in ("default", "off", "on"):
        await heard(OpenAiStyleModel(settings(openai.url, thinking=thinking)))

    assert [one.get("chat_template_kwargs") for one in openai.requests] == [
        None, {"enable_thinking": False}, {"enable_thinking": True},
    ]  # fmt: skip


async def test_thoughts_without_an_answer_are_an_error_there_too(openai: OpenAiStandIn) -> None:
    openai.answer, openai.finish_reason = "<think>Hmm, 90,000", "length"

    with pytest.raises(ModelUnavailableError, match="before its answer began"):
        await heard(OpenAiStyleModel(settings(openai.url)))


async def test_an_openai_style_server_without_usage_is_asked_for_it(openai: OpenAiStandIn) -> None:
    openai.tells_usage = False
    _, _, usage = await heard(OpenAiStyleModel(settings(openai.url)))

    assert usage.prompt_tokens > 0


async def test_a_cut_prompt_is_an_error_there_too(openai: OpenAiStandIn) -> None:
    openai.window = 2048
    with pytest.raises(PromptTruncatedError, match="of about"):
        await heard(OpenAiStyleModel(settings(openai.url)), LONG)
    openai.refuses_long = True
    with pytest.raises(PromptTruncatedError, match="context size"):
        await heard(OpenAiStyleModel(settings(openai.url)), LONG)


async def test_an_answer_that_breaks_off_is_no_answer(openai: OpenAiStandIn) -> None:
    openai.answer, openai.break_after = "one two three", 2
    with pytest.raises(ModelUnavailableError, match="broke off"):
        await heard(OpenAiStyleModel(settings(openai.url)))


async def test_a_model_not_served_is_named(openai: OpenAiStandIn) -> None:
    model = OpenAiStyleModel(settings(openai.url, model="other"))

    problem = await model.problem()
    assert problem is not None
    assert "other is not served" in problem
    with pytest.raises(ModelMissingError, match="other is not served"):
        await heard(model)


def test_the_pace_follows_the_newest_prompt_that_was_read_whole() -> None:
    pace = Pace(seconds=60)
    assert pace.tokens() > 1_000_000

    pace.learn(["rules", "facts"], tokens=2000, seconds=40)
    assert pace.tokens() == 3000
    pace.learn(["rules", "facts", "answer", "again"], tokens=2400, seconds=1)
    assert pace.tokens() == 3000, "most of it was in the server's memory"
    pace.learn(["rules", "other facts"], tokens=2000, seconds=20)
    assert pace.tokens() == 6000
    pace.learn(["rules", "third facts"], tokens=2000, seconds=1e6)
    assert pace.tokens() == 1200, "rules, question and the most telling facts are always told"


def test_the_shortest_prompt_has_room_for_the_facts_that_matter_most() -> None:
    gauge = Gauge.of(tokens=round(weight(PROBE) * 1.25))  # as gemma3 counts
    besides = chat_messages(CHAT_RULES, facts="", question="Why is BTC long? " * 12, language="en")
    taken = gauge.tokens(message.content for message in besides)

    facts = within(table(), gauge.characters(Pace(seconds=0).tokens() - taken)).rendered()

    for name in ("direction", "score", "plan.entry", "plan.stop", "plan.tp1"):
        assert f"[BTCUSDT.{name}]" in facts


async def test_an_openai_style_server_shows_its_pace_by_the_first_word(
    openai: OpenAiStandIn,
) -> None:
    async def room(reading_seconds: float) -> int:
        with_it = settings(openai.url, reading_seconds=reading_seconds)
        async with closing(OpenAiStyleModel(with_it)) as model:
            return await model.room(())

    assert await room(1e-9) < await room(1e9)


def test_a_gauge_knows_a_whole_prompt_from_a_cut_one() -> None:
    gauge = Gauge.of(tokens=round(weight(PROBE) * 1.1))
    text = "[BTCUSDT.4h.rsi] 57.6\n" * 100
    whole = round(weight(text) * 1.1)

    assert gauge.was_cut([text], counted=whole, window=100_000) is None
    assert gauge.was_cut([text], counted=round(whole * 0.9), window=100_000) is None
    assert gauge.was_cut([text], counted=round(whole * 0.7), window=100_000) is not None


def test_facts_that_should_fit_do() -> None:
    gauge = Gauge.of(tokens=round(weight(PROBE) * 1.1))
    facts = within(table(), gauge.characters(4000)).rendered()

    assert 2000 < gauge.tokens([facts]) < 4400

"""What every memory of the analyst promises: the plain one and the one in Postgres."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from ai_analyst.adapters.memory_plain import PlainMemory
from ai_analyst.adapters.memory_postgres import PostgresMemory
from ai_analyst.core.periods import Period
from ai_analyst.core.verdicts import Verdict
from ai_analyst.ports import Memory
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.domain import (
    AnsweredBy,
    ChatEnd,
    Direction,
    OutcomeStep,
    Stance,
    StruckSentence,
)
from tests.support.analyst_market import AS_OF, NOW, btc_plan, sol_plan
from tests.support.facts import outcome
from tests.support.ollama import meaning

END = ChatEnd(
    text="long",
    by=AnsweredBy.MODEL,
    model="qwen3:4b",
    struck=(StruckSentence(sentence="no", reasons=("why",)),),
)


@pytest.fixture(
    params=[
        "plain",
        pytest.param("postgres", marks=pytest.mark.connected),
        pytest.param("postgres-words", marks=pytest.mark.connected),
    ]
)
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Memory]:
    if request.param == "plain":
        yield PlainMemory()
        return
    database = request.getfixturevalue("postgres")
    settings = DatabaseSettings(url=database.url, password=SecretStr(database.password))
    engine = open_engine(settings, name="test", connections=4)
    model = "" if request.param.endswith("words") else "nomic-embed-text"
    kept = PostgresMemory(engine, embedding_model=model)
    await kept.prepare()
    await kept.prepare()  # an analyst that starts again finds its tables
    assert kept.by_meaning is bool(model)
    yield kept
    await kept.close()


def verdict(symbol: str = "BTCUSDT", **changes: object) -> Verdict:
    plan = btc_plan() if symbol == "BTCUSDT" else sol_plan()
    made = Verdict(
        venue=plan.venue,
        symbol=symbol,
        scan_id=plan.scan_id,
        direction=plan.direction,
        stance=Stance.CAUTION,
        lean=Direction.LONG,
        reasons=("Funding is crowded against resistance.",),
        struck=("The stop is 1.",),
        model="qwen3:4b",
        prompt_version="abc",
        facts={"BTCUSDT.score": "68.2 points"},
        asked_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the test's own fields


async def test_a_conversation_is_resumed_with_everything_said(memory: Memory) -> None:
    first = await memory.say("mine", "user", "Why is BTC long?", at=NOW)
    again = await memory.say("mine", "analyst", "long", at=NOW + timedelta(seconds=1), end=END)

    talk = await memory.conversation("mine")

    assert first == again == "Why is BTC long?"
    assert talk is not None
    assert [one.text for one in talk.messages] == ["Why is BTC long?", "long"]
    assert talk.messages[1].end == END


async def test_the_newest_conversation_comes_first(memory: Memory) -> None:
    for place, name in enumerate(("first", "second", "third")):
        await memory.say(name, "user", f"question {name}", at=NOW + timedelta(seconds=place))
    await memory.say("first", "user", "again", at=NOW + timedelta(minutes=1))

    listed = await memory.conversations()

    assert [one.name for one in listed] == ["first", "third", "second"]
    assert listed[0].messages == 2
    assert listed[0].title == "question first"


async def test_a_title_can_be_given(memory: Memory) -> None:
    await memory.say("mine", "user", "hello", at=NOW)

    assert await memory.rename("mine", "My talk")
    assert not await memory.rename("nobody", "x")
    assert (await memory.conversations())[0].title == "My talk"


async def test_a_forgotten_conversation_is_gone_from_everywhere(memory: Memory) -> None:
    await memory.say("mine", "user", "funding of SOL", at=NOW, vector=meaning("funding of SOL"))

    assert await memory.forget("mine")
    assert not await memory.forget("mine")
    assert await memory.conversation("mine") is None
    recalled = await memory.recall(
        "funding", venue="binance", symbols=(), before=NOW + timedelta(hours=1), limit=5,
        conversation="other", vector=meaning("funding"),
    )  # fmt: skip
    assert recalled == ()


async def test_a_summary_covers_the_messages_it_was_made_of(memory: Memory) -> None:
    for place in range(5):
        await memory.say("mine", "user", f"question {place}", at=NOW + timedelta(seconds=place))
    await memory.summarise("mine", "They spoke of BTC.", messages=3)

    talk = await memory.conversation("mine")

    assert talk is not None
    assert talk.summary == "They spoke of BTC."
    assert await memory.unsummarised("mine") == 2
    assert await memory.unsummarised("nobody") == 0


async def test_a_summary_of_a_deleted_conversation_does_not_reach_a_new_one(memory: Memory) -> None:
    await memory.say("mine", "user", "a new question", at=NOW)
    await memory.summarise("mine", "They spoke of a secret.", messages=14)

    talk = await memory.conversation("mine")

    assert talk is not None
    assert talk.summary == ""


async def test_an_answer_to_a_deleted_conversation_does_not_bring_it_back(memory: Memory) -> None:
    await memory.say("mine", "user", "Why is BTC long?", at=NOW)
    await memory.forget("mine")

    assert await memory.say("mine", "analyst", "long", at=NOW, end=END) == ""
    assert await memory.conversations() == ()


async def test_a_verdict_is_kept_once(memory: Memory) -> None:
    assert await memory.keep_verdict(verdict())
    assert not await memory.keep_verdict(verdict(stance=Stance.VETO))
    assert await memory.keep_verdict(verdict(attempt=1))
    assert await memory.keep_verdict(verdict(mirrored=True))

    kept = await memory.verdicts("binance", "BTCUSDT")

    assert [one.stance for one in kept] == [Stance.CAUTION] * 3
    assert verdict() in kept


async def test_no_verdict_is_kept_once_the_end_is_known(memory: Memory) -> None:
    await memory.keep_outcomes([outcome(btc_plan(), OutcomeStep.FILLED)])
    assert await memory.keep_verdict(verdict())

    await memory.keep_outcomes([outcome(btc_plan(), OutcomeStep.STOPPED)] * 2)
    assert not await memory.keep_verdict(verdict(prompt_version="later"))


async def test_an_end_after_the_question_is_not_recalled(memory: Memory) -> None:
    await memory.keep_verdict(verdict(asked_at=AS_OF))
    filled = outcome(btc_plan(), OutcomeStep.FILLED)
    ended = outcome(btc_plan(), OutcomeStep.STOPPED, after=timedelta(hours=10))
    await memory.keep_outcomes([filled, ended])

    async def recalled(hours: int) -> str:
        (one,) = await memory.recall(
            "BTC", venue="binance", symbols=("BTCUSDT",), before=AS_OF + timedelta(hours=hours),
            limit=3,
        )  # fmt: skip
        return one.text

    assert "not ended yet" in await recalled(9)
    assert "ended stopped at -1.10 R net" in await recalled(10)


async def test_a_plan_that_was_never_entered_is_recalled_without_a_result(memory: Memory) -> None:
    await memory.keep_verdict(verdict(asked_at=AS_OF))
    missed = outcome(btc_plan(), OutcomeStep.NOT_FILLED)
    await memory.keep_outcomes([missed.model_copy(update={"net_r": 0.0})])

    (one,) = await memory.recall(
        "BTC", venue="binance", symbols=("BTCUSDT",), before=AS_OF + timedelta(hours=2), limit=3
    )

    assert "(ended not_filled, never entered)" in one.text


async def test_a_verdict_is_not_recalled_before_it_was_given(memory: Memory) -> None:
    await memory.keep_verdict(verdict())

    assert not await memory.recall(
        "BTC", venue="binance", symbols=("BTCUSDT",), before=NOW, limit=3
    )


async def test_verdicts_are_recalled_by_contract_and_by_words(memory: Memory) -> None:
    await memory.keep_verdict(verdict())
    await memory.keep_verdict(
        verdict("SOLUSDT", reasons=("The hourly trend is exhausted.",), scan_id=sol_plan().scan_id)
    )
    later = NOW + timedelta(hours=1)

    async def recalled(text: str, *symbols: str, venue: str = "binance") -> list[str]:
        found = await memory.recall(text, venue=venue, symbols=symbols, before=later, limit=1)
        return [one.text for one in found]

    by_symbol = await recalled("x", "BTCUSDT")
    by_words = await recalled("is the trend exhausted")
    elsewhere = await recalled("exhausted", venue="bybit")

    assert ["BTCUSDT" in one for one in by_symbol] == [True]
    assert ["SOLUSDT" in one for one in by_words] == [True]
    assert elsewhere == []


async def test_verdicts_do_not_crowd_out_what_was_asked_before(memory: Memory) -> None:
    for number in range(5):
        await memory.keep_verdict(verdict(prompt_version=str(number)))
    await memory.say("other", "user", "how crowded is funding", at=NOW)

    recalled = await memory.recall(
        "crowded funding", venue="binance", symbols=("BTCUSDT",), before=NOW + timedelta(hours=1),
        limit=4, conversation="mine",
    )  # fmt: skip

    assert len(recalled) == 4
    assert any("how crowded is funding" in one.text for one in recalled)


async def test_only_the_time_asked_about_is_recalled(memory: Memory) -> None:
    await memory.keep_verdict(verdict(asked_at=NOW - timedelta(hours=30)))
    await memory.say("other", "user", "how crowded is funding", at=NOW - timedelta(hours=30))

    async def recalled(hours: int) -> int:
        found = await memory.recall(
            "crowded funding", venue="binance", symbols=("BTCUSDT",), before=NOW, limit=5,
            conversation="mine", period=Period(NOW - timedelta(hours=hours), NOW),
        )  # fmt: skip
        return len(found)

    assert await recalled(29) == 0
    assert await recalled(30) == 2


async def test_every_verdict_comes_with_the_result_of_its_plan(memory: Memory) -> None:
    await memory.keep_verdict(verdict())
    await memory.keep_verdict(verdict(attempt=1))
    await memory.keep_verdict(verdict(mirrored=True))
    await memory.keep_verdict(verdict("SOLUSDT"))
    await memory.keep_outcomes([outcome(btc_plan(), OutcomeStep.FILLED)])
    open_yet = await memory.judged()
    await memory.keep_outcomes([outcome(btc_plan(), OutcomeStep.STOPPED)])

    judged = await memory.judged()

    assert len(open_yet) == len(judged) == 4
    assert not any(one.ended for one in open_yet)
    assert {one.verdict.symbol: (one.filled, one.ended, one.net_r) for one in judged} == {
        "BTCUSDT": (True, True, -1.1),
        "SOLUSDT": (False, False, None),
    }


async def test_earlier_questions_of_other_conversations_are_recalled(memory: Memory) -> None:
    said = {"first": "how crowded is SOL funding", "second": "zzz zzz zzz", "mine": "funding now"}
    for name, text in said.items():
        await memory.say(name, "user", text, at=NOW, vector=meaning(text))

    recalled = await memory.recall(
        "crowded funding", venue="binance", symbols=(), before=NOW + timedelta(hours=1), limit=2,
        conversation="mine", vector=meaning("crowded funding"),
    )  # fmt: skip

    assert "how crowded is SOL funding" in recalled[0].text
    assert all("funding now" not in one.text for one in recalled)


async def test_a_question_is_recalled_once_with_its_answer_but_not_its_numbers(
    memory: Memory,
) -> None:
    for place, name in enumerate(("first", "second")):
        at = NOW + timedelta(minutes=place)
        await memory.say(name, "user", "how crowded is SOL funding", at=at)
        said = f"It is not crowded, says {name}. It is 0.01 %."
        await memory.say(name, "analyst", said, at=at + timedelta(seconds=1), end=END)

    async def recalled(**after: int) -> list[str]:
        found = await memory.recall(
            "crowded funding", venue="binance", symbols=(), before=NOW + timedelta(**after),
            limit=5, conversation="mine",
        )  # fmt: skip
        return [one.text.partition("asked before: ")[2] for one in found]

    answered = "how crowded is SOL funding Answered: It is not crowded, says"
    assert await recalled(hours=1) == [f"{answered} second."]
    assert await recalled(seconds=30) == [f"{answered} first."]
    assert await recalled(seconds=1) == ["how crowded is SOL funding"], "it was not answered yet"

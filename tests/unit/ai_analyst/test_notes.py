"""Verdicts after a scan: stored first, told second, dropped when late, measured."""

from collections.abc import Sequence
from typing import Any

import pytest
from typing_extensions import override

from ai_analyst.adapters.memory_plain import PlainMemory
from ai_analyst.core.verdicts import Verdict
from common.domain import (
    AnalystNote,
    AnalystRecord,
    Direction,
    OutcomeStep,
    RecordRequest,
    Stance,
    TradePlan,
)
from tests.support import analyst_market as market
from tests.support.analyst_rig import Analyst, analyst
from tests.support.eventually import eventually
from tests.support.facts import outcome

VERDICT = """STANCE: caution
LEAN: long
- The 4h ADX of 27.4 shows a trend.
- Resistance at 98,310 stands before TP1.
- The stop at 90,000 is too near."""

SOL_VERDICT = """STANCE: agree
LEAN: short
- The 4h ADX of 24.8 and a score of −57.3 speak for the short."""


def judged(messages: Sequence[dict[str, str]]) -> str:
    """A verdict with the right contract's numbers."""
    return SOL_VERDICT if "[SOLUSDT.score]" in messages[-1]["content"] else VERDICT


async def told(rig: Analyst, count: int) -> list[AnalystNote]:
    """Wait for notes on the bus."""

    async def kept() -> list[AnalystNote]:
        return [one async for one in rig.bus.latest(AnalystNote) if isinstance(one, AnalystNote)]

    async def enough() -> bool:
        return len(await kept()) >= count

    await eventually(enough, saying=f"{count} notes")
    return await kept()


async def verdicts(rig: Analyst, count: int) -> tuple[Verdict, ...]:
    """Wait for verdicts on BTCUSDT in the memory."""

    async def enough() -> bool:
        return len(await rig.memory.verdicts("binance", "BTCUSDT")) >= count

    await eventually(enough, saying=f"{count} verdicts")
    return await rig.memory.verdicts("binance", "BTCUSDT")


async def asked_record(rig: Analyst) -> AnalystRecord:
    """The record as anyone may ask for it over the bus."""
    return AnalystRecord.model_validate_json((await rig.bus.ask(RecordRequest())).body)


async def scan(rig: Analyst) -> None:
    """End the scan once more under a new name, as the next one does."""
    news = {"scan_id": "binance.20260105T080000Z.demand.1"}
    await rig.bus.publish(market.completed().model_copy(update=news))


async def test_the_best_plans_get_a_note_after_a_scan() -> None:
    async with analyst(notes_per_scan=2) as rig:
        rig.model.answer = judged
        await scan(rig)
        notes = await told(rig, 2)

    (note,) = [one for one in notes if one.symbol == "BTCUSDT"]
    assert note.stance is Stance.CAUTION
    assert note.reasons == (
        "The 4h ADX of 27.4 shows a trend.",
        "Resistance at 98,310 stands before TP1.",
    )
    assert note.struck == ("The stop at 90,000 is too near.",)
    assert note.model == "qwen3:4b"


async def test_the_best_plan_comes_first_and_alone_when_only_one_may() -> None:
    async with analyst(notes_per_scan=1) as rig:
        rig.model.answer = lambda _: VERDICT
        await scan(rig)
        (note,) = await told(rig, 1)

    assert note.symbol == "BTCUSDT"


async def test_a_verdict_is_stored_before_it_is_told() -> None:
    class Watched(PlainMemory):
        @override
        async def keep_verdict(self, verdict: Any, **more: Any) -> bool:
            notes = [one async for one in rig.bus.latest(AnalystNote)]
            assert notes == []
            return await super().keep_verdict(verdict, **more)

    async with analyst(notes_per_scan=1, memory=Watched()) as rig:
        rig.model.answer = lambda _: VERDICT
        await scan(rig)
        await told(rig, 1)
        (kept,) = await rig.memory.verdicts("binance", "BTCUSDT")

    assert kept.facts["BTCUSDT.score"] == "68.2 points"
    assert kept.asked_at == market.NOW
    assert kept.prompt_version


async def test_a_plan_whose_end_is_known_gets_no_verdict() -> None:
    async with analyst(notes_per_scan=2) as rig:
        rig.model.answer = judged
        minutes = market.NOW - market.AS_OF
        await rig.bus.publish(outcome(market.btc_plan(), OutcomeStep.STOPPED, after=minutes))
        await scan(rig)
        notes = await told(rig, 1)

    assert [one.symbol for one in notes] == ["SOLUSDT"]


async def test_a_model_that_fails_publishes_nothing_and_says_so() -> None:
    async with analyst(notes_per_scan=2) as rig:
        rig.model.answer = lambda _: "I like it a lot."
        await scan(rig)
        await eventually(lambda: len(rig.model.chats) >= 2)

        assert [one async for one in rig.bus.latest(AnalystNote)] == []
        assert await rig.memory.verdicts("binance", "BTCUSDT") == ()


async def test_notes_stop_when_the_tokens_are_used_up() -> None:
    async with analyst(notes_per_scan=2, notes_tokens=100) as rig:
        rig.model.answer = lambda _: VERDICT
        await scan(rig)
        await told(rig, 1)

        assert len(rig.model.chats) == 1


async def test_notes_that_come_too_late_are_dropped() -> None:
    async with analyst(notes_per_scan=2, notes_seconds=0.5) as rig:
        rig.model.answer = lambda _: VERDICT
        rig.model.pause_seconds = 0.1
        await scan(rig)

        async def late() -> bool:
            return "came too late and was dropped" in await rig.trouble()

        await eventually(late, saying="the note is dropped")
        assert await rig.memory.verdicts("binance", "BTCUSDT") == ()


async def test_repeats_report_how_far_a_model_disagrees_with_itself() -> None:
    stances = iter(["agree", "veto", "agree"])

    async with analyst(notes_per_scan=1, repeats=3) as rig:
        rig.model.answer = lambda _: VERDICT.replace("caution", next(stances))
        await scan(rig)
        (note,) = await told(rig, 1)
        kept = await verdicts(rig, 3)
        (record,) = (await asked_record(rig)).models

    assert note.stance is Stance.AGREE
    assert [one.attempt for one in kept] == [0, 1, 2]
    assert (record.verdicts, record.repeated) == (1, 1)
    assert record.disagreement == pytest.approx(1 / 3)
    assert all(chat["options"]["temperature"] == 0 for chat in rig.model.chats)


async def test_the_mirror_shows_whether_the_argument_turns_with_the_prices() -> None:
    def judge(messages: Sequence[dict[str, str]]) -> str:
        long = "[BTCUSDT.direction] long" in messages[-1]["content"]
        return VERDICT.replace("LEAN: long", f"LEAN: {'long' if long else 'short'}")

    async with analyst(notes_per_scan=1, mirror=True) as rig:
        rig.model.answer = judge
        await scan(rig)
        kept = await verdicts(rig, 2)
        (record,) = (await asked_record(rig)).models

    assert {one.mirrored: one.lean for one in kept} == {
        False: Direction.LONG,
        True: Direction.SHORT,
    }
    assert (record.mirrored, record.turned) == (1, 1)


async def test_all_plans_are_judged_before_any_verdict_is_measured() -> None:
    async with analyst(notes_per_scan=2, repeats=2, mirror=True) as rig:
        rig.model.answer = judged
        await scan(rig)
        await verdicts(rig, 3)
        asked = ["[SOLUSDT.score]" in chat["messages"][-1]["content"] for chat in rig.model.chats]

    assert asked[:3] == [False, True, False]


async def test_a_model_that_fails_while_it_is_measured_keeps_its_notes() -> None:
    async with analyst(notes_per_scan=1, repeats=3) as rig:
        answers = iter([VERDICT])
        rig.model.answer = lambda _: next(answers, "no idea")
        await scan(rig)
        (note,) = await told(rig, 1)
        await eventually(lambda: len(rig.model.chats) == 3)

        (record,) = (await asked_record(rig)).models

    assert note.stance is Stance.CAUTION
    assert (record.verdicts, record.repeated, record.disagreement) == (1, 0, None)


async def test_notes_are_not_dropped_for_another_venues_scan_or_one_of_the_same_close() -> None:
    async with analyst(notes_per_scan=1) as rig:
        rig.model.answer = lambda _: VERDICT
        rig.model.pause_seconds = 0.02
        await scan(rig)
        await eventually(lambda: len(rig.model.chats) == 1)
        again = {"scan_id": "binance.20260105T080000Z.demand.2"}
        elsewhere = {"venue": "bybit", "scan_id": "bybit.20260105T080000Z.scheduled.0"}
        for news in (again, elsewhere):
            await rig.bus.publish(market.completed().model_copy(update=news))
        (note,) = await told(rig, 1)

    assert note.symbol == "BTCUSDT"
    assert len(rig.model.chats) == 1


async def test_a_note_never_changes_a_plan() -> None:
    async with analyst(notes_per_scan=1) as rig:
        rig.model.answer = lambda _: VERDICT.replace("caution", "veto")
        before = market.btc_plan()
        await scan(rig)
        await told(rig, 1)
        plans = [one async for one in rig.bus.latest(TradePlan, symbol="BTCUSDT")]

    assert plans == [before]

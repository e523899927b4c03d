"""The analyst page: answers as they come, what was struck, facts that open, words kept words."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC

import pytest
from streamlit.testing.v1 import AppTest
from typing_extensions import override

from common.bus import Reply
from common.bus.memory import MemoryBus
from common.domain import (
    AnalystRecord,
    AnsweredBy,
    ChatChunk,
    ChatEnd,
    ChatMessage,
    ChatPart,
    ChatRequest,
    CitedFact,
    Conversation,
    ConversationReply,
    ModelRecord,
    OutcomeStep,
    Stance,
    StanceRecord,
    StruckSentence,
)
from common.errors import BusUnavailableError
from dashboard.adapters import talking
from dashboard.core import talk
from dashboard.core.board import Board, Contract
from tests.support import facts
from tests.unit.dashboard.test_pages import FixedLive

pytestmark = pytest.mark.timeout(120)

END = ChatEnd(
    text="BTCUSDT is long. ![x](http://evil.example/x.png) <b>now</b>",
    by=AnsweredBy.MODEL,
    model="qwen3:4b",
    struck=(StruckSentence(sentence="The stop is 1.", reasons=("1 matches no fact",)),),
    cited=(
        CitedFact(
            id="BTCUSDT.plan.stop", shown="95479.4", observed_at=facts.AS_OF, age_seconds=720
        ),
    ),
)


class TalkingLive(FixedLive):
    """A market that stands still, with an analyst who always says the same."""

    def __init__(self, *, there: bool = True, title: str = "The trade") -> None:
        super().__init__(Board())
        self._there = there
        self._title = title
        self.asked: list[tuple[str, str]] = []

    def chat(self, conversation: str, question: str) -> Iterator[ChatChunk]:
        self.asked.append((conversation, question))
        yield ChatChunk(part=ChatPart.STATE, text="reading facts")
        yield ChatChunk(part=ChatPart.TEXT, text="BTCUSDT is")
        yield ChatChunk(part=ChatPart.END, end=END)

    def conversations(self) -> Sequence[Conversation]:
        if not self._there:
            raise BusUnavailableError("nobody answers analyst.request.conversations")
        return (Conversation(name="mine", title=self._title, messages=2, updated_at=facts.AS_OF),)

    def conversation(self, name: str) -> ConversationReply:
        if name != "mine":
            raise BusUnavailableError("conversation must exist")
        said = (
            ChatMessage(role="user", text="why? <script>", at=facts.AS_OF),
            ChatMessage(role="analyst", text=END.text, at=facts.AS_OF, end=END),
        )
        return ConversationReply(name=name, title="The trade", messages=said)

    def rename(self, name: str, title: str) -> None:
        self.asked.append((name, title))

    def record(self) -> AnalystRecord:
        return AnalystRecord(models=())

    def forget(self, name: str) -> None:
        self.asked.append((name, "forget"))


def page(live: object) -> AppTest:
    # AppTest runs the source of this function alone: it may name nothing outside of itself.
    def script(live: object) -> None:
        from dashboard.adapters.pages import chat  # noqa: PLC0415
        from dashboard.ports import Live  # noqa: PLC0415

        assert isinstance(live, Live)
        chat.show(live)

    return AppTest.from_function(script, args=(live,), default_timeout=60).run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption))


def test_a_question_is_answered_with_its_check_and_its_facts() -> None:
    live = TalkingLive()
    app = page(live)
    app.chat_input[0].set_value("why?").run()

    assert not app.exception
    assert live.asked == [("talk-1", "why?")]
    assert "1 sentence struck" in said(app)
    assert "The stop is 1." in said(app)
    assert "BTCUSDT.plan.stop" in said(app)
    assert "95479.4" in said(app)


def test_an_empty_conversation_offers_questions_and_a_click_asks_one() -> None:
    live = TalkingLive()
    app = page(live)

    app.button(key="What are the best plans now?").click().run()

    assert not app.exception
    assert live.asked == [("talk-1", "What are the best plans now?")]
    assert "1 sentence struck" in said(app)


def test_the_page_stands_when_the_scanner_page_found_nothing_to_choose() -> None:
    app = page(TalkingLive())
    app.session_state["chosen"] = None

    app.run()

    assert not app.exception


def test_the_first_question_offered_is_about_the_contract_that_is_looked_at() -> None:
    planned, refused = Contract(plan=facts.plan(), decision=facts.plan()), facts.rejection()
    stopped = (facts.outcome(facts.plan(), OutcomeStep.STOPPED),)

    assert talk.openings(planned)[0] == "Why is BTCUSDT long, and what would prove it wrong?"
    assert talk.openings(replace(planned, decision=facts.rejection("BTCUSDT")))[0].startswith(
        "Why is BTCUSDT long"
    )
    assert talk.openings(replace(planned, outcomes=stopped))[0].startswith("Why is there no plan")
    assert talk.openings(Contract(decision=refused))[0] == "Why is there no plan for ETHUSDT?"
    assert len(talk.openings(None)) == 2


def test_strangers_words_bring_no_pictures_and_no_tags() -> None:
    app = page(TalkingLive())
    app.chat_input[0].set_value("![y](http://evil.example/y.png)").run()

    assert "![" not in said(app)
    assert "<b>" not in said(app).replace("\\<b\\>", "")
    assert talk.escaped("[a](b)") == "\\[a\\]\\(b\\)"
    assert talk.escaped("http://a.example WWW.a.example me@a.example") == (
        "http\\:\u2060//a.example WWW\u2060.a.example me\u2060\\@a.example"
    ), "nor does a bare address become a link: escaped, GitHub's markdown would still make one"


def test_a_conversations_title_stays_words_on_its_label() -> None:
    app = page(TalkingLive(title="![x](http://evil.example/x.png) <script>alert(1)</script>"))

    [label, *_] = app.radio(key="conversation").options
    assert label == talk.escaped("![x](http://evil.example/x.png) <script>alert(1)</script>")
    assert "![" not in label


def test_an_earlier_conversation_is_shown_whole() -> None:
    app = page(TalkingLive())
    app.radio(key="conversation").set_value("mine").run()

    assert not app.exception
    assert "why? \\<script\\>" in said(app)


def test_a_conversation_can_be_deleted() -> None:
    live = TalkingLive()
    app = page(live)
    app.radio(key="conversation").set_value("mine").run()
    app.button(key="forget").click().run()

    assert ("mine", "forget") in live.asked


def test_a_conversation_can_be_given_another_title() -> None:
    live = TalkingLive()
    app = page(live)
    app.radio(key="conversation").set_value("mine").run()
    app.text_input(key="title_mine").set_value("  My trade ")
    app.button[1].click().run()

    assert not app.exception
    assert ("mine", "My trade") in live.asked


def test_a_conversation_that_somebody_else_deleted_is_no_failure_of_the_page() -> None:
    class Gone(TalkingLive):
        @override
        def forget(self, name: str) -> None:
            raise BusUnavailableError(f"conversation must exist, was {name!r}")

    app = page(Gone())
    app.radio(key="conversation").set_value("mine").run()
    app.button(key="forget").click().run()

    assert not app.exception
    assert "conversation must exist" in app.warning[0].value


def test_a_new_conversation_never_takes_the_name_of_an_old_one() -> None:
    class Holey(TalkingLive):
        @override
        def conversations(self) -> Sequence[Conversation]:
            (mine,) = super().conversations()
            return (mine.model_copy(update={"name": "talk-2"}),)

    live = Holey()
    app = page(live)
    app.chat_input[0].set_value("why?").run()
    app.chat_input[0].set_value("  ").run()

    assert live.asked == [("talk-1", "why?")]


def test_the_record_is_read_when_it_is_asked_for() -> None:
    app = page(TalkingLive())
    app.toggle(key="record_shown").set_value(True).run()

    assert not app.exception


def test_a_record_tells_only_what_is_known() -> None:
    stances = tuple(StanceRecord(stance=stance, verdicts=0, decided=0) for stance in Stance)
    young = ModelRecord(
        model="qwen3:4b", prompt_version="abc", verdicts=1, reasons=2, reasons_struck=1, longs=1,
        longs_agreed=1, shorts=0, shorts_agreed=0, repeated=0, mirrored=0, turned=0, decided=0,
        stances=stances,
    )  # fmt: skip
    old = young.model_copy(
        update={"disagreement": 0.25, "repeated": 4, "mirrored": 3, "turned": 2, "decided": 40,
                "unknown": 3, "unfilled": 12, "mean_net_r": -0.125, "margin_net_r": 0.31,
                "mean_net_r_without_vetoes": 0.5, "margin_net_r_without_vetoes": 0.4}
    )  # fmt: skip

    rows = talk.record_rows(AnalystRecord(models=(young, old)))

    assert [cell.text for cell in rows[0].cells[2:]] == [
        "1 of 1 / 0 of 0", "—", "—", "1 of 3", "— / —",
    ]  # fmt: skip
    assert [cell.text for cell in rows[1].cells[3:]] == [
        "0.25", "2 of 3", "1 of 3", "−0.12 ± 0.31 R / +0.50 ± 0.40 R",
    ]  # fmt: skip
    assert rows[1].cells[-1].sub == "40 results, 3 not known, 12 not entered"


def test_a_note_tells_its_reasons_and_how_many_were_struck() -> None:
    note = facts.note(facts.plan(), reasons=("too late",), struck=("The stop is 1.",))

    lines = talk.note_lines(note)

    assert [(one.label, one.value) for one in lines] == [("Reason 1", "too late"), ("Struck", "1")]


def test_without_an_analyst_the_page_says_so() -> None:
    app = page(TalkingLive(there=False))

    assert not app.exception
    assert "nobody answers" in app.warning[0].value


def test_a_dashboard_without_a_line_says_so() -> None:
    app = page(FixedLive(Board()))

    assert not app.exception
    assert "no line to the analyst" in app.info[0].value


def test_a_template_answer_names_its_reason() -> None:
    end = END.model_copy(update={"by": AnsweredBy.TEMPLATE, "notice": "run: ollama pull qwen3:4b"})

    assert talk.byline(end).endswith("run: ollama pull qwen3:4b")
    without = end.model_copy(update={"by": AnsweredBy.MODEL})
    assert talk.byline(without) == "qwen3:4b · 1 sentence struck · run: ollama pull qwen3:4b"
    assert "2026-01-05 08:00:00 UTC" in talk.cited_line(END.cited[0], UTC)


def test_parts_cross_from_the_loop_to_the_thread_that_draws() -> None:
    async def words(_: bytes) -> AsyncIterator[Reply]:
        for text in ("one", "two"):
            chunk = ChatChunk(part=ChatPart.TEXT, text=text)
            yield Reply(body=chunk.model_dump_json().encode())

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        bus = MemoryBus()
        request = ChatRequest(conversation="mine", text="why?")
        asyncio.run_coroutine_threadsafe(
            bus.answer_stream(ChatRequest.subject, words), loop
        ).result()

        told = [one.text for one in talking.from_thread(talking.chunks(bus, request), loop)]
        with pytest.raises(BusUnavailableError, match="nobody answers"):
            list(talking.from_thread(talking.chunks(MemoryBus(), request), loop))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    assert told == ["one", "two"]


def test_leaving_early_stops_the_work_on_the_loop() -> None:
    stopped = threading.Event()

    async def endless() -> AsyncGenerator[ChatChunk]:
        try:
            while True:
                yield ChatChunk(part=ChatPart.TEXT, text="word")
                await asyncio.sleep(0)
        finally:
            stopped.set()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        parts = talking.from_thread(endless(), loop)
        assert next(parts).text == "word"
        parts.close()  # type: ignore[attr-defined]  # it is a generator

        assert stopped.wait(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

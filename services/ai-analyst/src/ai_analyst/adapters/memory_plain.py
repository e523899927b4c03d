"""The memory's twin inside one process: for tests, and for nothing that should last."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import override

from ai_analyst.core.periods import EVER, Period
from ai_analyst.core.recalling import shared, terms, title_of, told_message, told_verdict
from ai_analyst.core.verdicts import Judged, Verdict
from ai_analyst.ports import Memory, Recollection
from common.domain import (
    ChatEnd,
    ChatMessage,
    Conversation,
    ConversationReply,
    Outcome,
    OutcomeStep,
)


@dataclass
class _Talk:
    title: str
    updated_at: datetime
    messages: list[ChatMessage] = field(default_factory=list)
    vectors: list[tuple[float, ...]] = field(default_factory=list)
    summary: str = ""
    summarised: int = 0


class PlainMemory(Memory):
    """Everything in lists; the same promises as Postgres."""

    def __init__(self) -> None:
        self._talks: dict[str, _Talk] = {}
        self._verdicts: list[tuple[Verdict, tuple[float, ...]]] = []
        self._outcomes: dict[str, Outcome] = {}

    @property
    @override
    def by_meaning(self) -> bool:
        return True

    @override
    async def prepare(self) -> None:
        return

    @override
    async def problem(self) -> str | None:
        return None

    @override
    async def conversations(self) -> tuple[Conversation, ...]:
        newest = sorted(self._talks.items(), key=lambda one: one[0])
        newest.sort(key=lambda one: one[1].updated_at, reverse=True)
        return tuple(
            Conversation(
                name=name, title=talk.title, messages=len(talk.messages), updated_at=talk.updated_at
            )
            for name, talk in newest
        )

    @override
    async def conversation(self, name: str) -> ConversationReply | None:
        talk = self._talks.get(name)
        if talk is None:
            return None
        return ConversationReply(
            name=name, title=talk.title, summary=talk.summary, messages=tuple(talk.messages)
        )

    @override
    async def say(
        self,
        name: str,
        role: str,
        text: str,
        *,
        at: datetime,
        end: ChatEnd | None = None,
        vector: Sequence[float] = (),
    ) -> str:
        if role == "user":
            self._talks.setdefault(name, _Talk(title=title_of(text), updated_at=at))
        talk = self._talks.get(name)
        if talk is None:
            return ""
        talk.messages.append(ChatMessage(role=role, text=text, at=at, end=end))
        talk.vectors.append(tuple(vector))
        talk.updated_at = at
        return talk.title

    @override
    async def rename(self, name: str, title: str) -> bool:
        if name not in self._talks:
            return False
        self._talks[name].title = title
        return True

    @override
    async def forget(self, name: str) -> bool:
        return self._talks.pop(name, None) is not None

    @override
    async def summarise(self, name: str, summary: str, *, messages: int) -> None:
        talk = self._talks.get(name)
        if talk is not None and talk.summarised <= messages <= len(talk.messages):
            talk.summary, talk.summarised = summary, messages

    @override
    async def unsummarised(self, name: str) -> int:
        talk = self._talks.get(name)
        return len(talk.messages) - talk.summarised if talk else 0

    @override
    async def keep_verdict(self, verdict: Verdict, *, vector: Sequence[float] = ()) -> bool:
        if self._end_of(verdict) is not None or any(
            _identity(one) == _identity(verdict) for one, _ in self._verdicts
        ):
            return False
        self._verdicts.append((verdict, tuple(vector)))
        return True

    @override
    async def verdicts(self, venue: str, symbol: str) -> tuple[Verdict, ...]:
        found = [one for one, _ in self._verdicts if (one.venue, one.symbol) == (venue, symbol)]
        found.sort(key=lambda one: one.attempt)
        return tuple(sorted(found, key=lambda one: one.asked_at, reverse=True))

    @override
    async def judged(self) -> tuple[Judged, ...]:
        ends = [(verdict, self._end_of(verdict)) for verdict, _ in self._verdicts]
        return tuple(
            Judged(
                verdict,
                filled=self._filled(verdict),
                ended=end is not None,
                net_r=end.net_r if end else None,
            )
            for verdict, end in ends
        )

    @override
    async def keep_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._outcomes.setdefault(outcome.key, outcome)

    @override
    async def recall(
        self,
        text: str,
        *,
        venue: str,
        symbols: Sequence[str],
        before: datetime,
        limit: int,
        conversation: str = "",
        vector: Sequence[float] = (),
        period: Period = EVER,
    ) -> tuple[Recollection, ...]:
        words = set(terms(text).split(" | "))

        def matters(said: str, meaning: tuple[float, ...]) -> bool:
            return bool(words & set(terms(said).split(" | "))) or bool(vector and meaning)

        judged = [
            (one, meaning)
            for one, meaning in self._verdicts
            if one.venue == venue and one.asked_at < before and not one.mirrored
            and one.attempt == 0 and one.asked_at in period
            and (one.symbol in symbols or matters(" ".join(one.reasons), meaning))
        ]  # fmt: skip
        judged.sort(key=lambda one: one[0].asked_at, reverse=True)
        judged.sort(key=lambda one: (one[0].symbol not in symbols, _distance(one[1], vector)))
        found = []
        for verdict, _ in judged[:limit]:
            end = self._end_of(verdict, before)
            text = told_verdict(
                verdict,
                ended=end.step if end else None,
                net_r=end.net_r if end else None,
                filled=self._filled(verdict),
            )
            found.append(Recollection(text, verdict.asked_at))
        if not conversation:
            return shared(found, (), limit)
        said = [
            one
            for one in self._questions(conversation, min(before, period.until))
            if one[0].at in period and matters(one[0].text, one[1])
        ]
        said.sort(key=lambda one: one[0].at, reverse=True)
        said.sort(key=lambda one: _distance(one[1], vector))
        talked = [
            Recollection(told_message(one.text, one.at, answer=answer), one.at)
            for one, _, answer in said
        ]
        return shared(found, talked, limit)

    @override
    async def close(self) -> None:
        return

    def _questions(
        self, conversation: str, before: datetime
    ) -> list[tuple[ChatMessage, tuple[float, ...], str | None]]:
        """Return the questions of other conversations, each once, with meaning and answer."""
        newest: dict[str, tuple[ChatMessage, tuple[float, ...], str | None]] = {}
        for name, talk in self._talks.items():
            said = [
                one for one in zip(talk.messages, talk.vectors, strict=True) if one[0].at < before
            ]
            following = [*(message for message, _ in said[1:]), None]
            for (one, meaning), after in zip(said, following, strict=False):
                known = newest.get(one.text)
                if name == conversation or one.role != "user" or (known and known[0].at > one.at):
                    continue
                answer = after.text if after is not None and after.role == "analyst" else None
                newest[one.text] = (one, meaning, answer)
        return list(newest.values())

    def _end_of(self, verdict: Verdict, before: datetime | None = None) -> Outcome | None:
        return next(
            (
                one
                for one in self._of(verdict)
                if one.step.final and (before is None or one.occurred_at <= before)
            ),
            None,
        )

    def _filled(self, verdict: Verdict) -> bool:
        return any(one.step is OutcomeStep.FILLED for one in self._of(verdict))

    def _of(self, verdict: Verdict) -> list[Outcome]:
        plan = (verdict.venue, verdict.symbol, verdict.scan_id)
        return [
            one for one in self._outcomes.values() if (one.venue, one.symbol, one.scan_id) == plan
        ]


def _identity(verdict: Verdict) -> tuple[object, ...]:
    return (verdict.venue, verdict.symbol, verdict.scan_id, verdict.model, verdict.prompt_version,
            verdict.attempt, verdict.mirrored)  # fmt: skip


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    if not one or len(one) != len(other):
        return 2.0
    dot = sum(left * right for left, right in zip(one, other, strict=True))
    return 1 - dot / (math.hypot(*one) * math.hypot(*other) or 1)

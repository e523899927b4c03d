"""After each scan, a verdict on its best plans: stored first, told second, dropped when late."""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.mirror import mirrored
from ai_analyst.core.prompts import note_messages, prompt_version
from ai_analyst.core.retrieval import Wanted, within
from ai_analyst.core.verdicts import Reply, Verdict, disagreement, read_reply
from ai_analyst.core.verifier import check
from ai_analyst.handlers.facts_desk import FactsDesk
from ai_analyst.handlers.remembering import Remembering
from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import (
    Memory,
    Model,
    ModelMissingError,
    ModelUnavailableError,
    Piece,
    PromptTruncatedError,
    Usage,
)
from ai_analyst.settings import AnalystSettings
from common.bus import Bus
from common.clock import Clock
from common.domain import AnalystNote, ScanCompleted, TradePlan
from common.errors import TransientError

_log: Final = logging.getLogger(__name__)
_MODEL_TROUBLE: Final = (ModelMissingError, ModelUnavailableError, PromptTruncatedError)
_LATE: Final = 20


@dataclass
class _Budget:
    ends: float
    tokens: int

    def left(self) -> bool:
        return time.monotonic() < self.ends and self.tokens > 0


class NoteTaker:
    """Judges plans as long as time and tokens last, the best first."""

    def __init__(
        self,
        *,
        bus: Bus,
        desk: FactsDesk,
        model: Model,
        memory: Memory,
        remembering: Remembering,
        turns: Turns,
        clock: Clock,
        settings: AnalystSettings,
    ) -> None:
        self._bus = bus
        self._desk = desk
        self._model = model
        self._memory = memory
        self._remembering = remembering
        self._turns = turns
        self._clock = clock
        self._settings = settings
        self._version = prompt_version(settings.note_rules)
        self.trouble: str | None = None
        """Why the last note was not written, for people; None when it was."""

    async def follow(self) -> None:
        """Judge the plans of each scan that ends; a newer scan takes an older one's place."""
        working: asyncio.Task[None] | None = None
        try:
            async for fact in self._bus.follow(ScanCompleted):
                if not isinstance(fact, ScanCompleted) or not self._settings.notes_per_scan:
                    continue
                if working is not None:
                    await _ended(working)
                working = asyncio.create_task(self._notes(fact))
        finally:
            if working is not None:
                await _ended(working)

    async def judge(self, scan: ScanCompleted) -> tuple[AnalystNote, ...]:
        """Judge a scan's best plans and tell the notes; return those that were told."""
        budget = _Budget(
            time.monotonic() + self._settings.notes_seconds, self._settings.notes_tokens
        )
        told: list[AnalystNote] = []
        self.trouble = None
        for plan in self._best(scan):
            if not budget.left():
                self.trouble = "the time or the tokens for this scan's notes are used up"
                break
            try:
                async with asyncio.timeout(max(0.0, budget.ends - time.monotonic())):
                    note = await self._judged(plan, budget)
            except _MODEL_TROUBLE as error:
                self.trouble = str(error)
                break
            except TimeoutError:
                self.trouble = f"the note on {plan.symbol} came too late and was dropped"
                break
            if note is not None:
                await self._bus.publish(note)
                told.append(note)
        if self.trouble:
            _log.warning("%s: %s", scan.scan_id, self.trouble)
        return tuple(told)

    async def _notes(self, scan: ScanCompleted) -> None:
        try:
            await self._settled(scan)
            await self.judge(scan)
        except TransientError as error:
            self.trouble = str(error)
            _log.warning("no notes for %s: %s", scan.scan_id, error)

    async def _settled(self, scan: ScanCompleted) -> None:
        """Wait until the board knows the plans a scan names: streams keep no common order."""
        for _ in range(_LATE):
            known = {plan.symbol for plan in self._desk.board.plans(scan.venue)}
            if set(scan.planned) <= known:
                return
            await asyncio.sleep(0.1)

    def _best(self, scan: ScanCompleted) -> tuple[TradePlan, ...]:
        plans = (
            plan
            for plan in self._desk.board.plans(scan.venue)
            if plan.scan_id == scan.scan_id or plan.symbol in scan.planned
        )
        return tuple(plans)[: self._settings.notes_per_scan]

    async def _judged(self, plan: TradePlan, budget: _Budget) -> AnalystNote | None:
        now = self._clock.now()
        if self._desk.board.ended_by(plan, now):
            return None
        table = await self._desk.of(
            Wanted(plan.venue, (plan.symbol,), (plan.symbol,), changes=False)
        )
        recalled = await self._remembering.recall(
            f"{plan.symbol} {plan.direction}",
            venue=plan.venue,
            symbols=(plan.symbol,),
            before=plan.as_of,
        )
        replies: list[Reply] = []
        for attempt in range(self._settings.repeats):
            reply = await self._asked(table, recalled, budget, seed=self._settings.seed + attempt)
            if reply is None:
                self.trouble = f"{self._model.name} did not answer in the form that was asked for"
                return None
            replies.append(reply)
        apart = disagreement([reply.stance for reply in replies])
        verdicts = [
            await self._verdict(plan, reply, table, attempt=attempt, apart=apart)
            for attempt, reply in enumerate(replies)
        ]
        first = verdicts[0]
        vector = await self._remembering.meaning(" ".join(first.reasons))
        if not await self._memory.keep_verdict(first, vector=vector):
            return None
        for verdict in verdicts[1:]:
            await self._memory.keep_verdict(verdict)
        if self._settings.mirror:
            await self._mirror(plan, table, budget)
        if not first.reasons:
            self.trouble = f"no reason for {plan.symbol} passed the check"
            return None
        return AnalystNote(
            venue=plan.venue,
            symbol=plan.symbol,
            simulated=plan.simulated,
            scan_id=plan.scan_id,
            as_of=plan.as_of,
            stance=first.stance,
            reasons=first.reasons,
            model=self._model.name,
            prompt_version=self._version,
            struck=first.struck,
        )

    async def _mirror(self, plan: TradePlan, table: FactTable, budget: _Budget) -> None:
        flipped = mirrored(table)
        reply = await self._asked(flipped, (), budget, seed=self._settings.seed)
        if reply is not None:
            verdict = await self._verdict(plan, reply, flipped, attempt=0, apart=None)
            await self._memory.keep_verdict(replace(verdict, mirrored=True))

    async def _asked(
        self, table: FactTable, recalled: tuple[str, ...], budget: _Budget, *, seed: int
    ) -> Reply | None:
        async with self._turns.turn():
            spent = len(self._settings.note_rules) + sum(map(len, recalled)) + 600
            room = await self._model.room() - spent
            facts = within(table, room * 9 // 10)
            messages = note_messages(
                self._settings.note_rules, facts=facts.rendered(), recollections=recalled
            )
            answer = ""
            async with aclosing(self._model.chat(messages, temperature=0, seed=seed)) as pieces:  # type: ignore[type-var]  # models are generators
                async for piece in pieces:
                    match piece:
                        case Piece():
                            answer += piece.text
                        case Usage():
                            budget.tokens -= piece.prompt_tokens + piece.answer_tokens
        return read_reply(answer)

    async def _verdict(
        self, plan: TradePlan, reply: Reply, table: FactTable, *, attempt: int, apart: float | None
    ) -> Verdict:
        kept: list[str] = []
        struck: list[str] = []
        for reason in reply.reasons:
            checked = await asyncio.to_thread(check, reason, table, question=plan.symbol)
            if checked.text.strip():
                kept.append(checked.text.strip())
            struck += [one.sentence for one in checked.struck]
        return Verdict(
            venue=plan.venue,
            symbol=plan.symbol,
            scan_id=plan.scan_id,
            direction=plan.direction,
            stance=reply.stance,
            lean=reply.lean,
            reasons=tuple(kept),
            struck=tuple(struck),
            model=self._model.name,
            prompt_version=self._version,
            facts={fact.id: fact.shown for fact in table},
            asked_at=self._clock.now(),
            attempt=attempt,
            disagreement=apart,
        )


async def _ended(task: asyncio.Task[None]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait({task})

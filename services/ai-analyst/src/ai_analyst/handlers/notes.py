"""After each scan, a verdict on its best plans: stored first, told second, dropped when late.

What time and tokens are left then measures the model: each verdict is asked for again, to see it
disagree with itself, and once with all prices flipped, to see its argument turn with them.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opentelemetry.trace import Span

from ai_analyst.core.facts import FactTable
from ai_analyst.core.mirror import mirrored
from ai_analyst.core.question import Wanted
from ai_analyst.core.verdicts import Verdict
from ai_analyst.handlers.facts_desk import FactsDesk
from ai_analyst.handlers.judging import Budget, Judge
from ai_analyst.handlers.remembering import Remembering
from ai_analyst.ports import (
    Memory,
    ModelMissingError,
    ModelUnavailableError,
    PromptTruncatedError,
)
from ai_analyst.settings import AnalystSettings
from common import telemetry
from common.bus import Bus
from common.clock import Clock
from common.domain import AnalystNote, ScanCompleted, TradePlan
from common.errors import TransientError

_log: Final = logging.getLogger(__name__)
_MODEL_TROUBLE: Final = (ModelMissingError, ModelUnavailableError, PromptTruncatedError)
_LATE: Final = 20


@dataclass(frozen=True)
class _Case:
    """A plan that was judged, and what its verdict was made of."""

    plan: TradePlan
    table: FactTable
    recalled: tuple[str, ...]


class NoteTaker:
    """Judges plans as long as time and tokens last, the best first."""

    def __init__(
        self,
        *,
        bus: Bus,
        desk: FactsDesk,
        judge: Judge,
        memory: Memory,
        remembering: Remembering,
        clock: Clock,
        settings: AnalystSettings,
    ) -> None:
        self._bus = bus
        self._desk = desk
        self._judge = judge
        self._memory = memory
        self._remembering = remembering
        self._clock = clock
        self._settings = settings
        self.trouble: str | None = None
        """Why the last note was not written, for people; None when it was."""

    async def follow(self) -> None:
        """Judge the plans of each scan that ends; a venue's newer close takes an older one's place.

        A scan of a close that is being judged already, asked for by someone, changes nothing.
        """
        working: dict[str, tuple[datetime, asyncio.Task[None]]] = {}
        try:
            async for fact in self._bus.follow(ScanCompleted):
                if not isinstance(fact, ScanCompleted) or not self._settings.notes_per_scan:
                    continue
                judged, task = working.get(fact.venue, (None, None))
                if judged is not None and task is not None:
                    if fact.as_of <= judged and not task.done():
                        continue
                    await _ended(task)
                working[fact.venue] = fact.as_of, asyncio.create_task(self._notes(fact))
        finally:
            for _, task in working.values():
                await _ended(task)

    async def judge(self, scan: ScanCompleted) -> tuple[AnalystNote, ...]:
        """Judge a scan's best plans, tell the notes, then measure; return what was told."""
        budget = Budget(
            time.monotonic() + self._settings.notes_seconds, self._settings.notes_tokens
        )
        cases: list[_Case] = []
        told: list[AnalystNote] = []
        self.trouble = None
        for plan in self._best(scan):
            if not budget.left():
                self.trouble = "the time or the tokens for this scan's notes are used up"
                break
            try:
                with _span_of(plan):
                    async with asyncio.timeout(budget.seconds()):
                        case = await self._case(plan)
                        note = await self._noted(case, budget) if case is not None else None
            except _MODEL_TROUBLE as error:
                self.trouble = str(error)
                break
            except TimeoutError:
                self.trouble = f"the note on {plan.symbol} came too late and was dropped"
                break
            if case is not None and note is not None:
                cases.append(case)
                told.append(note)
        if self.trouble:
            _log.warning("%s: %s", scan.scan_id, self.trouble)
        else:
            await self._measure(cases, budget)
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

    async def _case(self, plan: TradePlan) -> _Case | None:
        """Gather what a plan is judged by; None when it has ended already."""
        if self._desk.board.ended_by(plan, self._clock.now()):
            return None
        table = await self._desk.of(
            Wanted(plan.venue, (plan.symbol,), (plan.symbol,), changes=False)
        )
        sought = f"{plan.symbol} {plan.direction}"
        recalled = await self._remembering.recall(
            sought,
            venue=plan.venue,
            symbols=(plan.symbol,),
            before=plan.as_of,
            vector=await self._remembering.meaning(sought),
        )
        return _Case(plan, table, recalled)

    async def _noted(self, case: _Case, budget: Budget) -> AnalystNote | None:
        plan = case.plan
        verdict = await self._judge.verdict(plan, case.table, budget, recalled=case.recalled)
        if verdict is None:
            self.trouble = f"the verdict on {plan.symbol} is not in the form that was asked for"
            return None
        # What is stored is told, even if a newer scan comes in between: nobody would tell it later.
        return await asyncio.shield(self._kept_and_told(plan, verdict))

    async def _kept_and_told(self, plan: TradePlan, verdict: Verdict) -> AnalystNote | None:
        vector = await self._remembering.meaning(" ".join(verdict.reasons))
        if not await self._memory.keep_verdict(verdict, vector=vector):
            return None
        if not verdict.reasons:
            self.trouble = f"no reason for {plan.symbol} passed the check"
            return None
        note = AnalystNote(
            venue=plan.venue,
            symbol=plan.symbol,
            simulated=plan.simulated,
            scan_id=plan.scan_id,
            as_of=plan.as_of,
            stance=verdict.stance,
            reasons=verdict.reasons,
            model=verdict.model,
            prompt_version=verdict.prompt_version,
            struck=verdict.struck,
        )
        await self._bus.publish(note)
        return note

    async def _measure(self, cases: Sequence[_Case], budget: Budget) -> None:
        """Ask again as often as the budget lasts; what comes too late is merely not known."""
        try:
            async with asyncio.timeout(budget.seconds()):
                async for verdict in self._asked_again(cases, budget):
                    if verdict is not None:
                        await self._memory.keep_verdict(verdict)
        except _MODEL_TROUBLE as error:
            _log.info("the verdicts are not all measured: %s", error)
        except TimeoutError:
            _log.info("the verdicts are not all measured: the time for this scan's notes is over")

    async def _asked_again(
        self, cases: Sequence[_Case], budget: Budget
    ) -> AsyncGenerator[Verdict | None]:
        for case in cases:
            if self._settings.mirror and budget.left():
                yield await self._judge.verdict(
                    case.plan, mirrored(case.table), budget, mirrored=True
                )
            for attempt in range(1, self._settings.repeats):
                if budget.left():
                    yield await self._judge.verdict(
                        case.plan, case.table, budget, recalled=case.recalled, attempt=attempt
                    )


def _span_of(plan: TradePlan) -> AbstractContextManager[Span]:
    return telemetry.work_on(telemetry.NOTE.format(venue=plan.venue, symbol=plan.symbol), plan)


async def _ended(task: asyncio.Task[None]) -> None:
    """End a scan's notes; what they failed of is raised here, where it is seen."""
    if not task.done():
        task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (failure := task.exception()) is not None:
        raise failure

"""One verdict asked of the model: the plan's facts in, a stance and checked reasons out."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass

from ai_analyst.core.facts import FactTable
from ai_analyst.core.prompts import note_messages, prompt_version
from ai_analyst.core.retrieval import within
from ai_analyst.core.spoken import spoken
from ai_analyst.core.verdicts import Verdict, read_reply
from ai_analyst.core.verifier import check
from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import Model, Piece, Usage
from ai_analyst.settings import AnalystSettings
from common.clock import Clock
from common.domain import TradePlan


@dataclass
class Budget:
    """What is left of the time and the tokens for one scan's verdicts."""

    ends: float
    tokens: int

    def left(self) -> bool:
        """Whether another verdict may be asked for."""
        return time.monotonic() < self.ends and self.tokens > 0

    def seconds(self) -> float:
        """Return how long a verdict may still take."""
        return max(0.0, self.ends - time.monotonic())


class Judge:
    """Asks the model for verdicts at temperature 0 and checks every number of their reasons."""

    def __init__(
        self, *, model: Model, turns: Turns, clock: Clock, settings: AnalystSettings
    ) -> None:
        self._model = model
        self._turns = turns
        self._clock = clock
        self._settings = settings
        self.prompt_version = prompt_version(settings.note_rules)

    async def verdict(
        self,
        plan: TradePlan,
        table: FactTable,
        budget: Budget,
        *,
        recalled: tuple[str, ...] = (),
        attempt: int = 0,
        mirrored: bool = False,
    ) -> Verdict | None:
        """Return a verdict on a plan; None when the answer has not the form that was asked for."""
        reply = read_reply(await self._asked(table, recalled, budget, attempt=attempt))
        if reply is None:
            return None
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
            prompt_version=self.prompt_version,
            facts={fact.id: fact.shown for fact in table},
            asked_at=self._clock.now(),
            attempt=attempt,
            mirrored=mirrored,
        )

    async def _asked(
        self, table: FactTable, recalled: tuple[str, ...], budget: Budget, *, attempt: int
    ) -> str:
        async with self._turns.for_a_note():
            rules = self._settings.note_rules
            room = await self._model.room(note_messages(rules, facts="", recollections=recalled))
            facts = within(table, room * 9 // 10)
            messages = note_messages(rules, facts=facts.rendered(), recollections=recalled)
            answer = ""
            chat = self._model.chat(messages, temperature=0, seed=self._settings.seed + attempt)
            async with aclosing(chat) as pieces:  # type: ignore[type-var]  # models are generators
                async for piece in pieces:
                    match piece:
                        case Piece():
                            answer += piece.text
                        case Usage():
                            budget.tokens -= piece.prompt_tokens + piece.answer_tokens
        return spoken(answer)

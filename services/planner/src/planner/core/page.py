"""What the planner remembers of one contract: its plans' lives, their candles, what it answered."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from common.domain import Bar, Outcome, OutcomeStep, Rejection, ScanKind, Signal, TradePlan
from planner.core.candle import Status
from planner.core.decision import decide
from planner.core.following import catch_up, fall_silent, resume
from planner.core.history import Ending, History, PastPlan
from planner.core.life import Life, Step, begin, supersede
from planner.core.rules import PlanRules
from planner.core.tape import Tapes

Answer = tuple[TradePlan | Rejection | Outcome, ...]

_DECISIONS_KEPT: Final = 8
"""More than a contract gets in the minutes in which a signal may come again; 14 kB each."""
_STEPS_KEPT: Final = 32
_ENDED_KEPT: Final = 4
"""More than end while a cooldown lasts, since it lets none begin; 23 kB each."""


class Page:
    """One contract's page in the planner's book.

    Every message is answered once; the answer is kept, so that the same message coming again is
    answered the same way whatever happened in between.
    """

    def __init__(self, rules: PlanRules) -> None:
        self._rules = rules
        self._lives: dict[str, Life] = {}
        self._tapes = Tapes()
        self._decisions: OrderedDict[str, Answer] = OrderedDict()
        self._steps: OrderedDict[str, Answer] = OrderedDict()
        self._decided_at: datetime | None = None
        self._undo: dict[str, dict[str, Life]] = {}

    @property
    def open_plans(self) -> tuple[TradePlan, ...]:
        """The plans whose end has not been seen."""
        return tuple(life.plan for life in self._lives.values() if life.status is not Status.ENDED)

    def answered(self, signal: Signal) -> bool:
        """Say whether the signal's decision was made before."""
        return signal.scan_id in self._decisions

    def answer_signal(self, signal: Signal) -> Answer:
        """Return the signal's one decision, then what follows from it."""
        if signal.scan_id in self._decisions:
            return self._decisions[signal.scan_id]
        history = History.before(signal.as_of, [_past(life) for life in self._lives.values()])
        decision = decide(signal, history, self._rules)
        if f".{ScanKind.REPLAY}." in signal.scan_id:
            return (decision,)  # a replay shows what would have been decided and changes nothing
        follows: tuple[Outcome, ...] = ()
        if isinstance(decision, TradePlan):
            self._undo = {decision.scan_id: dict(self._lives)}
            follows = self._propose(decision)
        return self._keep(decision, follows)

    def answer_bar(self, bar: Bar) -> Answer:
        """Return what a candle did to the open plans."""
        if bar.key in self._steps:
            return self._steps[bar.key]
        self._tapes.add(bar)
        told = self._catch_up()
        if told:
            _remember(self._steps, bar.key, told, most=_STEPS_KEPT)
        return told

    def silent(self, now: datetime, ends_at: datetime | None = None) -> tuple[Outcome, ...]:
        """Return the ends of plans whose candles have stopped coming; nothing changes yet."""
        return tuple(
            outcome
            for life in self._lives.values()
            for outcome in self._fall_silent(life, now, ends_at)[1]
        )

    def close_silent(self, now: datetime, ends_at: datetime | None = None) -> None:
        """End the plans whose candles have stopped coming, once that has been told."""
        self._each(self._lives, lambda life: self._fall_silent(life, now, ends_at))

    def _fall_silent(self, life: Life, now: datetime, ends_at: datetime | None) -> Step:
        tape = self._tapes.of(life.plan.source)
        return fall_silent(life, now, self._rules.following, tape, ends_at)

    def restore(
        self,
        plans: Iterable[TradePlan],
        outcomes: Sequence[Outcome],
        bars: Iterable[Bar],
        alive_at: datetime,
    ) -> tuple[Outcome, ...]:
        """Rebuild the page from what was published; return what had happened but was not told."""
        self._tapes = Tapes(bars)
        told: list[Outcome] = []
        for plan in sorted(plans, key=lambda one: (one.as_of, one.scan_id)):
            own = [outcome for outcome in outcomes if outcome.scan_id == plan.scan_id]
            life, untold = resume(plan, own, self._tapes.of(plan.source), alive_at)
            told.extend((*self._replace_opposite(plan), *untold))
            self._lives[plan.scan_id] = life
        told.extend(self._catch_up())
        return tuple(told)

    def recall(self, decision: TradePlan | Rejection) -> None:
        """Keep a published decision as the answer to its signal, should that come again."""
        self._keep(decision)

    def forget(self, signal: Signal) -> None:
        """Undo a decision that was never published: its time is over."""
        self._decisions.pop(signal.scan_id, None)
        before = self._undo.pop(signal.scan_id, None)
        if before is not None:
            self._lives = before
            self._catch_up()

    def _propose(self, plan: TradePlan) -> tuple[Outcome, ...]:
        ended = self._replace_opposite(plan)
        self._lives[plan.scan_id], filled = begin(plan)
        return (*ended, *filled, *self._catch_up())

    def _replace_opposite(self, plan: TradePlan) -> tuple[Outcome, ...]:
        opposite = {
            key: life
            for key, life in self._lives.items()
            if life.plan.direction is not plan.direction and life.plan.as_of < plan.as_of
        }
        return self._each(opposite, lambda life: supersede(life, plan))

    def _catch_up(self) -> tuple[Outcome, ...]:
        told = self._each(
            self._lives,
            lambda life: catch_up(life, self._tapes.of(life.plan.source), self._rules.following),
        )
        running = [life for life in self._lives.values() if life.status is not Status.ENDED]
        slowest = min((life.seen_until for life in running), default=None)
        self._tapes.prune(slowest, self._decided_at)
        ended = [key for key, life in self._lives.items() if life.status is Status.ENDED]
        for key in ended[:-_ENDED_KEPT]:
            del self._lives[key]
        return told

    def _each(self, lives: dict[str, Life], step: Callable[[Life], Step]) -> tuple[Outcome, ...]:
        told: list[Outcome] = []
        for key, life in list(lives.items()):
            self._lives[key], outcomes = step(life)
            told.extend(outcomes)
        return tuple(told)

    def _keep(self, decision: TradePlan | Rejection, follows: Answer = ()) -> Answer:
        answer = (decision, *follows)
        _remember(self._decisions, decision.scan_id, answer, most=_DECISIONS_KEPT)
        self._decided_at = max(self._decided_at or decision.as_of, decision.as_of)
        return answer


def _remember(answers: OrderedDict[str, Answer], key: str, answer: Answer, *, most: int) -> None:
    answers[key] = answer
    while len(answers) > most:
        answers.popitem(last=False)


def _past(life: Life) -> PastPlan:
    ending = None
    if life.ending is not None:
        ending = Ending(step=life.ending.step, at=life.ending.as_of)
    elif life.superseded is not None:
        # decided, even if its last candles have not arrived yet
        ending = Ending(step=OutcomeStep.INVALIDATED, at=life.superseded.at)
    return PastPlan(plan=life.plan, ending=ending)

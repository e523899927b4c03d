"""What happens when indicator frames arrive: each becomes exactly one signal."""

from collections.abc import Sequence

from common.domain import Fact, IndicatorFrame
from common.errors import InvalidMessageError
from signals.core.rules import SignalRules
from signals.core.signal import score_frame


class FrameHandler:
    """Score every frame of a batch by itself."""

    def __init__(self, rules: SignalRules) -> None:
        self._rules = rules

    async def handle(self, facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        """Return one signal per frame, in the frames' order."""
        return [[score_frame(_frame(fact), self._rules)] for fact in facts]


def _frame(fact: Fact) -> IndicatorFrame:
    if not isinstance(fact, IndicatorFrame):
        raise InvalidMessageError(f"signals reads IndicatorFrame, was {fact.name()}")
    return fact

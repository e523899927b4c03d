"""The settings of signals: the decision rules it scores by."""

from typing import ClassVar

from common.settings import Section
from signals.core.rules import (
    ConfidenceRules,
    GateRules,
    RegimeRules,
    ScoreRules,
    SignalRules,
    TimeframeRules,
    TrendRules,
    VoteRules,
)


class SignalsSettings(Section):
    """Section `[signals]`: every number a score, a gate or a confidence depends on."""

    section: ClassVar[str] = "signals"

    timeframes: TimeframeRules
    regime: RegimeRules
    votes: VoteRules
    trend: TrendRules
    score: ScoreRules
    gates: GateRules
    confidence: ConfidenceRules

    @property
    def rules(self) -> SignalRules:
        """The same numbers as the core takes them."""
        return SignalRules(
            timeframes=self.timeframes,
            regime=self.regime,
            votes=self.votes,
            trend=self.trend,
            score=self.score,
            gates=self.gates,
            confidence=self.confidence,
        )

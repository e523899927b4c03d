"""A scan's book-keeping: every contract is planned, rejected or failed, exactly once, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from common.domain import (
    Barometer,
    Cluster,
    Decision,
    Direction,
    Failure,
    Regime,
    Rejection,
    RejectionKind,
    ScanCompleted,
    ScanStarted,
    StageTiming,
    TradePlan,
)
from fetcher.core.barometer import read_barometer
from fetcher.core.clusters import Ranked

DEADLINE: Final = "deadline"
FETCHER: Final = "fetcher"
PLANNER: Final = "planner"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the ledger keeps of a decision."""

    scan_id: str
    as_of: datetime
    symbol: str
    direction: Direction | None
    rank: float | None
    """A plan's rank; null for rejections."""
    kind: RejectionKind | None
    score: float | None
    trend_score: float | None
    regime: Regime | None

    @property
    def planned(self) -> bool:
        """Whether it is a plan."""
        return self.rank is not None

    @classmethod
    def of(cls, decision: Decision) -> "Decided":
        """Take down a TradePlan or a Rejection."""
        return cls(
            scan_id=decision.scan_id,
            as_of=decision.as_of,
            symbol=decision.symbol,
            direction=decision.direction,
            rank=decision.rank if isinstance(decision, TradePlan) else None,
            kind=decision.kind if isinstance(decision, Rejection) else None,
            score=decision.score,
            trend_score=decision.trend_score,
            regime=decision.regime,
        )


class ScanLedger:
    """Counts one scan's decisions and failures; what comes first for a contract is final.

    Times are wall seconds since the scan's start.
    """

    def __init__(self, scan: ScanStarted) -> None:
        self.scan = scan
        self._open = dict.fromkeys(scan.symbols)
        self._decided: dict[str, Decided] = {}
        self._failed: dict[str, Failure] = {}
        self._sent: set[str] = set()
        self._trouble: dict[str, str] = {}
        self._stages: dict[str, StageTiming] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The contracts with neither a decision nor a failure."""
        return tuple(self._open)

    @property
    def complete(self) -> bool:
        """Whether every contract is accounted for."""
        return not self._open

    @property
    def plans(self) -> tuple[Ranked, ...]:
        """The plans counted so far."""
        return tuple(
            Ranked(symbol=one.symbol, direction=one.direction, rank=one.rank)
            for one in self._decided.values()
            if one.rank is not None and one.direction is not None
        )

    def sent(self, symbol: str, seconds: float) -> None:
        """Note that a contract's candles are on their way."""
        self._sent.add(symbol)
        self._note_time(FETCHER, seconds)

    def trouble(self, symbol: str, reason: str) -> None:
        """Note what keeps a contract's candles from being sent, until they are."""
        self._trouble[symbol] = reason

    def decide(self, decided: Decided, seconds: float) -> None:
        """Count a decision, unless it is another scan's or its contract is settled already."""
        if decided.scan_id != self.scan.scan_id or decided.symbol not in self._open:
            return
        del self._open[decided.symbol]
        self._decided[decided.symbol] = decided
        self._note_time(PLANNER, seconds)

    def fail(self, symbol: str, stage: str, reason: str) -> None:
        """Count a failure, unless the contract is settled already."""
        if symbol in self._open:
            del self._open[symbol]
            self._failed[symbol] = Failure(symbol=symbol, stage=stage, reason=reason)

    def give_up(self, reason: str) -> None:
        """Name every contract that is still missing as a failure."""
        for symbol in self.missing:
            self.fail(symbol, DEADLINE, f"{reason}: {self._whereabouts(symbol)}")

    def completed(
        self,
        *,
        duration_seconds: float | None,
        bitcoin: str | None,
        next_close: datetime | None,
        clusters: tuple[Cluster, ...] = (),
    ) -> ScanCompleted:
        """Return the account of the whole scan."""
        scan = self.scan
        decisions = [self._decided[name] for name in scan.symbols if name in self._decided]
        return ScanCompleted(
            venue=scan.venue,
            simulated=scan.simulated,
            scan_id=scan.scan_id,
            kind=scan.kind,
            as_of=scan.as_of,
            universe=len(scan.symbols),
            planned=tuple(one.symbol for one in decisions if one.planned),
            **_rejected(decisions),
            failures=tuple(self._failed[name] for name in scan.symbols if name in self._failed),
            duration_seconds=duration_seconds,
            stages=() if duration_seconds is None else tuple(self._stages.values()),
            barometer=self._barometer(decisions, bitcoin),
            clusters=clusters,
            next_close=next_close,
        )

    def _whereabouts(self, symbol: str) -> str:
        if symbol in self._sent:
            return "its candles were sent"
        trouble = self._trouble.get(symbol)
        return f"its candles were not sent ({trouble})" if trouble else "its candles were not sent"

    def _barometer(self, decisions: list[Decided], bitcoin: str | None) -> Barometer:
        return read_barometer(
            decisions,
            scan_id=self.scan.scan_id,
            as_of=self.scan.as_of,
            bitcoin=self._decided.get(bitcoin) if bitcoin else None,
        )

    def _note_time(self, stage: str, seconds: float) -> None:
        before = self._stages.get(stage)
        first = seconds if before is None else min(before.first_seconds, seconds)
        last = seconds if before is None else max(before.last_seconds, seconds)
        self._stages[stage] = StageTiming(stage=stage, first_seconds=first, last_seconds=last)


def _rejected(decisions: list[Decided]) -> Mapping[str, tuple[str, ...]]:
    return {
        str(kind): tuple(one.symbol for one in decisions if one.kind is kind)
        for kind in RejectionKind
    }

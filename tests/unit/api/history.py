"""A history in memory for the web's own tests: it answers what it was given."""

from api.core.answers import Page, ScanView, SymbolDetail
from api.core.queries import (
    OutcomeQuery,
    PlanQuery,
    RejectionQuery,
    ScanQuery,
    SignalQuery,
    SymbolDetailQuery,
    UniverseQuery,
)
from api.core.record import record_of
from common.domain import (
    Outcome,
    OutcomeStep,
    PlanRecord,
    PlanRecordRequest,
    Rejection,
    Signal,
    TradePlan,
    UniverseSnapshot,
)
from common.errors import DatabaseUnavailableError
from tests.support import facts


class GivenHistory:
    """Answers every question with one fact, or not at all while `away`."""

    def __init__(self) -> None:
        self.away = False
        self.failure: Exception | None = None

    async def scans(self, query: ScanQuery) -> Page[ScanView]:
        self._answer(query)
        return Page[ScanView](items=(), simulated=True)

    async def scan(self, scan_id: str) -> ScanView | None:
        self._answer(scan_id)
        return None

    async def signals(self, query: SignalQuery) -> Page[Signal]:
        self._answer(query)
        return Page[Signal](items=(facts.signal(),), simulated=True)

    async def plans(self, query: PlanQuery) -> Page[TradePlan]:
        self._answer(query)
        return Page[TradePlan](items=(facts.plan(),), simulated=True)

    async def rejections(self, query: RejectionQuery) -> Page[Rejection]:
        self._answer(query)
        return Page[Rejection](items=(facts.rejection(),), simulated=True)

    async def outcomes(self, query: OutcomeQuery) -> Page[Outcome]:
        self._answer(query)
        outcome = facts.outcome(facts.plan(), OutcomeStep.STOPPED)
        return Page[Outcome](items=(outcome,), simulated=True)

    async def record(self, request: PlanRecordRequest) -> PlanRecord:
        self._answer(request)
        return record_of((), simulated=True)

    async def symbol(
        self, venue: str, symbol: str, query: SymbolDetailQuery
    ) -> SymbolDetail | None:
        self._answer((venue, symbol, query))
        return None

    async def universe(self, venue: str, query: UniverseQuery) -> UniverseSnapshot | None:
        self._answer((venue, query))
        return facts.universe_snapshot()

    async def simulated(self, venue: str | None = None) -> bool | None:
        self._answer(venue)
        return True

    async def problem(self) -> str | None:
        return "away" if self.away else None

    def _answer(self, _: object) -> None:
        if self.failure is not None:
            raise self.failure
        if self.away:
            raise DatabaseUnavailableError("Postgres does not answer: connection refused")

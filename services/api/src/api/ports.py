"""What the api needs from outside: recorded history, read only."""

from typing import Protocol

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
from common.domain import (
    Outcome,
    PlanRecord,
    PlanRecordRequest,
    Rejection,
    Signal,
    TradePlan,
    UniverseSnapshot,
)


class History(Protocol):
    """Reads what was recorded.

    Every method raises DatabaseUnavailableError when the database is away, and
    InvalidParameterError when a cursor does not fit.
    """

    async def scans(self, query: ScanQuery) -> Page[ScanView]:
        """Return scans, newest first."""

    async def scan(self, scan_id: str) -> ScanView | None:
        """Return one scan, or None."""

    async def signals(self, query: SignalQuery) -> Page[Signal]:
        """Return signals, newest first."""

    async def plans(self, query: PlanQuery) -> Page[TradePlan]:
        """Return plans, highest rank first."""

    async def rejections(self, query: RejectionQuery) -> Page[Rejection]:
        """Return rejections, newest first, then the strongest score first."""

    async def outcomes(self, query: OutcomeQuery) -> Page[Outcome]:
        """Return outcomes, newest first."""

    async def record(self, request: PlanRecordRequest) -> PlanRecord:
        """Return how plans ended, all of them and part by part."""

    async def symbol(
        self, venue: str, symbol: str, query: SymbolDetailQuery
    ) -> SymbolDetail | None:
        """Return the newest of everything about one contract, or None when nothing is known."""

    async def universe(self, venue: str, query: UniverseQuery) -> UniverseSnapshot | None:
        """Return what a venue listed on a day, or None when that was not recorded."""

    async def simulated(self, venue: str | None = None) -> bool | None:
        """Return whether the newest scan is simulated, or None when there is none."""

    async def problem(self) -> str | None:
        """Return why nothing can be read now, or None."""

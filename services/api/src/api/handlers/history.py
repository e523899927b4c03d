"""Questions about recorded history: scans, signals, plans, rejections, outcomes, one contract."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.core.answers import Page, ScanDetail, ScanView, SymbolDetail
from api.core.errors import NotFoundError
from api.core.queries import (
    BoundedScanId,
    Contract,
    OutcomeQuery,
    PlanQuery,
    RejectionQuery,
    ScanQuery,
    SignalQuery,
    SymbolDetailQuery,
)
from api.handlers.parameters import NOT_FOUND, no_parameters
from api.ports import History
from common.domain import KnownVenue, Outcome, Rejection, Signal, TradePlan
from common.telemetry import trace_link


def history_routes(history: History, *, trace_url: str = "") -> APIRouter:
    """Return the routes that read `history`; `trace_url` is where a trace is shown."""
    router = APIRouter(prefix="/v1", tags=["history"])

    @router.get("/scans")
    async def scans(query: Annotated[ScanQuery, Query()]) -> Page[ScanView]:
        """List scans, newest first, with every contract's fate by name."""
        return await history.scans(query)

    @router.get("/scans/{scan_id}", responses=NOT_FOUND, dependencies=[Depends(no_parameters)])
    async def scan(
        scan_id: Annotated[BoundedScanId, Path(description="`{venue}.{close}.{kind}.{number}`")],
    ) -> ScanDetail:
        """Show one scan."""
        found = await history.scan(scan_id)
        if found is None:
            raise NotFoundError(f"no scan is recorded under that name, was {scan_id!r}")
        return ScanDetail(scan=found, simulated=found.simulated)

    @router.get("/signals")
    async def signals(query: Annotated[SignalQuery, Query()]) -> Page[Signal]:
        """List signals, newest first: every score, with the votes it was made of."""
        return await history.signals(query)

    @router.get("/plans")
    async def plans(query: Annotated[PlanQuery, Query()]) -> Page[TradePlan]:
        """List trade plans, highest rank first: confidence times min(net reward/risk, 3).

        Without `scan_id` and `since`: the plans of each venue's newest completed scan. Of contracts
        that move together, the best-ranked alone, unless `best_of_cluster=false`. With `open=true`
        the plans of every scan that have not ended yet.
        """
        return await history.plans(query)

    @router.get("/rejections")
    async def rejections(query: Annotated[RejectionQuery, Query()]) -> Page[Rejection]:
        """List what was not planned and why, gate by gate; newest first, then strongest score.

        Without `scan_id` and `since`: the rejections of each venue's newest completed scan.
        """
        return await history.rejections(query)

    @router.get("/outcomes")
    async def outcomes(query: Annotated[OutcomeQuery, Query()]) -> Page[Outcome]:
        """List the steps in plans' lives, newest first: filled, tp1, stopped, expired and so on."""
        return await history.outcomes(query)

    @router.get("/symbols/{venue}/{symbol}", responses=NOT_FOUND)
    async def symbol(
        venue: Annotated[KnownVenue, Path(description="The venue: `binance`.")],
        symbol: Annotated[Contract, Path(description="The venue's own name: `BTCUSDT`.")],
        query: Annotated[SymbolDetailQuery, Query()],
        response: Response,
    ) -> SymbolDetail:
        """Show one contract: its newest signal, decision, derivatives, open plan and outcomes.

        The `Link` header leads to the decision's trace, where traces are shown.
        """
        found = await history.symbol(venue, symbol, query)
        if found is None:
            raise NotFoundError(f"nothing is recorded about that contract, was {venue}/{symbol}")
        response.headers.update(_trace_header(trace_url, found))
        return found

    return router


def _trace_header(trace_url: str, found: SymbolDetail) -> dict[str, str]:
    decision = found.decision
    address = trace_link(trace_url, decision.scan_id, found.symbol) if decision else None
    return {"Link": f'<{address}>; rel="trace"'} if address else {}

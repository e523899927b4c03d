"""Recorded history, read from Postgres with bounded questions."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.adapters.lives import life_of, plan_rows
from api.adapters.newest import newest_of_symbol
from api.adapters.paging import Order
from api.adapters.selecting import PLAN, at_least, ended, equal, fact_of, lead_of_cluster, since
from api.core.answers import Page, ScanView, SymbolDetail
from api.core.cursors import unseal
from api.core.queries import (
    OutcomeQuery,
    PageQuery,
    PlanQuery,
    RejectionQuery,
    ScanQuery,
    SignalQuery,
    SymbolDetailQuery,
    SymbolQuery,
    UniverseQuery,
)
from api.core.record import record_of
from common import telemetry
from common.database.border import postgres_border
from common.database.tables import DECISIONS, OUTCOMES, SCANS, SIGNALS, UNIVERSE_SNAPSHOTS
from common.domain import (
    Fact,
    Outcome,
    PlanRecord,
    PlanRecordRequest,
    Rejection,
    ScanCompleted,
    ScanKind,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
)
from common.errors import DatabaseUnavailableError, ScannerError

FactType = TypeVar("FactType", bound=Fact)

_STRENGTH: Final = sa.func.coalesce(sa.func.abs(DECISIONS.c.score), -1.0, type_=sa.Double())

_SCANS: Final = Order((SCANS.c.as_of, SCANS.c.number, SCANS.c.scan_id), (datetime, float, str))
_SIGNALS: Final = Order(
    (SIGNALS.c.as_of, SIGNALS.c.scan_id, SIGNALS.c.symbol), (datetime, str, str)
)
_REJECTIONS: Final = Order(
    (DECISIONS.c.as_of, DECISIONS.c.scan_id, _STRENGTH, DECISIONS.c.symbol),
    (datetime, str, float, str),
)
_PLAN_KINDS: Final = (float, str, str)
_OUTCOMES: Final = Order(
    (OUTCOMES.c.occurred_at, OUTCOMES.c.scan_id, OUTCOMES.c.symbol, OUTCOMES.c.step),
    (datetime, str, str, str),
)


class PostgresHistory:
    """Reads history on read-only connections; every method fails with our errors only."""

    def __init__(self, engine: AsyncEngine, *, timeout_seconds: float) -> None:
        self._engine = engine
        self._timeout = timeout_seconds

    async def scans(self, query: ScanQuery) -> Page[ScanView]:
        """Return scans, newest first."""
        select = _scan_select().where(*equal(SCANS, query, "venue"))
        if query.since is not None:
            select = select.where(SCANS.c.as_of >= query.since)
        place = _SCANS.place(query)
        async with self._asking() as connection:
            rows = (await connection.execute(_SCANS.page(select, query, place))).all()
            items = tuple(_scan_view(row) for row in rows[: query.limit])
            return Page[ScanView](
                items=items,
                next_cursor=_SCANS.cursor(rows, query),
                simulated=await _simulated(connection, items, query.venue),
            )

    async def scan(self, scan_id: str) -> ScanView | None:
        """Return one scan, or None."""
        async with self._asking() as connection:
            found = await connection.execute(_scan_select().where(SCANS.c.scan_id == scan_id))
            row = found.one_or_none()
            return None if row is None else _scan_view(row)

    async def signals(self, query: SignalQuery) -> Page[Signal]:
        """Return signals, newest first."""
        select = sa.select(fact_of(SIGNALS)).where(
            *equal(SIGNALS, query, "venue", "symbol", "scan_id", "direction", "candidate"),
            *since(SIGNALS.c.as_of, query),
            *at_least(SIGNALS.c.confidence, query.min_confidence),
        )
        async with self._asking() as connection:
            return await _page(connection, Signal, select, query, _SIGNALS)

    async def plans(self, query: PlanQuery) -> Page[TradePlan]:
        """Return plans, highest rank first."""
        select = sa.select(
            fact_of(DECISIONS),
            DECISIONS.c.rank,
            DECISIONS.c.scan_id,
            DECISIONS.c.symbol,
            sa.func.row_number()
            .over(
                partition_by=(
                    DECISIONS.c.scan_id,
                    sa.func.coalesce(lead_of_cluster(), DECISIONS.c.symbol),
                ),
                order_by=(DECISIONS.c.rank.desc(), DECISIONS.c.symbol.desc()),
            )
            .label("place_in_cluster"),
        ).where(
            DECISIONS.c.kind == PLAN,
            *equal(DECISIONS, query, "venue", "symbol", "scan_id", "direction"),
            *since(DECISIONS.c.as_of, query),
            *at_least(DECISIONS.c.confidence, query.min_confidence),
        )
        if query.open is not None:
            select = select.where(~ended() if query.open else ended())
        async with self._asking() as connection:
            scans = None
            if query.open is None:
                scans = await _scans_meant(connection, query, _PLAN_KINDS)
            if scans is not None:
                select = select.where(DECISIONS.c.scan_id.in_(scans))
            plans = select.subquery()
            order = Order((plans.c.rank, plans.c.scan_id, plans.c.symbol), _PLAN_KINDS)
            chosen = sa.select(plans.c.fact)
            if query.best_of_cluster:
                chosen = chosen.where(plans.c.place_in_cluster == 1)
            return await _page(connection, TradePlan, chosen, query, order, scans=scans or ())

    async def rejections(self, query: RejectionQuery) -> Page[Rejection]:
        """Return rejections, newest first, then the strongest score first."""
        select = sa.select(fact_of(DECISIONS)).where(
            DECISIONS.c.kind != PLAN,
            *equal(DECISIONS, query, "venue", "symbol", "scan_id", "direction", "kind"),
            *since(DECISIONS.c.as_of, query),
        )
        if query.gate is not None:
            select = select.where(DECISIONS.c.refused.contains([query.gate]))
        async with self._asking() as connection:
            scans = await _scans_meant(connection, query, _REJECTIONS.kinds)
            if scans is not None:
                select = select.where(DECISIONS.c.scan_id.in_(scans))
            return await _page(connection, Rejection, select, query, _REJECTIONS, scans=scans or ())

    async def outcomes(self, query: OutcomeQuery) -> Page[Outcome]:
        """Return outcomes, newest first."""
        select = sa.select(fact_of(OUTCOMES)).where(
            *equal(OUTCOMES, query, "venue", "symbol", "scan_id", "step", "final"),
            *since(OUTCOMES.c.occurred_at, query),
        )
        async with self._asking() as connection:
            return await _page(connection, Outcome, select, query, _OUTCOMES)

    async def record(self, request: PlanRecordRequest) -> PlanRecord:
        """Return how plans ended, all of them and part by part."""
        async with self._asking() as connection:
            simulated = await _simulated(connection, (), request.venue)
            rows = await plan_rows(connection, request, simulated=bool(simulated))
        # others are answered while a year's plans are summed up
        return await asyncio.to_thread(record_of, map(life_of, rows), simulated=simulated)

    async def symbol(
        self, venue: str, symbol: str, query: SymbolDetailQuery
    ) -> SymbolDetail | None:
        """Return the newest of everything about one contract, or None when nothing is known."""
        async with self._asking() as connection:
            return await newest_of_symbol(connection, venue, symbol, query)

    async def universe(self, venue: str, query: UniverseQuery) -> UniverseSnapshot | None:
        """Return what a venue listed on a day, or None when that was not recorded."""
        table = UNIVERSE_SNAPSHOTS
        select = sa.select(fact_of(table)).where(table.c.venue == venue)
        if query.day is not None:
            select = select.where(table.c.day == query.day)
        async with self._asking() as connection:
            found = await connection.execute(select.order_by(table.c.day.desc()).limit(1))
            text = found.scalar_one_or_none()
            return None if text is None else UniverseSnapshot.model_validate_json(text)

    async def simulated(self, venue: str | None = None) -> bool | None:
        """Return whether the newest scan is simulated, or None when there is none."""
        async with self._asking() as connection:
            return await _simulated(connection, (), venue)

    async def problem(self) -> str | None:
        """Ask Postgres for a scan: it must answer, and the tables must be there."""
        try:
            await self.simulated()
        except ScannerError as error:
            return str(error)
        return None

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(self._timeout):
                with telemetry.work(telemetry.POSTGRES_READ), postgres_border():
                    async with self._engine.connect() as connection:
                        yield connection
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                f"Postgres must answer within {self._timeout} s, was slower"
            ) from error


async def _page(
    connection: AsyncConnection,
    kind: type[FactType],
    select: sa.Select[Any],
    query: PageQuery,
    order: Order,
    *,
    scans: Sequence[str] = (),
) -> Page[FactType]:
    statement = order.page(select, query, order.place(query))
    rows = (await connection.execute(statement)).all()
    items = tuple(kind.model_validate_json(row.fact) for row in rows[: query.limit])
    return Page[kind](  # type: ignore[valid-type]  # a generic model is built from the class at hand
        items=items,
        next_cursor=order.cursor(rows, query, scans=scans),
        simulated=await _simulated(connection, items, query.venue),
    )


async def _scans_meant(
    connection: AsyncConnection, query: SymbolQuery, kinds: Sequence[type[Any]]
) -> Sequence[str] | None:
    if query.scan_id is not None or query.since is not None:
        return None
    if query.cursor is not None:
        # Later pages stay with the scans of the first one, whatever completes meanwhile.
        return unseal(query.cursor, filters=query.filters, kinds=kinds).scans
    newest = (
        sa.select(SCANS.c.scan_id)
        .ext(distinct_on(SCANS.c.venue))
        .where(SCANS.c.completed.is_not(None), SCANS.c.kind != ScanKind.REPLAY)
        .where(*equal(SCANS, query, "venue"))
        .order_by(SCANS.c.venue, SCANS.c.as_of.desc(), SCANS.c.number.desc())
    )
    return (await connection.execute(newest)).scalars().all()


async def _simulated(
    connection: AsyncConnection, items: Sequence[Any], venue: str | None
) -> bool | None:
    if items:
        return any(item.simulated for item in items)
    newest = sa.select(SCANS.c.simulated).order_by(SCANS.c.as_of.desc()).limit(1)
    if venue is not None:
        newest = newest.where(SCANS.c.venue == venue)
    return (await connection.execute(newest)).scalar_one_or_none()


def _scan_select() -> sa.Select[Any]:
    return sa.select(
        SCANS.c.scan_id,
        SCANS.c.venue,
        SCANS.c.simulated,
        SCANS.c.kind,
        SCANS.c.as_of,
        SCANS.c.started.cast(sa.Text).label("started"),
        SCANS.c.completed.cast(sa.Text).label("completed"),
    )


def _scan_view(row: sa.Row[Any]) -> ScanView:
    started, completed = row.started, row.completed
    return ScanView(
        scan_id=row.scan_id,
        venue=row.venue,
        simulated=row.simulated,
        kind=ScanKind(row.kind),
        as_of=row.as_of,
        started=None if started is None else ScanStarted.model_validate_json(started),
        completed=None if completed is None else ScanCompleted.model_validate_json(completed),
    )

"""The newest of everything about one contract, from one connection."""

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from api.adapters.selecting import PLAN, ended, fact_of
from api.core.answers import Candle, Candles, SymbolDetail
from api.core.queries import SymbolDetailQuery
from common.database.tables import (
    ANALYST_NOTES,
    CANDLES,
    DECISIONS,
    DELISTINGS,
    DERIVATIVES,
    OUTCOMES,
    SIGNALS,
)
from common.domain import (
    AnalystNote,
    Delisting,
    Derivatives,
    Fact,
    Outcome,
    Rejection,
    Signal,
    Source,
    Timeframe,
    TradePlan,
)
from common.telemetry import trace_id_of

FactType = TypeVar("FactType", bound=Fact)


async def newest_of_symbol(
    connection: AsyncConnection, venue: str, symbol: str, query: SymbolDetailQuery
) -> SymbolDetail | None:
    """Return the newest facts of one contract, or None when there is not one."""
    contract = _Contract(connection, venue, symbol)
    signal = await contract.newest(Signal, SIGNALS, *_by_scan(SIGNALS))
    decision = await contract.newest_decision()
    derivatives = await contract.newest(Derivatives, DERIVATIVES, DERIVATIVES.c.observed_at.desc())
    delisting = await contract.newest(Delisting, DELISTINGS, DELISTINGS.c.ends_at.desc())
    note = await contract.newest(AnalystNote, ANALYST_NOTES, *_by_scan(ANALYST_NOTES))
    outcomes = await contract.outcomes(query.outcome_limit)
    known = (signal, decision, derivatives, delisting, note, *outcomes)
    told = [fact for fact in known if fact is not None]
    candles = None
    if query.candles is not None:
        candles = await contract.candles(query.candles, query.candle_limit)
    if not told and not (candles and candles.items):
        return None
    return SymbolDetail(
        venue=venue,
        symbol=symbol,
        simulated=any(fact.simulated for fact in told) if told else None,
        signal=signal,
        decision=decision,
        trace_id=trace_id_of(decision.scan_id, symbol) if decision is not None else None,
        derivatives=derivatives,
        delisting=delisting,
        open_plan=await contract.open_plan(),
        note=note,
        outcomes=outcomes,
        candles=candles,
    )


class _Contract:
    def __init__(self, connection: AsyncConnection, venue: str, symbol: str) -> None:
        self._connection = connection
        self._venue = venue
        self._symbol = symbol

    async def newest(
        self, kind: type[FactType], table: sa.Table, *order: sa.ColumnElement[Any]
    ) -> FactType | None:
        select = sa.select(fact_of(table)).where(self._is_in(table))
        found = await self._connection.execute(select.order_by(*order).limit(1))
        text = found.scalar_one_or_none()
        return None if text is None else kind.model_validate_json(text)

    async def newest_decision(self) -> TradePlan | Rejection | None:
        select = (
            sa.select(DECISIONS.c.kind, fact_of(DECISIONS))
            .where(self._is_in(DECISIONS))
            .order_by(*_by_scan(DECISIONS))
            .limit(1)
        )
        row = (await self._connection.execute(select)).one_or_none()
        if row is None:
            return None
        kind = TradePlan if row.kind == PLAN else Rejection
        return kind.model_validate_json(row.fact)

    async def open_plan(self) -> TradePlan | None:
        select = (
            sa.select(fact_of(DECISIONS))
            .where(self._is_in(DECISIONS), DECISIONS.c.kind == PLAN, ~ended())
            .order_by(*_by_scan(DECISIONS))
            .limit(1)
        )
        text = (await self._connection.execute(select)).scalar_one_or_none()
        return None if text is None else TradePlan.model_validate_json(text)

    async def outcomes(self, limit: int) -> tuple[Outcome, ...]:
        select = (
            sa.select(fact_of(OUTCOMES))
            .where(self._is_in(OUTCOMES))
            .order_by(OUTCOMES.c.occurred_at.desc(), OUTCOMES.c.scan_id.desc(), OUTCOMES.c.step)
            .limit(limit)
        )
        found = (await self._connection.execute(select)).scalars()
        return tuple(Outcome.model_validate_json(text) for text in found)

    async def candles(self, timeframe: Timeframe, limit: int) -> Candles:
        select = (
            sa.select(CANDLES)
            .where(self._is_in(CANDLES), CANDLES.c.timeframe == timeframe)
            .order_by(CANDLES.c.open_time.desc())
            .limit(limit)
        )
        rows = (await self._connection.execute(select)).all()
        return Candles(
            timeframe=timeframe,
            items=tuple(
                Candle(
                    open_time=row.open_time,
                    open=row.open,
                    high=row.high,
                    low=row.low,
                    close=row.close,
                    volume=row.volume,
                    source=Source(row.source),
                )
                for row in reversed(rows)
            ),
        )

    def _is_in(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.venue == self._venue, table.c.symbol == self._symbol)


def _by_scan(table: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    number = sa.cast(sa.func.split_part(table.c.scan_id, ".", 4), sa.BigInteger)
    return table.c.as_of.desc(), number.desc(), table.c.scan_id.desc()

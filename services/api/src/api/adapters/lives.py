"""What became of plans, read in one question: each plan beside the steps that were told of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from api.adapters.selecting import PLAN, equal, since
from api.core.record import Ending, FirstTarget, PlanLife
from common.database.tables import DECISIONS, OUTCOMES
from common.domain import (
    Direction,
    EntryKind,
    Eta,
    OutcomeStep,
    PlanRecordRequest,
    Regime,
    ScanKind,
)

_FILLED: Final = OUTCOMES.alias("filled")
_REACHED: Final = OUTCOMES.alias("reached")
_ENDED: Final = OUTCOMES.alias("ended")
_HOUR: Final = timedelta(hours=1)


async def plan_rows(
    connection: AsyncConnection, request: PlanRecordRequest, *, simulated: bool
) -> Sequence[sa.Row[Any]]:
    """Return the plans that are asked for, each with what was told of it so far."""
    plans: sa.Select[Any] = (
        sa.select(
            DECISIONS.c.venue,
            DECISIONS.c.direction,
            DECISIONS.c.fact["entry"]["kind"].astext.label("entry"),
            DECISIONS.c.regime,
            DECISIONS.c.confidence,
            DECISIONS.c.as_of,
            _FILLED.c.occurred_at.label("filled_at"),
            _REACHED.c.occurred_at.label("reached_at"),
            # a fact is read whole for any part of it: only where the part is needed
            sa.case(
                (_REACHED.c.step.is_not(None), DECISIONS.c.fact["targets"][0]["eta"].cast(sa.Text))
            ).label("eta"),
            _ENDED.c.step,
            _ENDED.c.occurred_at.label("ended_at"),
            _ENDED.c.net_r,
        )
        .ext(distinct_on(DECISIONS.c.venue, DECISIONS.c.symbol, DECISIONS.c.as_of))
        .outerjoin(_FILLED, _of_plan(_FILLED, _FILLED.c.step == OutcomeStep.FILLED))
        .outerjoin(_REACHED, _of_plan(_REACHED, _REACHED.c.step == OutcomeStep.TP1))
        .outerjoin(_ENDED, _of_plan(_ENDED, _ENDED.c.final))
        .where(DECISIONS.c.kind == PLAN, DECISIONS.c.simulated == simulated)
        # what a replay decides is followed by nobody
        .where(sa.func.split_part(DECISIONS.c.scan_id, ".", 3) != ScanKind.REPLAY)
        .where(
            *equal(DECISIONS, request, "venue", "symbol", "direction"),
            *since(DECISIONS.c.as_of, request),
            *([] if request.until is None else [DECISIONS.c.as_of < request.until]),
        )
        # a scan that is forced again decides on the same close again: no second plan to count
        .order_by(
            DECISIONS.c.venue,
            DECISIONS.c.symbol,
            DECISIONS.c.as_of,
            sa.func.split_part(DECISIONS.c.scan_id, ".", 4).cast(sa.BigInteger),
            DECISIONS.c.scan_id,
            _ENDED.c.occurred_at,
        )
    )
    rows: Sequence[sa.Row[Any]] = (await connection.execute(plans)).all()
    return rows


def life_of(row: sa.Row[Any]) -> PlanLife:
    """Read a plan's life from its row."""
    reached = row.reached_at is not None and row.filled_at is not None
    return PlanLife(
        venue=row.venue,
        direction=Direction(row.direction),
        entry=EntryKind(row.entry),
        regime=None if row.regime is None else Regime(row.regime),
        confidence=row.confidence,
        proposed_at=row.as_of,
        entered=row.filled_at is not None,
        first_target=FirstTarget(
            hours=(row.reached_at - row.filled_at) / _HOUR, told=Eta.model_validate_json(row.eta)
        )
        if reached
        else None,
        ending=None
        if row.step is None
        else Ending(step=OutcomeStep(row.step), at=row.ended_at, net_r=row.net_r),
    )


def _of_plan(table: sa.FromClause, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    same = (table.c[name] == DECISIONS.c[name] for name in ("venue", "symbol", "scan_id"))
    return sa.and_(*same, which)

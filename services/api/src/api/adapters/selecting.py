"""Pieces of questions: what several selects ask for, and only where it is asked for."""

from typing import Any, Final

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import JSONB

from api.core.queries import SymbolQuery
from common.database.tables import DECISIONS, OUTCOMES, SCANS
from common.domain import PlanRecordRequest

PLAN: Final = "plan"
"""The kind of a decision that is a plan."""


def fact_of(table: sa.Table) -> sa.Label[str]:
    """Return the fact a row was made of, as text."""
    return table.c.fact.cast(sa.Text).label("fact")


def ended() -> sa.ColumnElement[bool]:
    """Say that a decision's plan has ended."""
    return sa.exists().where(
        OUTCOMES.c.venue == DECISIONS.c.venue,
        OUTCOMES.c.symbol == DECISIONS.c.symbol,
        OUTCOMES.c.scan_id == DECISIONS.c.scan_id,
        OUTCOMES.c.final,
    )


def lead_of_cluster() -> sa.ScalarSelect[str]:
    """Return who leads the cluster of a decision's plan; null for a plan that is in none."""
    # Read from the scan's account when it is asked for: a plan is recorded before or after it.
    clusters = sa.func.jsonb_array_elements(SCANS.c.completed["clusters"]).table_valued(
        sa.column("value", JSONB)
    )
    cluster = clusters.c.value
    return (
        sa.select(cluster["lead"].astext)
        .select_from(SCANS, clusters)
        .where(SCANS.c.scan_id == DECISIONS.c.scan_id)
        .where(cluster["symbols"].has_key(DECISIONS.c.symbol))
        .scalar_subquery()
        .correlate(DECISIONS)
    )


def equal(table: sa.Table, query: BaseModel, *names: str) -> list[sa.ColumnElement[bool]]:
    """Ask for what the named columns must be, those that the question leaves open left out."""
    wanted = ((table.c[name], getattr(query, name)) for name in names)
    return [column == value for column, value in wanted if value is not None]


def since(
    column: sa.ColumnElement[Any], query: SymbolQuery | PlanRecordRequest
) -> list[sa.ColumnElement[bool]]:
    """Ask for a time not before the question's, where it has one."""
    return [] if query.since is None else [column >= query.since]


def at_least(column: sa.ColumnElement[Any], least: float | None) -> list[sa.ColumnElement[bool]]:
    """Ask for a value that is at least so much, where a least one is given."""
    return [] if least is None else [column >= least]

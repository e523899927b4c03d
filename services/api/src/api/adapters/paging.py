"""Keyset pages: each list has one total order, and a page begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.core.cursors import Place, Value, seal, unseal
from api.core.queries import PageQuery


@dataclass(frozen=True)
class Order:
    """What a list is ordered by, every column descending; together the columns are unique."""

    columns: tuple[sa.ColumnElement[Any], ...]
    kinds: tuple[type[Value], ...]

    def place(self, query: PageQuery) -> Place | None:
        """Return where the page before ended, or None on the first page."""
        if query.cursor is None:
            return None
        return unseal(query.cursor, filters=query.filters, kinds=self.kinds)

    def page(self, select: sa.Select[Any], query: PageQuery, place: Place | None) -> sa.Select[Any]:
        """Return one page of `select` and one row more, which says whether there is another."""
        keyed = select.add_columns(
            *(column.label(f"order_{number}") for number, column in enumerate(self.columns))
        )
        if place is not None:
            reached = (
                sa.literal(value, column.type)
                for value, column in zip(place.after, self.columns, strict=True)
            )
            keyed = keyed.where(sa.tuple_(*self.columns) < sa.tuple_(*reached))
        return keyed.order_by(*(column.desc() for column in self.columns)).limit(query.limit + 1)

    def cursor(
        self, rows: Sequence[sa.Row[Any]], query: PageQuery, *, scans: Sequence[str] = ()
    ) -> str | None:
        """Return where this page ends, or None when there is nothing behind it."""
        if len(rows) <= query.limit:
            return None
        last = rows[query.limit - 1]
        after = tuple(last[-len(self.columns) :])
        return seal(Place(after, tuple(scans)), filters=query.filters)

"""What is left after a run: the facts the streams keep, and the rows of Postgres."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.database.tables import METADATA
from common.domain import Fact, WatchList
from recorder.app import STREAMS as RECORDED
from recorder.core.records import newest as newest_of
from recorder.core.records import record_of
from tests.support.system import System

_BLOCKS = ("CandleSet", "Bar")
"""Facts that become candles, not rows of their own."""


@dataclass(kw_only=True)
class Evidence:
    """Both sides of the books."""

    facts: list[Fact]
    """All that the streams of JSON facts keep, doubles included, in the order of each stream."""
    rows: dict[str, Counter[str]]
    """Of every table, each whole fact in canonical JSON; of scans, its two halves."""
    forgotten: frozenset[str] = frozenset()
    """Streams that were let forget: Postgres holds more of these."""
    open_in_postgres: frozenset[tuple[str, str]] = frozenset()
    """Symbol and scan of plans without an end."""
    watched: frozenset[str] | None = None
    """The planner's newest watch list."""
    poison: frozenset[tuple[str, int, str]] = field(default_factory=frozenset)

    def of(self, *kinds: type[Fact]) -> list[Any]:
        """Return the facts of some kinds."""
        return [fact for fact in self.facts if isinstance(fact, kinds)]


async def gather(
    system: System, *, forgotten: frozenset[str], poison: frozenset[tuple[str, int, str]]
) -> Evidence:
    """Read both sides once nothing moves any more."""
    facts: list[Fact] = []
    for kinds in RECORDED:
        told = tuple(kind for kind in kinds if kind.__name__ not in _BLOCKS)
        if told:
            facts += [fact async for fact in system.bus.replay(*told)]
    watched = [fact async for fact in system.bus.latest(WatchList) if isinstance(fact, WatchList)]
    return Evidence(
        facts=facts,
        rows=await asyncio.to_thread(_rows, system),
        forgotten=forgotten,
        open_in_postgres=await asyncio.to_thread(_open_plans, system),
        watched=frozenset(watched[-1].since) if watched else None,
        poison=poison,
    )


def expected_rows(facts: Sequence[Fact]) -> dict[str, Counter[str]]:
    """Return what the tables must hold when these facts were told."""
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in newest_of(record_of(fact) for fact in facts):
        columns = ("started", "completed") if record.table == "scans" else ("fact",)
        for column in columns:
            body = record.values[column]
            if body is not None:
                rows[record.table][canonical(json.loads(body))] += 1
    return dict(rows)


def canonical(body: object) -> str:
    """Write JSON in one way only; Postgres' numbers know no negative zero."""
    return json.dumps(json.loads(json.dumps(body), parse_float=_unsigned), sort_keys=True)


def _unsigned(number: str) -> float:
    return float(number) + 0.0


def _rows(system: System) -> dict[str, Counter[str]]:
    rows: dict[str, Counter[str]] = {}
    for name, table in METADATA.tables.items():
        columns = [one for one in ("fact", "started", "completed") if one in table.columns]
        if columns:
            found = system.rows(f"SELECT {', '.join(columns)} FROM {name}")
            rows[name] = Counter(
                canonical(body) for row in found for body in row if body is not None
            )
    return rows


def _open_plans(system: System) -> frozenset[tuple[str, str]]:
    found = system.rows(
        "SELECT symbol, scan_id FROM decisions AS plan WHERE kind = 'plan' AND NOT EXISTS ("
        "SELECT 1 FROM outcomes WHERE outcomes.venue = plan.venue AND final "
        "AND outcomes.symbol = plan.symbol AND outcomes.scan_id = plan.scan_id)"
    )
    return frozenset((str(symbol), str(scan_id)) for symbol, scan_id in found)

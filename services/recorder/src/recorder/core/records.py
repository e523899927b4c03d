"""From a fact to its row: the scalars a table keeps as columns, and the whole fact as JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from common.domain import (
    AnalystNote,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanFact,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
    Verdict,
)
from common.errors import InvalidDataError

PLAN: Final = "plan"
"""The kind of a decision that is a TradePlan; a Rejection has its own kinds."""


@dataclass(frozen=True)
class Record:
    """One row for one table: a value for every column named, JSON columns as text."""

    table: str
    key: tuple[object, ...]
    values: Mapping[str, Any]


def record_of(fact: Fact) -> Record:
    """Return the row a fact becomes; CandleSet and Bar are blocks of candles instead."""
    return _RECORDERS[type(fact)](fact)


def newest(records: Iterable[Record]) -> list[Record]:
    """Keep one record per table and key: the newest as_of, of equal ones the last one told.

    A scan's start and end are two facts of one row: they are laid over each other.
    """
    kept: dict[tuple[object, ...], Record] = {}
    for record in records:
        place = (record.table, *record.key)
        kept[place] = _merged(kept[place], record) if place in kept else record
    return list(kept.values())


def _merged(before: Record, after: Record) -> Record:
    if before.table == "scans":
        told = {name: value for name, value in after.values.items() if value is not None}
        return Record("scans", after.key, {**before.values, **told})
    older = "as_of" in after.values and after.values["as_of"] < before.values["as_of"]
    return before if older else after


def _scan_key(fact: ScanFact, *more: str) -> tuple[object, ...]:
    return (fact.venue, fact.symbol, fact.scan_id, *more)


def _common(fact: ScanFact) -> dict[str, Any]:
    return {
        "venue": fact.venue,
        "symbol": fact.symbol,
        "scan_id": fact.scan_id,
        "as_of": fact.as_of,
        "simulated": fact.simulated,
        "fact": fact.model_dump_json(),
    }


def _derivatives(fact: Derivatives) -> Record:
    return Record(
        "derivatives",
        (fact.venue, fact.symbol, fact.observed_at),
        {
            "venue": fact.venue,
            "symbol": fact.symbol,
            "observed_at": fact.observed_at,
            "simulated": fact.simulated,
            "mark_price": fact.mark_price,
            "funding_rate_8h": fact.funding_rate_8h,
            "open_interest_usd": fact.open_interest_usd,
            "fact": fact.model_dump_json(),
            "basis_bps": fact.basis_bps,
            "open_interest": fact.open_interest,
            "quadrant_4h": fact.quadrant_4h,
            "long_short_ratio": fact.long_short_ratio,
        },
    )


def _universe(fact: UniverseSnapshot) -> Record:
    return Record(
        "universe_snapshots",
        (fact.venue, fact.day),
        {
            "venue": fact.venue,
            "day": fact.day,
            "as_of": fact.as_of,
            "simulated": fact.simulated,
            "included": list(fact.included),
            "listed": len(fact.contracts),
            "fact": fact.model_dump_json(),
        },
    )


def _delisting(fact: Delisting) -> Record:
    return Record(
        "delistings",
        (fact.venue, fact.symbol, fact.ends_at),
        {
            "venue": fact.venue,
            "symbol": fact.symbol,
            "ends_at": fact.ends_at,
            "observed_at": fact.observed_at,
            "simulated": fact.simulated,
            "fact": fact.model_dump_json(),
        },
    )


def _signal(fact: Signal) -> Record:
    return Record(
        "signals",
        _scan_key(fact),
        {
            **_common(fact),
            "scan_close": close_of(fact.scan_id),
            "direction": fact.direction,
            "score": fact.score,
            "trend_score": fact.trend_score,
            "confidence": fact.confidence,
            "candidate": fact.candidate,
            "regime": fact.regime,
            "coverage": fact.coverage,
            "quality": fact.quality.score,
        },
    )


def _decision(fact: TradePlan | Rejection) -> Record:
    plan = fact if isinstance(fact, TradePlan) else None
    return Record(
        "decisions",
        _scan_key(fact),
        {
            **_common(fact),
            "kind": fact.kind if isinstance(fact, Rejection) else PLAN,
            "direction": fact.direction,
            "score": fact.score,
            "trend_score": fact.trend_score,
            "confidence": fact.confidence,
            "regime": fact.regime,
            "rank": plan and plan.rank,
            "net_rr": plan and plan.net_rr,
            "expires_at": plan and plan.expires_at,
            "refused": [gate.name for gate in fact.gates if gate.verdict is Verdict.REFUSED],
        },
    )


def _outcome(fact: Outcome) -> Record:
    return Record(
        "outcomes",
        _scan_key(fact, fact.step),
        {
            **_common(fact),
            "step": fact.step,
            "occurred_at": fact.occurred_at,
            "direction": fact.direction,
            "final": fact.step.final,
            "gross_r": fact.gross_r,
            "net_r": fact.net_r,
        },
    )


def _note(fact: AnalystNote) -> Record:
    return Record(
        "analyst_notes",
        _scan_key(fact, fact.model),
        {**_common(fact), "model": fact.model, "stance": fact.stance},
    )


def _scan(fact: ScanStarted | ScanCompleted) -> Record:
    body = fact.model_dump_json()
    return Record(
        "scans",
        (fact.scan_id,),
        {
            "scan_id": fact.scan_id,
            "venue": fact.venue,
            "kind": fact.kind,
            "as_of": fact.as_of,
            "number": int(fact.scan_id.rpartition(".")[2]),
            "simulated": fact.simulated,
            "started": body if isinstance(fact, ScanStarted) else None,
            "completed": body if isinstance(fact, ScanCompleted) else None,
        },
    )


def _resources(fact: ResourceUsage) -> Record:
    return Record(
        "resources",
        (fact.service, fact.instance, fact.at),
        {
            "service": fact.service,
            "instance": fact.instance,
            "at": fact.at,
            "scan_id": fact.scan_id,
            "cpu_seconds": fact.cpu_seconds,
            "core_equivalents": fact.core_equivalents,
            "rss_peak_bytes": fact.rss_peak_bytes,
            "fact": fact.model_dump_json(),
        },
    )


def _dead_letter(fact: DeadLetter) -> Record:
    digest = sha256(fact.key.encode()).hexdigest()
    return Record(
        "dead_letters",
        (digest,),
        {
            "digest": digest,
            "service": fact.service,
            "subject": _storable(fact.subject),
            "stream_sequence": fact.stream_sequence,
            "venue": fact.venue,
            "symbol": fact.symbol,
            "scan_id": fact.scan_id,
            "reason": _storable(fact.reason),
            "fact": _without_escaped_nul(fact.model_dump_json()),
        },
    )


_RECORDERS: Final[Mapping[type[Fact], Callable[[Any], Record]]] = {
    Derivatives: _derivatives,
    UniverseSnapshot: _universe,
    Delisting: _delisting,
    Signal: _signal,
    TradePlan: _decision,
    Rejection: _decision,
    Outcome: _outcome,
    AnalystNote: _note,
    ScanStarted: _scan,
    ScanCompleted: _scan,
    ResourceUsage: _resources,
    DeadLetter: _dead_letter,
}


def close_of(scan_id: str) -> datetime:
    """Read the close time back from a scan's name: `binance.20260101T040000Z.scheduled.0`."""
    try:
        return datetime.strptime(scan_id.split(".")[1], "%Y%m%dT%H%M%S%z")
    except ValueError as error:
        raise InvalidDataError(f"scan_id must hold a real close time, was {scan_id!r}") from error


# A dead letter must always be storable, or it would become a dead letter of its own, and so on:
# Postgres has no NUL in text or in jsonb.
def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _without_escaped_nul(json: str) -> str:
    return json.replace("\\u0000", "\\ufffd")

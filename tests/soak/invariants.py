"""What must hold after any run, whatever was broken on the way; each breach is one sentence."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from common.domain import (
    DeadLetter,
    Decision,
    Outcome,
    Rejection,
    ScanCompleted,
    ScanStarted,
    TradePlan,
)
from common.streams import stream_of
from common.subjects import fact_at
from recorder.core.records import record_of
from tests.soak.evidence import Evidence, expected_rows

_SHOWN = 300


def breaches(evidence: Evidence) -> list[str]:
    """Return every breach found."""
    return [
        *_scans_account_for_their_universe(evidence),
        *_nothing_is_doubled(evidence),
        *_postgres_equals_the_streams(evidence),
        *_only_poison_is_set_aside(evidence),
        *_open_plans_agree(evidence),
    ]


def _scans_account_for_their_universe(evidence: Evidence) -> Iterator[str]:
    started = {scan.scan_id: scan for scan in evidence.of(ScanStarted)}
    completed = {scan.scan_id: scan for scan in evidence.of(ScanCompleted)}
    decided: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision in evidence.of(TradePlan, Rejection):
        decided[decision.scan_id][f"{decision.symbol} {_kind(decision)}"] += 1
    for name in started.keys() ^ completed.keys():
        yield f"{name} was {'started' if name in started else 'completed'} only"
    for name in started.keys() & completed.keys():
        end = completed[name]
        told = Counter(
            f"{symbol} {kind}"
            for kind, symbols in (
                ("plan", end.planned),
                ("blocked", end.blocked),
                ("no_setup", end.no_setup),
                ("no_data", end.no_data),
            )
            for symbol in symbols
        )
        failed = Counter(failure.symbol for failure in end.failures)
        account = Counter(one.split()[0] for one in told.elements()) + failed
        if account != Counter(started[name].symbols):
            yield f"{name} accounts for {account} of {started[name].symbols}"
        if told != decided[name]:
            yield f"{name} tells {told - decided[name]} and the stream {decided[name] - told}"
    for name in decided.keys() - started.keys():
        yield f"{name} was never started and has decisions"


def _nothing_is_doubled(evidence: Evidence) -> Iterator[str]:
    for key, times in Counter(fact.key for fact in evidence.facts).items():
        if times > 1:
            yield f"{key} lies {times} times in its stream"


def _postgres_equals_the_streams(evidence: Evidence) -> Iterator[str]:
    wanted = expected_rows(evidence.facts)
    forgotten = {
        record_of(fact).table
        for fact in evidence.facts
        if stream_of(type(fact)).name in evidence.forgotten
    }
    for table in wanted.keys() | evidence.rows.keys():
        told, kept = wanted.get(table, Counter()), evidence.rows.get(table, Counter())
        missing, more = told - kept, kept - told
        if missing:
            first = next(iter(missing))
            nearest = max(more, key=lambda one: _likeness(first, one), default="nothing like it")
            yield (
                f"{table} lacks {missing.total()} facts, first {first[:_SHOWN]}; unlike the "
                f"nearest row: {_unlike(first, nearest)[:_SHOWN]}"
            )
        if more and table not in forgotten:
            yield f"{table} has {more.total()} facts too many, first {next(iter(more))[:_SHOWN]}"


def _only_poison_is_set_aside(evidence: Evidence) -> Iterator[str]:
    found: Counter[tuple[str, int, str]] = Counter()
    for letter in evidence.of(DeadLetter):
        kind = fact_at(letter.subject)
        stream = stream_of(kind).name if kind is not None else "?"
        found[stream, letter.stream_sequence, letter.service] += 1
        if (stream, letter.stream_sequence, letter.service) not in evidence.poison:
            yield f"{letter.service} set {letter.subject} aside: {letter.reason}"
    for place in evidence.poison - found.keys():
        yield f"the poison {place} was not set aside"


def _open_plans_agree(evidence: Evidence) -> Iterator[str]:
    ended = {(one.symbol, one.scan_id) for one in evidence.of(Outcome) if one.step.final}
    told = {(one.symbol, one.scan_id) for one in evidence.of(TradePlan)} - ended
    if told != evidence.open_in_postgres:
        yield f"open plans differ: {told ^ evidence.open_in_postgres}"
    if evidence.watched is not None and {symbol for symbol, _ in told} != evidence.watched:
        yield f"watched contracts differ: {({one for one, _ in told}) ^ evidence.watched}"


def _kind(decision: Decision) -> str:
    return str(decision.kind) if isinstance(decision, Rejection) else "plan"


def _likeness(one: str, other: str) -> int:
    return len(_fields(one) & _fields(other))


def _unlike(told: str, kept: str) -> str:
    return f"{sorted(_fields(told) - _fields(kept))} told, {sorted(_fields(kept) - _fields(told))}"


def _fields(body: str) -> set[str]:
    try:
        return set(_flat(json.loads(body)))
    except ValueError:
        return {body}


def _flat(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{place}]")
    else:
        yield f"{path} = {value!r}"

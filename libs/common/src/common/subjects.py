"""The only place where subjects are spelled: every fact has one pattern, every subject is derived.

`{context}.{fact}.{venue}.{symbol}`: lower case, then the venue's own symbol id as bots type it.
"""

import re
from typing import Final

from common.domain import (
    FACTS,
    AnalystNote,
    Bar,
    CandleSet,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    Heartbeat,
    IndicatorFrame,
    Marks,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
    WatchList,
)

PATTERNS: Final[dict[type[Fact], str]] = {
    CandleSet: "market.candles.{venue}.{symbol}",
    Bar: "market.bars.{venue}.{symbol}.{timeframe}",
    Derivatives: "market.derivatives.{venue}.{symbol}",
    Marks: "market.marks.{venue}",
    UniverseSnapshot: "market.universe.{venue}",
    Delisting: "market.delistings.{venue}.{symbol}",
    IndicatorFrame: "indicators.frame.{venue}.{symbol}",
    Signal: "signals.scored.{venue}.{symbol}",
    TradePlan: "plans.proposed.{venue}.{symbol}",
    Rejection: "plans.rejected.{venue}.{symbol}",
    Outcome: "plans.outcome.{venue}.{symbol}",
    WatchList: "plans.watching.{venue}",
    AnalystNote: "analyst.note.{venue}.{symbol}",
    ScanStarted: "scans.started.{venue}",
    ScanCompleted: "scans.completed.{venue}",
    ResourceUsage: "ops.resources.{service}",
    Heartbeat: "ops.heartbeat.{service}",
    DeadLetter: "ops.dead-letter.{service}",
}

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_BY_NAME: Final = {fact.name(): fact for fact in FACTS}


def subject_of(fact: Fact) -> str:
    """Return the subject `fact` is told under."""
    return PATTERNS[type(fact)].format_map(
        {field: getattr(fact, field) for field in _PLACEHOLDER.findall(PATTERNS[type(fact)])}
    )


def wildcard(fact: type[Fact], **tokens: str) -> str:
    """Return the subscription for a kind of fact, narrowed by tokens such as `venue="binance"`."""
    unknown = tokens.keys() - set(_PLACEHOLDER.findall(PATTERNS[fact]))
    if unknown:
        raise ValueError(f"{fact.__name__} has no subject token {sorted(unknown)}")
    return _PLACEHOLDER.sub(lambda found: tokens.get(found[1], "*"), PATTERNS[fact])


def tokens_of(subject: str) -> dict[str, str]:
    """Read venue, symbol and the like back from a subject; empty when no fact lives there."""
    fact = fact_at(subject)
    if fact is None:
        return {}
    return {
        place[1:-1]: token
        for place, token in zip(PATTERNS[fact].split("."), subject.split("."), strict=True)
        if place.startswith("{")
    }


def fact_at(subject: str) -> type[Fact] | None:
    """Return the kind of fact told under `subject`, or None."""
    return next((fact for fact in FACTS if _matches(PATTERNS[fact], subject)), None)


def fact_named(name: str) -> type[Fact] | None:
    """Return the kind of fact a `Fact` header names (`Signal/1`), or None."""
    return _BY_NAME.get(name)


def _matches(pattern: str, subject: str) -> bool:
    places, tokens = pattern.split("."), subject.split(".")
    return len(places) == len(tokens) and all(_fits(*pair) for pair in zip(places, tokens))  # noqa: B905 - lengths compared above


def _fits(place: str, token: str) -> bool:
    return place == token or (place.startswith("{") and bool(token))

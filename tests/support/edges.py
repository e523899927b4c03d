"""Which span is whose child: the one table of what a symbol's trace through a scan looks like.

A span is written as service, kind and the first words of its name, as Jaeger's search shows it.
"""

from typing import Final

from tests.support.otlp import CollectedSpan

Edge = tuple[str, str]
UNFINISHED: Final = "unknown"
"""A parent that has not arrived: it is still at work, or it never was."""

FETCH: Final = "fetcher INTERNAL fetch"
_TOLD: Final = "planner PRODUCER plans"
_NOTE: Final = "ai-analyst INTERNAL note"
_WRITE: Final = "recorder INTERNAL postgres write"

SCAN: Final[frozenset[Edge]] = frozenset(
    {
        ("", FETCH),
        (FETCH, "fetcher CLIENT venue request"),
        (FETCH, "fetcher PRODUCER market.candles"),
        (FETCH, "fetcher PRODUCER market.derivatives"),
        ("fetcher PRODUCER market.candles", "indicators CONSUMER market.candles"),
        ("indicators CONSUMER market.candles", "indicators PRODUCER indicators.frame"),
        ("indicators PRODUCER indicators.frame", "signals CONSUMER indicators.frame"),
        ("signals CONSUMER indicators.frame", "signals PRODUCER signals.scored"),
        ("signals PRODUCER signals.scored", "planner CONSUMER signals.scored"),
        ("planner CONSUMER signals.scored", _TOLD),
        ("fetcher PRODUCER market.candles", "recorder CONSUMER market.candles"),
        ("fetcher PRODUCER market.derivatives", "recorder CONSUMER market.derivatives"),
        ("signals PRODUCER signals.scored", "recorder CONSUMER signals.scored"),
        (_TOLD, "recorder CONSUMER plans"),
        ("recorder CONSUMER market.candles", _WRITE),
        ("recorder CONSUMER market.derivatives", _WRITE),
        ("recorder CONSUMER signals.scored", _WRITE),
        ("recorder CONSUMER plans", _WRITE),
    }
)
"""Every symbol's, from the venue's answers to the rows; `plans` is the plan or the rejection."""

NOTE: Final[frozenset[Edge]] = frozenset(
    {
        (_TOLD, _NOTE),
        (_NOTE, "ai-analyst CLIENT chat"),
        (_NOTE, "ai-analyst INTERNAL postgres write"),
        (_NOTE, "ai-analyst PRODUCER analyst.note"),
        ("ai-analyst PRODUCER analyst.note", "recorder CONSUMER analyst.note"),
        ("recorder CONSUMER analyst.note", _WRITE),
    }
)
"""A plan's besides, on which the analyst wrote a note."""

SOMETIMES: Final[frozenset[Edge]] = frozenset(
    {
        # the contract's bars are followed, for it has an open plan; `plans` is what became of it
        (FETCH, "fetcher PRODUCER market.bars"),
        ("fetcher PRODUCER market.bars", "recorder CONSUMER market.bars"),
        ("recorder CONSUMER market.bars", _WRITE),
        ("fetcher PRODUCER market.bars", "planner CONSUMER market.bars"),
        ("planner CONSUMER market.bars", _TOLD),
        (_TOLD, "ai-analyst CONSUMER plans"),
        ("ai-analyst CONSUMER plans", "ai-analyst INTERNAL postgres write"),
        # the analyst looks at its memory and asks for what its facts lack
        (_NOTE, "ai-analyst INTERNAL postgres read"),
        (_NOTE, "ai-analyst CLIENT embeddings"),
        (_NOTE, "ai-analyst PRODUCER indicators.request"),
        ("ai-analyst PRODUCER indicators.request", "indicators CONSUMER indicators.request"),
        (_NOTE, "ai-analyst PRODUCER fetcher.request"),
        ("ai-analyst PRODUCER fetcher.request", "fetcher CONSUMER fetcher.request"),
        ("fetcher CONSUMER fetcher.request", "fetcher CLIENT venue request"),
    }
)
"""What may come besides."""


def edges(spans: list[CollectedSpan]) -> set[Edge]:
    """Return who is whose child in a trace."""
    roles = {span.span_id: role(span) for span in spans} | {"": ""}
    return {(roles.get(span.parent_id, UNFINISHED), roles[span.span_id]) for span in spans}


def role(span: CollectedSpan) -> str:
    """Write a span as the table does: without venues, symbols and models."""
    tokens = span.name.split(".")
    if " " in tokens[0]:
        what = (
            span.name.split()[0]
            if span.kind == "CLIENT" and span.service != "fetcher"
            else span.name
        )
    else:
        what = tokens[0] if tokens[0] in {"fetch", "plans", "note"} else ".".join(tokens[:2])
    return f"{span.service} {span.kind} {what}"

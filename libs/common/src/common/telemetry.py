"""One trace per symbol per scan: the names of spans and attributes, and where spans are sent.

A span of the bus is named by its subject, every other one by `SPANS`; `ATTRIBUTES` are all there
are. Trace context is written into headers and read from them by the bus over NATS alone, through
`published` and `received`. Only stored facts and questions are traced: heartbeats and marks would
drown them.

The trace of a symbol's scan bears an id that follows from the two names: whoever reads a plan, in
the database or on the screen, can find its trace.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from typing_extensions import override

from common.subjects import tokens_of

SCOPE: Final = "scanner"

SCAN_ID: Final = "scan.id"
VENUE: Final = "market.venue"
SYMBOL: Final = "market.symbol"
MESSAGE_ID: Final = "messaging.message.id"
ATTEMPT: Final = "messaging.delivery.attempt"
BATCH_SIZE: Final = "messaging.batch.message_count"
ATTRIBUTES: Final = frozenset({SCAN_ID, VENUE, SYMBOL, MESSAGE_ID, ATTEMPT, BATCH_SIZE})

FETCH: Final = "fetch.{venue}.{symbol}"
"""From the venue's answers to the CandleSet: the root of a symbol's trace."""
BATCH: Final = "{consumer} batch"
"""Work done for several messages at once; it and the messages' spans are linked both ways."""
POSTGRES_READ: Final = "postgres read"
POSTGRES_WRITE: Final = "postgres write"
"""One visit to the database; SQLAlchemy 2.1 is newer than its instrumentation."""
SPANS: Final = (FETCH, BATCH, POSTGRES_READ, POSTGRES_WRITE)

ENDPOINT_VARIABLE: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
TIMEOUT_VARIABLE: Final = "OTEL_EXPORTER_OTLP_TIMEOUT"

_EXPORT_SECONDS: Final = 2.0
"""A collector that does not answer must not keep a service from ending in time."""

_TRACER: Final = trace.get_tracer(SCOPE)
_WANTED: Final[ContextVar[int | None]] = ContextVar("wanted_trace_id", default=None)
"""The id of the trace that begins now."""


def trace_id_of(scan_id: str, symbol: str) -> str:
    """Return the id of a symbol's trace through a scan, as Jaeger spells it."""
    return hashlib.blake2b(f"{scan_id} {symbol}".encode(), digest_size=16).hexdigest()


def configure(environment: Mapping[str, str], *, service: str, instance: str) -> Callable[[], None]:
    """Send spans where OTEL_EXPORTER_OTLP_ENDPOINT says; without it every span is a no-op.

    Returns what sends the last spans before the process ends.
    """
    if not environment.get(ENDPOINT_VARIABLE):
        return lambda: None
    # The exporter takes a second to import: only who exports waits for it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class Ids(RandomIdGenerator):
        @override
        def generate_trace_id(self) -> int:
            return _WANTED.get() or super().generate_trace_id()

    patience = float(environment.get(TIMEOUT_VARIABLE, _EXPORT_SECONDS))
    resource = Resource.create({"service.name": service, "service.instance.id": instance})
    provider = TracerProvider(resource=resource, id_generator=Ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=patience)))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def trace_link(template: str, scan_id: str, symbol: str) -> str | None:
    """Return where a symbol's trace is shown: an address with `{trace_id}`; None when empty."""
    return template.replace("{trace_id}", trace_id_of(scan_id, symbol)) or None


@contextmanager
def work(
    name: str, *, scan_id: str | None = None, venue: str | None = None, symbol: str | None = None
) -> Iterator[Span]:
    """Open a span for work that no message caused, such as fetching one symbol's candles.

    Of a named scan and symbol it begins their trace, unless it belongs to one already.
    """
    named = {SCAN_ID: scan_id, VENUE: venue, SYMBOL: symbol}
    attributes = {name: value for name, value in named.items() if value is not None}
    wanted = int(trace_id_of(scan_id, symbol), 16) if scan_id and symbol else None
    before = _WANTED.set(wanted)
    try:
        span = _TRACER.start_span(name, attributes=attributes)
    finally:
        _WANTED.reset(before)
    with trace.use_span(span, end_on_exit=True):
        yield span


@contextmanager
def batch(consumer: str, messages: Sequence[Span]) -> Iterator[Span]:
    """Open the span of work done for several messages at once, linked with each message's span."""
    name = BATCH.format(consumer=consumer)
    links = [Link(message.get_span_context()) for message in messages]
    attributes = {BATCH_SIZE: len(messages)}
    with _TRACER.start_as_current_span(
        name, context=Context(), links=links, attributes=attributes
    ) as span:
        for message in messages:
            message.add_link(span.get_span_context())
        yield span


@contextmanager
def published(subject: str, headers: MutableMapping[str, str]) -> Iterator[Span]:
    """Open the span of a message being published and write its context into the headers."""
    with _TRACER.start_as_current_span(
        subject, kind=SpanKind.PRODUCER, attributes=_attributes(subject, headers)
    ) as span:
        propagate.inject(headers)
        yield span


def received(subject: str, headers: Mapping[str, str], *, attempt: int) -> Span:
    """Start the span of a delivered message, a child of the span that published it."""
    return _TRACER.start_span(
        subject,
        context=propagate.extract(headers, context=Context()),
        kind=SpanKind.CONSUMER,
        attributes={**_attributes(subject, headers), ATTEMPT: attempt},
    )


def failed(span: Span, reason: str) -> None:
    """Mark a message's span as failed."""
    span.set_status(Status(StatusCode.ERROR, reason))


def current_trace_id() -> str | None:
    """Return the trace being worked in as Jaeger spells it, or None."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


def _attributes(subject: str, headers: Mapping[str, str]) -> dict[str, str]:
    tokens = tokens_of(subject)
    named = {
        SCAN_ID: headers.get("Scan-Id"),
        MESSAGE_ID: headers.get("Nats-Msg-Id"),
        VENUE: tokens.get("venue"),
        SYMBOL: tokens.get("symbol"),
    }
    return {name: value for name, value in named.items() if value is not None}

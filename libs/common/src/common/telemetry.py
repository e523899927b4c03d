"""One trace per symbol per scan: the names of spans and attributes, and how spans are opened.

A span of the bus is named by its subject, every other one by `SPANS`; `ATTRIBUTES` are all there
are. Trace context is written into headers and read from them by the bus over NATS alone, through
`published` and `received`. Only stored facts and questions are traced: heartbeats and marks would
drown them.

The trace of a symbol's scan bears an id that follows from the two names: whoever reads a plan, in
the database or on the screen, can find its trace. The span that tells a decision bears one that
follows from its key: work on a plan read long after its message joins the line where it belongs.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from common.domain import Rejection, TradePlan
from common.subjects import fact_at, tokens_of

SCOPE: Final = "scanner"

SCAN_ID: Final = "scan.id"
VENUE: Final = "market.venue"
SYMBOL: Final = "market.symbol"
MESSAGE_ID: Final = "messaging.message.id"
ATTEMPT: Final = "messaging.delivery.attempt"
BATCH_SIZE: Final = "messaging.batch.message_count"
PATH: Final = "url.path"
STATUS: Final = "http.response.status_code"
OPERATION: Final = "gen_ai.operation.name"
MODEL: Final = "gen_ai.request.model"
PROVIDER: Final = "gen_ai.provider.name"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
FIRST_WORD_SECONDS: Final = "model.first_word_seconds"
"""From the question to the first thought or word: waiting, loading and reading."""
WRITING_SECONDS: Final = "model.writing_seconds"
"""From the first word to the last."""
ATTRIBUTES: Final = frozenset(
    {
        *(SCAN_ID, VENUE, SYMBOL, MESSAGE_ID, ATTEMPT, BATCH_SIZE, PATH, STATUS),
        *(OPERATION, MODEL, PROVIDER, INPUT_TOKENS, OUTPUT_TOKENS),
        *(FIRST_WORD_SECONDS, WRITING_SECONDS),
    }
)

FETCH: Final = "fetch.{venue}.{symbol}"
"""From the venue's answers to the CandleSet: the root of a symbol's trace."""
VENUE_REQUEST: Final = "venue request"
"""One request to the venue, each attempt apart; waiting for the allowance is not in it."""
BATCH: Final = "{consumer} batch"
"""Work done for several messages at once; it and the messages' spans are linked both ways."""
POSTGRES_READ: Final = "postgres read"
POSTGRES_WRITE: Final = "postgres write"
"""One visit to the database; SQLAlchemy 2.1 is newer than its instrumentation."""
NOTE: Final = "note.{venue}.{symbol}"
"""The analyst's verdict on a plan, from its facts to the told note."""
MODEL_CALL: Final = "{operation} {model}"
"""One question to a language model: `chat qwen3:4b`, `embeddings nomic-embed-text`."""
SPANS: Final = (FETCH, VENUE_REQUEST, BATCH, POSTGRES_READ, POSTGRES_WRITE, NOTE, MODEL_CALL)

HTTP_ATTRIBUTES: Final = frozenset(
    {
        *("asgi.event.type", "http.flavor", "http.host", "http.method", "http.route"),
        *("http.scheme", "http.server_name", "http.status_code", "http.target", "http.url"),
        *("http.user_agent", "net.host.port", "net.peer.ip", "net.peer.port"),
    }
)
"""What OpenTelemetry's instrumentation of FastAPI tells of a request."""

WANTED_TRACE: Final[ContextVar[int | None]] = ContextVar("wanted_trace_id", default=None)
"""The id of the trace that begins now."""
WANTED_SPAN: Final[ContextVar[int | None]] = ContextVar("wanted_span_id", default=None)
"""The id of the span that begins now."""
_TRACER: Final = trace.get_tracer(SCOPE)
_IN_HAND: Final[ContextVar[Sequence[Span]]] = ContextVar("messages_in_hand", default=())
"""The messages a batch is made of."""
_DECISIONS: Final = (TradePlan, Rejection)


def trace_id_of(scan_id: str, symbol: str) -> str:
    """Return the id of a symbol's trace through a scan, as Jaeger spells it."""
    return hashlib.blake2b(f"{scan_id} {symbol}".encode(), digest_size=16).hexdigest()


def trace_link(template: str, scan_id: str, symbol: str) -> str | None:
    """Return where a symbol's trace is shown: an address with `{trace_id}`; None when empty."""
    return template.replace("{trace_id}", trace_id_of(scan_id, symbol)) or None


@contextmanager
def work(
    name: str,
    *,
    scan_id: str | None = None,
    venue: str | None = None,
    symbol: str | None = None,
) -> Iterator[Span]:
    """Open a span for work that no message caused, such as fetching one symbol's candles.

    Of a named scan and symbol it begins their trace, unless it belongs to one already.
    """
    named = {SCAN_ID: scan_id, VENUE: venue, SYMBOL: symbol}
    attributes = {name: value for name, value in named.items() if value is not None}
    wanted = int(trace_id_of(scan_id, symbol), 16) if scan_id and symbol else None
    before = WANTED_TRACE.set(wanted)
    try:
        span = _TRACER.start_span(name, attributes=attributes)
    finally:
        WANTED_TRACE.reset(before)
    with trace.use_span(span, end_on_exit=True):
        yield span


@contextmanager
def work_on(name: str, plan: TradePlan) -> Iterator[Span]:
    """Open a span for work on a plan, a child of the span that told it."""
    attributes = {SCAN_ID: plan.scan_id, VENUE: plan.venue, SYMBOL: plan.symbol}
    context = trace.set_span_in_context(NonRecordingSpan(_teller_of(plan)))
    with _TRACER.start_as_current_span(name, context=context, attributes=attributes) as span:
        yield span


@contextmanager
def shared_work(name: str) -> Iterator[None]:
    """Open a span for work done for every message in hand, and one below each message's own."""
    began, status = time.time_ns(), Status(StatusCode.UNSET)
    try:
        with work(name):
            yield
    except BaseException as error:
        status = Status(StatusCode.ERROR, repr(error))
        raise
    finally:
        for message in _IN_HAND.get():
            if message.is_recording():
                context = trace.set_span_in_context(message)
                span = _TRACER.start_span(name, context=context, start_time=began)
                span.set_status(status)
                span.end()


@contextmanager
def model_call(operation: str, *, model: str, provider: str) -> Iterator[Span]:
    """Open the span of one question to a language model.

    It is not the current span: an answer is read piece by piece between other work.
    """
    span = _TRACER.start_span(
        MODEL_CALL.format(operation=operation, model=model),
        kind=SpanKind.CLIENT,
        attributes={OPERATION: operation, MODEL: model, PROVIDER: provider},
    )
    try:
        yield span
    except Exception as error:
        failed(span, str(error))
        raise
    finally:
        span.end()


@contextmanager
def venue_request(venue: str) -> Iterator[None]:
    """Open the span of one request to the venue; outside a trace, as for mark prices, none."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    with _TRACER.start_as_current_span(
        VENUE_REQUEST, kind=SpanKind.CLIENT, attributes={VENUE: venue}
    ):
        yield


def answered(*, path: str, status: int) -> None:
    """Note on the current span which address answered, and how."""
    trace.get_current_span().set_attributes({PATH: path, STATUS: status})


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
        before = _IN_HAND.set(messages)
        try:
            yield span
        finally:
            _IN_HAND.reset(before)


@contextmanager
def published(subject: str, headers: MutableMapping[str, str]) -> Iterator[Span]:
    """Open the span of a message being published and write its context into the headers."""
    key = headers.get("Nats-Msg-Id")
    wanted = _span_id_of(key) if key and fact_at(subject) in _DECISIONS else None
    before = WANTED_SPAN.set(wanted)
    try:
        span = _TRACER.start_span(
            subject, kind=SpanKind.PRODUCER, attributes=_attributes(subject, headers)
        )
    finally:
        WANTED_SPAN.reset(before)
    with trace.use_span(span, end_on_exit=True):
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


def _span_id_of(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) or 1


def _teller_of(plan: TradePlan) -> SpanContext:
    trace_id = int(trace_id_of(plan.scan_id, plan.symbol), 16)
    # Whether the line is kept follows from its id, so it is asked for as the fetcher was.
    sampler = getattr(trace.get_tracer_provider(), "sampler", None)
    kept = sampler is not None and sampler.should_sample(None, trace_id, "").decision.is_sampled()
    flags = TraceFlags(TraceFlags.SAMPLED if kept else TraceFlags.DEFAULT)
    return SpanContext(trace_id, _span_id_of(plan.key), is_remote=True, trace_flags=flags)


def _attributes(subject: str, headers: Mapping[str, str]) -> dict[str, str]:
    tokens = tokens_of(subject)
    named = {
        SCAN_ID: headers.get("Scan-Id"),
        MESSAGE_ID: headers.get("Nats-Msg-Id"),
        VENUE: tokens.get("venue"),
        SYMBOL: tokens.get("symbol"),
    }
    return {name: value for name, value in named.items() if value is not None}
